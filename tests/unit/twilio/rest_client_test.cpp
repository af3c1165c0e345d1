#include "twilio/rest_client.h"

#include "core/log.h"
#include "core/text.h"
#include "unit/twilio/fake_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace carevoice::twilio {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::account_sid;
using tests::FakeApi;

using Tcp = boost::asio::ip::tcp;

const CallSid call_sid("CA00000000000000000000000000000001");
const std::string patient = "+14155550123";

CallRequest dial() {
    return {.to = patient,
            .from = "+12125550100",
            .voice_url = "https://voice.example.org/v/1",
            .status_url = "https://voice.example.org/s/1",
            .amd_url = "https://voice.example.org/a/1",
            .ring_seconds = 25,
            .max_seconds = 600};
}

std::string call_json(const std::string& sid, const std::string& started, const std::string& to = patient) {
    const std::string time = started.empty() ? "null" : '"' + started + '"';
    return R"({"sid":")" + sid + R"(","status":"ringing","to":")" + to + R"(","start_time":)" + time +
           R"(,"date_created":"Tue, 14 Oct 2025 15:04:00 +0000"})";
}

std::string page_json(const std::string& calls, const std::string& next = "null") {
    return R"({"calls":[)" + calls + R"(],"next_page_uri":)" + next + "}";
}

Deadline soon() {
    return Deadline::in(20s);
}

class RestClientTest : public testing::Test {
protected:
    net::FormFields form_sent() { return net::parse_form(api.requests().back().body).value(); }
    Result<CallSid> create(Deadline deadline = soon()) {
        return api.ask(api.telephony().create_call(dial(), deadline));
    }
    Result<RemoteCall> fetch(Deadline deadline = soon()) {
        return api.ask(api.telephony().fetch_call(call_sid, deadline));
    }

    FakeApi api;
};

/// Accepts one connection, reads the request's head, sends `reply` and hangs up.
class RudeServer {
public:
    explicit RudeServer(std::string reply) : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
        thread_ = std::jthread([this, text = std::move(reply)] {
            boost::system::error_code failure;
            Tcp::socket socket(context_);
            acceptor_.accept(socket, failure);
            std::string head;
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(head), "AsyncAmd=true", failure);
            boost::asio::write(socket, boost::asio::buffer(text), failure);
        });
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::io_context context_;
    Tcp::acceptor acceptor_;
    std::jthread thread_;
};

TEST_F(RestClientTest, DialsWithEveryCallback) {
    api.answers(201, R"({"sid":"CA7","status":"queued"})");
    EXPECT_EQ(create().value().str(), "CA7");
    const auto request = api.requests().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/2010-04-01/Accounts/" + account_sid + "/Calls.json");
    const std::string pair = account_sid + ":" + tests::auth_token;
    EXPECT_EQ(request.headers.find("Authorization"), "Basic " + base64_encode(std::as_bytes(std::span(pair))));
    EXPECT_EQ(request.headers.find("Content-Type"), "application/x-www-form-urlencoded");
    const net::FormFields expected{{"To", patient},
                                   {"From", "+12125550100"},
                                   {"Url", "https://voice.example.org/v/1"},
                                   {"Method", "POST"},
                                   {"Timeout", "25"},
                                   {"TimeLimit", "600"},
                                   {"StatusCallback", "https://voice.example.org/s/1"},
                                   {"StatusCallbackMethod", "POST"},
                                   {"StatusCallbackEvent", "initiated"},
                                   {"StatusCallbackEvent", "ringing"},
                                   {"StatusCallbackEvent", "answered"},
                                   {"StatusCallbackEvent", "completed"},
                                   {"MachineDetection", "DetectMessageEnd"},
                                   {"AsyncAmd", "true"},
                                   {"AsyncAmdStatusCallback", "https://voice.example.org/a/1"},
                                   {"AsyncAmdStatusCallbackMethod", "POST"}};
    EXPECT_EQ(form_sent(), expected);
    EXPECT_EQ(api.metrics().value("carevoice_twilio_requests_total{operation=create_call,outcome=ok}"), 1);
}

TEST_F(RestClientTest, DialsWithoutMachineDetectionWhenNobodyListensToIt) {
    api.answers(201, R"({"sid":"CA7"})");
    auto request = dial();
    request.amd_url.clear();
    EXPECT_TRUE(api.ask(api.telephony().create_call(request, soon())));
    EXPECT_FALSE(net::find_field(form_sent(), "MachineDetection"));
}

