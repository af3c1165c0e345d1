#include "twilio/call_recordings.h"

#include "unit/twilio/fake_api.h"

#include <gtest/gtest.h>

namespace carevoice::twilio {
namespace {

using namespace std::chrono_literals;
using tests::account_sid;
using tests::FakeApi;

const CallSid call_sid("CA00000000000000000000000000000001");
const std::string recording_sid = "RE00000000000000000000000000000001";
const std::string account = "/2010-04-01/Accounts/" + account_sid;
constexpr const char* not_found = R"({"code":20404,"message":"not found","status":404})";
constexpr const char* not_eligible = R"({"code":21220,"message":"not eligible for recording","status":400})";

Deadline soon() {
    return Deadline::in(20s);
}

class CallRecordingsTest : public testing::Test {
protected:
    Result<std::string> start() {
        return api_.ask(api_.recordings().start(call_sid, "https://voice.example.org/r/1", soon()));
    }
    Result<std::string> fetch() { return api_.ask(api_.recordings().fetch(recording_sid, soon())); }
    Result<> remove() { return api_.ask(api_.recordings().remove(recording_sid, soon())); }
    net::HttpRequest sent() { return api_.requests().back(); }
    FakeApi api_;
};

TEST_F(CallRecordingsTest, StartsBothSidesInTheirOwnChannels) {
    api_.answers(201, R"({"sid":")" + recording_sid + R"(","status":"in-progress"})");
    EXPECT_EQ(start().value(), recording_sid);
    EXPECT_EQ(sent().target, account + "/Calls/" + call_sid.str() + "/Recordings.json");
    const auto form = net::parse_form(sent().body).value();
    EXPECT_EQ(net::find_field(form, "RecordingChannels"), "dual");
    EXPECT_EQ(net::find_field(form, "RecordingStatusCallback"), "https://voice.example.org/r/1");
    EXPECT_EQ(net::find_field(form, "RecordingStatusCallbackEvent"), "in-progress completed absent");
    EXPECT_TRUE(sent().headers.find("Authorization")->starts_with("Basic "));
}

TEST_F(CallRecordingsTest, SaysWhetherACallIsRecordedAfterAFailure) {
    api_.answers(400, not_eligible);
    EXPECT_EQ(start().error().code, Errc::conflict);
    api_.answers(429, "{}");
    EXPECT_EQ(start().error().code, Errc::unavailable);
    api_.answers(500, "{}");
    EXPECT_EQ(start().error().code, Errc::timed_out);  // it may record
    api_.answers(201, "{}");
    EXPECT_EQ(start().error().code, Errc::timed_out);
    EXPECT_EQ(api_.requests().size(), 4U);
}

TEST_F(CallRecordingsTest, FetchesAudioAndNothingElse) {
    api_.answers(200, "RIFF....WAVE");
    EXPECT_EQ(fetch().value(), "RIFF....WAVE");
    EXPECT_EQ(sent().target, account + "/Recordings/" + recording_sid + ".wav");
    api_.answers(404, not_found);
    EXPECT_EQ(fetch().error().code, Errc::not_found);
    api_.answers(200, "<html>please sign in</html>");
    EXPECT_EQ(fetch().error().code, Errc::unavailable);
    api_.answers(302, "");
    EXPECT_TRUE(fetch().has_error());
    api_.answers(503, "");
    EXPECT_EQ(fetch().error().code, Errc::unavailable);
    api_.answers(401, "");
    EXPECT_EQ(fetch().error().code, Errc::unauthorised);
}

TEST_F(CallRecordingsTest, DeletesAndTakesGoneForDeleted) {
    api_.answers(204, "");
    EXPECT_TRUE(remove());
    EXPECT_EQ(sent().method, "DELETE");
    EXPECT_EQ(sent().target, account + "/Recordings/" + recording_sid + ".json");
    api_.answers(404, not_found);
    EXPECT_TRUE(remove());
    api_.answers(500, "");
    EXPECT_EQ(remove().error().code, Errc::unavailable);
}

TEST_F(CallRecordingsTest, FindsTheNewestOfACall) {
    api_.answers(200, R"({"recordings":[{"sid":")" + recording_sid + R"("},{"sid":"RE2"}]})");
    EXPECT_EQ(api_.ask(api_.recordings().find(call_sid, soon())).value(), recording_sid);
    api_.answers(200, R"({"recordings":[]})");
    EXPECT_EQ(api_.ask(api_.recordings().find(call_sid, soon())).error().code, Errc::not_found);
    api_.answers(200, R"({})");
    EXPECT_EQ(api_.ask(api_.recordings().find(call_sid, soon())).error().code, Errc::corrupt);
}

TEST_F(CallRecordingsTest, StopsWhatGoesOn) {
    api_.answers(200, R"({"sid":")" + recording_sid + R"(","status":"stopped"})");
    EXPECT_TRUE(api_.ask(api_.recordings().stop(call_sid, soon())));
    EXPECT_EQ(sent().target, account + "/Calls/" + call_sid.str() + "/Recordings/Twilio.CURRENT.json");
    EXPECT_EQ(sent().body, "Status=stopped");
}

}  // namespace
}  // namespace carevoice::twilio