TEST_F(RestClientTest, RefusesACallThatCannotBeDialledBeforeSendingAnything) {
    const auto field_of = [&](CallRequest request) {
        return api.ask(api.telephony().create_call(std::move(request), soon())).error().field;
    };
    auto request = dial();
    request.to = "+1415555\r\nX: 1";
    EXPECT_EQ(field_of(request), "to");
    request = dial();
    request.from = "nobody";
    EXPECT_EQ(field_of(request), "from");
    request = dial();
    request.ring_seconds = 4;
    EXPECT_EQ(field_of(request), "ring_seconds");
    EXPECT_TRUE(api.requests().empty());
}

TEST_F(RestClientTest, PassesOnTwiliosRefusal) {
    api.answers(400, R"({"code":21211,"message":"The 'To' number +14155550123 is not valid.","status":400})");
    const auto error = create().error();
    EXPECT_EQ(error.code, Errc::rejected);
    EXPECT_EQ(error.provider_code, 21211);
    EXPECT_EQ(error.detail, "Twilio: The 'To' number [number] is not valid.");
    EXPECT_EQ(api.metrics().value("carevoice_twilio_requests_total{operation=create_call,outcome=rejected}"), 1);
}

TEST_F(RestClientTest, StopsAtWrongCredentials) {
    api.answers(401, R"({"code":20003,"message":"Authenticate","status":401})");
    EXPECT_EQ(fetch().error().code, Errc::unauthorised);
    EXPECT_EQ(api.requests().size(), 1U);
}

TEST_F(RestClientTest, NeverDialsTwiceAfterAServerError) {
    api.answers(503, "<html>gateway</html>");
    EXPECT_EQ(create().error().code, Errc::timed_out);
    EXPECT_EQ(api.requests().size(), 1U);
}

TEST_F(RestClientTest, DialsAgainWhenTwilioWasOnlyBusy) {
    net::Headers at_once;
    at_once.add("Retry-After", "0");
    api.answers(429, R"({"code":20429,"message":"Too Many Requests","status":429})", at_once);
    api.answers(201, R"({"sid":"CA7"})");
    EXPECT_TRUE(create());
    EXPECT_EQ(api.requests().size(), 2U);
    EXPECT_EQ(api.metrics().value("carevoice_twilio_requests_total{operation=create_call,outcome=ok}"), 1);
}

TEST_F(RestClientTest, AdoptsTheCallOfACreateThatTimedOut) {
    api.falls_silent();
    EXPECT_EQ(create(Deadline::in(150ms)).error().code, Errc::timed_out);
    api.answers(200, page_json(call_json("CA9", "Tue, 14 Oct 2025 15:04:01 +0000")));
    const auto since = parse_rfc3339("2025-10-14T15:04:00.900Z").value();
    const auto found = api.ask(api.telephony().find_call(patient, since, soon()));
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->sid.str(), "CA9");
    EXPECT_EQ(api.requests().back().target, "/2010-04-01/Accounts/" + account_sid +
                                                "/Calls.json?To=%2B14155550123&StartTime%3E=2025-10-14&PageSize=50");
}

TEST_F(RestClientTest, AdoptsACallThatStillWaitsInTwiliosQueue) {
    api.answers(200, page_json(""));
    api.answers(200, page_json(call_json("CA9", "")));
    const auto since = parse_rfc3339("2025-10-14T15:04:00.900Z").value();
    EXPECT_EQ(api.ask(api.telephony().find_call(patient, since, soon())).value().sid.str(), "CA9");
    EXPECT_THAT(api.requests().back().target, HasSubstr("Status=queued"));
}

TEST_F(RestClientTest, FindsTheNewestCallOverAllPages) {
    api.answers(200, page_json(call_json("CA1", "Tue, 14 Oct 2025 14:00:00 +0000") + "," +
                                   call_json("CA2", "Tue, 14 Oct 2025 16:00:00 +0000"),
                               R"("/2010-04-01/Accounts/AC1/Calls.json?Page=1")"));
    api.answers(200, page_json(call_json("CA3", "Tue, 14 Oct 2025 17:00:00 +0000") + "," +
                               call_json("CA4", "Tue, 14 Oct 2025 18:00:00 +0000", "+14155550199")));
    const auto since = parse_rfc3339("2025-10-14T15:00:00Z").value();
    EXPECT_EQ(api.ask(api.telephony().find_call(patient, since, soon())).value().sid.str(), "CA3");
    EXPECT_EQ(api.requests().back().target, "/2010-04-01/Accounts/AC1/Calls.json?Page=1");
}

TEST_F(RestClientTest, FindsNothingAmongOlderCalls) {
    for (int i = 0; i < 2; ++i) api.answers(200, page_json(call_json("CA1", "Tue, 14 Oct 2025 14:00:00 +0000")));
    const auto since = parse_rfc3339("2025-10-14T15:00:00Z").value();
    EXPECT_EQ(api.ask(api.telephony().find_call(patient, since, soon())).error().code, Errc::not_found);
}

TEST_F(RestClientTest, StopsFollowingPagesThatNeverEnd) {
    for (int i = 0; i < 60; ++i) api.answers(200, page_json("", R"("/2010-04-01/Accounts/AC1/Calls.json?Page=1")"));
    EXPECT_EQ(api.ask(api.telephony().find_call(patient, WallTime{}, soon())).error().code, Errc::not_found);
    EXPECT_LE(api.requests().size(), 40U);
}

TEST_F(RestClientTest, ReadsAgainAfterServerErrors) {
    api.answers(500, R"({"code":20500,"message":"Internal","status":500})");
    api.answers(502, "");
    api.answers(200, call_json("CA1", "Tue, 14 Oct 2025 14:00:00 +0000"));
    EXPECT_EQ(fetch().value().sid.str(), "CA1");
    EXPECT_EQ(api.requests().size(), 3U);
    EXPECT_EQ(api.metrics().value("carevoice_twilio_requests_total{operation=fetch_call,outcome=ok}"), 1);
}

TEST_F(RestClientTest, GivesUpAfterThreeTries) {
    EXPECT_EQ(fetch().error().code, Errc::unavailable);
    EXPECT_EQ(api.requests().size(), 3U);
}

TEST_F(RestClientTest, WaitsForNothingBeyondItsDeadline) {
    net::Headers later;
    later.add("Retry-After", "60");
    api.answers(429, "", later);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(fetch().error().code, Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 15s);
    EXPECT_EQ(api.requests().size(), 1U);
}

TEST_F(RestClientTest, SendsNothingWhenItsTimeIsOver) {
    EXPECT_EQ(create(Deadline::in(-1ms)).error().code, Errc::unavailable) << "the call cannot exist";
    EXPECT_EQ(fetch(Deadline::in(-1ms)).error().code, Errc::timed_out);
    EXPECT_TRUE(api.requests().empty());
}

TEST_F(RestClientTest, CallsAnswersThatMakeNoSenseCorrupt) {
    for (const std::string& body : {std::string(), std::string("<html>"), std::string(R"({"status":"ringing"})"),
                                    std::string(1 << 20, '['), std::string("null")}) {
        api.answers(200, body);
        EXPECT_EQ(fetch().error().code, Errc::corrupt) << body.substr(0, 40);
    }
}

TEST_F(RestClientTest, TakesAMegabyteOfErrorPageCalmly) {
    api.answers(400, std::string(1 << 20, 'x'));
    const auto error = fetch().error();
    EXPECT_EQ(error.code, Errc::rejected);
    EXPECT_EQ(error.detail, "Twilio answered HTTP 400");
}

TEST_F(RestClientTest, UpdatesALiveCallWithTwimlAsItIs) {
    const std::string twiml = "<Response><Say>a&amp;b=c+d%20 \"q\" 'é'\r\n</Say></Response>";
    api.answers(200, "{}");
    EXPECT_TRUE(api.ask(api.telephony().update_call(call_sid, twiml, soon())));
    EXPECT_EQ(api.requests().back().target,
              "/2010-04-01/Accounts/" + account_sid + "/Calls/" + call_sid.str() + ".json");
    EXPECT_THAT(form_sent(), ElementsAre(std::pair<std::string, std::string>("Twiml", twiml)));
}

TEST_F(RestClientTest, SaysThatAnUpdateCameTooLate) {
    api.answers(400, R"({"code":21220,"message":"Call is not in-progress. Cannot redirect.","status":400})");
    EXPECT_EQ(api.ask(api.telephony().update_call(call_sid, "<Response/>", soon())).error().code, Errc::conflict);
    api.answers(404, R"({"code":20404,"message":"not found","status":404})");
    EXPECT_EQ(api.ask(api.telephony().end_call(call_sid, true, soon())).error().code, Errc::not_found);
}

TEST_F(RestClientTest, RefusesTwimlThatTwilioWouldRefuse) {
    const auto result = api.ask(api.telephony().update_call(call_sid, std::string(4'001, 'x'), soon()));
    EXPECT_EQ(result.error().code, Errc::too_large);
    EXPECT_TRUE(api.requests().empty());
}

TEST_F(RestClientTest, NeverRedirectsTwiceAfterAServerError) {
    EXPECT_EQ(api.ask(api.telephony().update_call(call_sid, "<Response/>", soon())).error().code, Errc::unavailable);
    EXPECT_EQ(api.requests().size(), 1U);
}

TEST_F(RestClientTest, HangsUpALiveCallAndCancelsARingingOne) {
    api.answers(200, "{}");
    EXPECT_TRUE(api.ask(api.telephony().end_call(call_sid, true, soon())));
    EXPECT_EQ(net::find_field(form_sent(), "Status"), "completed");
    api.answers(200, "{}");
    EXPECT_TRUE(api.ask(api.telephony().end_call(call_sid, false, soon())));
    EXPECT_EQ(net::find_field(form_sent(), "Status"), "canceled");
}

TEST_F(RestClientTest, KeepsAHostileSidInsideItsPathSegment) {
    api.answers(404, "");
    EXPECT_TRUE(api.ask(api.telephony().fetch_call(CallSid("../../x?y#z\r\n"), soon())).has_error());
    for (const auto& request : api.requests())
        EXPECT_THAT(request.target, HasSubstr("/Calls/..%2F..%2Fx%3Fy%23z%0D%0A.json"));
    EXPECT_EQ(api.ask(api.telephony().fetch_call(CallSid(), soon())).error().code, Errc::invalid_input);
}

TEST_F(RestClientTest, SendsAMessageOfAnyText) {
    const std::string text = "Alert: \"pain 9/10\"\n50% & rising = call + check é";
    api.answers(201, R"({"sid":"SM1","status":"queued"})");
    EXPECT_EQ(api.ask(api.telephony().send_message(patient, "+12125550100", text, soon())).value(), "SM1");
    EXPECT_EQ(net::find_field(form_sent(), "Body"), text);
    api.answers(500, "");
    EXPECT_EQ(api.ask(api.telephony().send_message(patient, "+12125550100", text, soon())).error().code,
              Errc::timed_out)
        << "it may have been sent";
    const auto over = api.ask(api.telephony().send_message(patient, "+12125550100", std::string(1'601, 'x'), soon()));
    EXPECT_EQ(over.error().code, Errc::too_large);
    EXPECT_EQ(api.requests().size(), 2U);
}

class CapturingSink final : public LogSink {
public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
        const std::lock_guard lock(mutex_);
        text_.append(event);
        for (const auto& field : fields) text_.append(field.name).append(field.text);
    }
    std::string text() {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

TEST_F(RestClientTest, NeverShowsTheTokenInTheAccountsAnswer) {
    CapturingSink sink;
    set_log_sink(&sink);
    api.answers(200, R"({"status":"active","type":"Trial","auth_token":"very-secret"})");
    const auto state = api.ask(api.telephony().account(soon())).value();
    EXPECT_EQ(state.status, "active");
    EXPECT_EQ(state.type, "Trial");
    EXPECT_EQ(api.requests().back().target, "/2010-04-01/Accounts/" + account_sid + ".json");
    for (const char* body : {R"({"auth_token":"very-secret"})", R"({"auth_token":"very-secret")"}) {
        api.answers(200, body);
        const auto error = api.ask(api.telephony().account(soon())).error();
        EXPECT_EQ(error.code, Errc::corrupt);
        EXPECT_EQ(error.detail.find("secret"), std::string::npos);
    }
    set_log_sink(nullptr);
    EXPECT_EQ(sink.text().find("secret"), std::string::npos);
}

TEST_F(RestClientTest, KnowsThatARefusedConnectionDialledNobody) {
    boost::asio::io_context context;
    Tcp::acceptor closed(context, {boost::asio::ip::address_v4::loopback(), 0});
    const auto port = closed.local_endpoint().port();
    closed.close();
    const auto telephony = api.telephony_at(port);
    EXPECT_EQ(api.ask(telephony->create_call(dial(), soon())).error().code, Errc::unavailable);
    EXPECT_EQ(api.ask(telephony->fetch_call(call_sid, soon())).error().code, Errc::unavailable);
}

TEST_F(RestClientTest, KnowsThatALostConnectionMayHaveDialled) {
    for (const char* reply : {"", "HTTP/1.1 201 Created\r\nContent-Le", "SSH-2.0-OpenSSH_9.2\r\n\r\n"}) {
        RudeServer server(reply);
        const auto telephony = api.telephony_at(server.port());
        EXPECT_EQ(api.ask(telephony->create_call(dial(), soon())).error().code, Errc::timed_out) << reply;
    }
}

TEST_F(RestClientTest, KeepsThePathOfItsBaseUrl) {
    const auto telephony = api.telephony_at(api.port(), "/prefix/?x=1");
    api.answers(200, page_json("", R"("/2010-04-01/Accounts/AC1/Calls.json?Page=1")"));
    api.answers(200, page_json(call_json("CA1", "Tue, 14 Oct 2025 14:00:00 +0000")));
    EXPECT_TRUE(api.ask(telephony->find_call(patient, WallTime{}, soon())));
    EXPECT_THAT(api.requests().at(0).target, testing::StartsWith("/prefix/2010-04-01/Accounts/AC"));
    EXPECT_EQ(api.requests().at(1).target, "/prefix/2010-04-01/Accounts/AC1/Calls.json?Page=1");
}

}  // namespace
}  // namespace carevoice::twilio
