#include "twilio/rest_answer.h"

#include "core/text.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace carevoice::twilio {
namespace {

Error refusal(Effect effect, int status, std::string body = "") {
    auto result = judge(effect, net::HttpResponse{status, {}, std::move(body)});
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error() : Error{};
}

std::string twilio_body(int code, const std::string& message = "x") {
    return R"({"code":)" + std::to_string(code) + R"(,"message":")" + message + R"(","status":400})";
}

TEST(Judge, MapsTwiliosCodesToWhatTheCallerDoesNext) {
    const auto change = [](int status, int code) { return refusal(Effect::change, status, twilio_body(code)).code; };
    EXPECT_EQ(change(401, 20003), Errc::unauthorised);
    EXPECT_EQ(change(404, 20404), Errc::not_found);
    EXPECT_EQ(change(400, 21220), Errc::conflict);
    EXPECT_EQ(change(404, 21220), Errc::conflict);
    EXPECT_EQ(change(422, 0), Errc::conflict);
    EXPECT_EQ(change(429, 20429), Errc::unavailable);
    EXPECT_EQ(change(503, 20503), Errc::unavailable);
    EXPECT_EQ(change(500, 20500), Errc::unavailable);
    EXPECT_EQ(change(400, 21211), Errc::rejected);
    EXPECT_EQ(change(302, 0), Errc::rejected);
    EXPECT_EQ(refusal(Effect::create, 422).code, Errc::rejected);
}

TEST(Judge, ACreateThatMayHaveHappenedTimedOut) {
    EXPECT_EQ(refusal(Effect::create, 500, twilio_body(20500)).code, Errc::timed_out);
    EXPECT_EQ(refusal(Effect::create, 504, "<html>gateway</html>").code, Errc::timed_out);
    EXPECT_EQ(refusal(Effect::create, 408).code, Errc::timed_out);
    EXPECT_EQ(refusal(Effect::create, 201, "<html>").code, Errc::timed_out);
    EXPECT_EQ(refusal(Effect::create, 429).code, Errc::unavailable) << "was not processed";
    EXPECT_EQ(refusal(Effect::create, 503, twilio_body(20503)).code, Errc::unavailable);
}

TEST(Judge, FallsBackToTheStatusWithoutAJsonBody) {
    for (const char* body : {"", "<html>", "[]", "7", R"({"code":"x"})", R"({"code":)", "\xFF\xFE"}) {
        const auto error = refusal(Effect::read, 404, body);
        EXPECT_EQ(error.code, Errc::not_found) << body;
        EXPECT_EQ(error.provider_code, 404);
        EXPECT_EQ(error.detail, "Twilio answered HTTP 404");
    }
}

TEST(Judge, PassesOnCodeAndMessageWithoutPhoneNumbers) {
    const auto error = refusal(Effect::create, 400,
                               twilio_body(21219,
                                           "The number +14155550123 (or 415-555-0123, or +1 (415) 555 0123) is "
                                           "unverified.\\nSee /2010-04-01/x, error 21219"));
    EXPECT_EQ(error.provider_code, 21219);
    EXPECT_EQ(error.detail,
              "Twilio: The number [number] (or [number], or [number]) is unverified. See /2010-04-01/x, error 21219");
}

TEST(Judge, BoundsTheMessage) {
    std::string message;
    for (int i = 0; i < 500'000; ++i) message += "é";
    const auto error = refusal(Effect::read, 400, twilio_body(20001, message));
    EXPECT_LT(error.detail.size(), 400U);
    EXPECT_TRUE(is_valid_utf8(error.detail));
}

TEST(Judge, AnAcceptedChangeNeedsNoReadableBody) {
    EXPECT_TRUE(judge(Effect::change, net::HttpResponse{200, {}, ""}));
    EXPECT_EQ(refusal(Effect::read, 200, "").code, Errc::corrupt);
}

TEST(JudgeTransport, OnlyAnUnsentCreateCertainlyDidNotHappen) {
    EXPECT_EQ(judge_transport(Effect::create, {Errc::unavailable, "unsent: refused"}).code, Errc::unavailable);
    EXPECT_EQ(judge_transport(Effect::create, {Errc::timed_out, "unsent: no free connection"}).code, Errc::unavailable);
    EXPECT_EQ(judge_transport(Effect::create, {Errc::unavailable, "connection lost"}).code, Errc::timed_out);
    EXPECT_EQ(judge_transport(Effect::create, {Errc::corrupt, "not HTTP"}).code, Errc::timed_out);
    EXPECT_EQ(judge_transport(Effect::create, {Errc::cancelled, "stopped"}).code, Errc::cancelled);
    EXPECT_EQ(judge_transport(Effect::change, {Errc::unavailable, "connection lost"}).code, Errc::unavailable);
}

TEST(MayRepeat, OnlyWhatWasNotProcessedOrDoesNotMatterTwice) {
    const net::HttpResponse limited{429, {}, ""};
    const net::HttpResponse down{503, {}, ""};
    for (const auto effect : {Effect::read, Effect::repeatable, Effect::change, Effect::create})
        EXPECT_TRUE(may_repeat(effect, limited));
    EXPECT_TRUE(may_repeat(Effect::read, down));
    EXPECT_TRUE(may_repeat(Effect::repeatable, down));
    EXPECT_FALSE(may_repeat(Effect::change, down));
    EXPECT_FALSE(may_repeat(Effect::create, down));
    EXPECT_FALSE(may_repeat(Effect::read, net::HttpResponse{404, {}, ""}));
}

TEST(RetryAfter, TakesSecondsOnly) {
    const auto wait = [](std::string value) {
        net::HttpResponse response;
        response.headers.add("retry-after", std::move(value));
        return retry_after(response);
    };
    EXPECT_EQ(wait(" 3 "), milliseconds{3'000});
    EXPECT_EQ(wait("0"), milliseconds{0});
    for (const char* odd : {"", "-1", "1.5", "99999999999999999999", "1000000", "Tue, 14 Oct 2025 15:04:05 GMT"})
        EXPECT_FALSE(wait(odd)) << odd;
    EXPECT_FALSE(retry_after({}));
}

TEST(ReadCall, ReadsWhatTwilioWritesAsStrings) {
    const auto call = read_call(boost::json::parse(R"({"sid":"CA1","status":"completed","answered_by":"human",
        "to":"+14155550123","start_time":"Tue, 14 Oct 2025 15:04:05 +0000","end_time":"Tue, 14 Oct 2025 15:05:38 +0000",
        "duration":"93","price":"-0.03000","price_unit":"USD","date_created":"Tue, 14 Oct 2025 15:04:00 +0000"})"))
                          .value();
    EXPECT_EQ(call.call.sid.str(), "CA1");
    EXPECT_EQ(call.call.answered_by, "human");
    EXPECT_EQ(call.call.duration_seconds, 93);
    EXPECT_DOUBLE_EQ(call.call.price.value(), 0.03);
    EXPECT_EQ(format_rfc3339(call.call.started_at.value()), "2025-10-14T15:04:05.000Z");
    EXPECT_EQ(format_rfc3339(call.created_at.value()), "2025-10-14T15:04:00.000Z");
}

TEST(ReadCall, TakesNullsNumbersAndOddities) {
    const auto call = read_call(boost::json::parse(R"({"sid":"CA1","status":"queued","answered_by":null,"to":7,
        "start_time":null,"end_time":"soon","duration":12,"price":-0.5})"))
                          .value()
                          .call;
    EXPECT_EQ(call.answered_by, "");
    EXPECT_EQ(call.to, "");
    EXPECT_FALSE(call.started_at || call.ended_at);
    EXPECT_EQ(call.duration_seconds, 12);
    EXPECT_DOUBLE_EQ(call.price.value(), 0.5);
    for (const char* odd : {R"({"sid":"CA1","status":"x","duration":"1e300","price":"nan"})",
                            R"({"sid":"CA1","status":"x","duration":{},"price":"inf"})",
                            R"({"sid":"CA1","status":"x","duration":"","price":""})"}) {
        const auto read = read_call(boost::json::parse(odd)).value().call;
        EXPECT_FALSE(read.duration_seconds || read.price) << odd;
    }
    EXPECT_EQ(read_call(boost::json::parse(R"({"sid":"CA1"})")).error().code, Errc::corrupt);
    EXPECT_EQ(read_call(boost::json::parse("[]")).error().code, Errc::corrupt);
}

TEST(ReadCallPage, FollowsOnlyPathsOnTheSameServer) {
    const auto next = [](const std::string& uri) {
        return read_call_page(boost::json::parse(R"({"calls":[],"next_page_uri":)" + uri + "}")).value().next_page_uri;
    };
    EXPECT_EQ(next(R"("/2010-04-01/x?Page=1")"), "/2010-04-01/x?Page=1");
    EXPECT_EQ(next("null"), "");
    EXPECT_EQ(next(R"("https://evil.example.org/")"), "");
    EXPECT_EQ(next(R"("//evil.example.org/")"), "");
    EXPECT_TRUE(read_call_page(boost::json::parse(R"({"calls":{}})")).has_error());
}

}  // namespace
}  // namespace carevoice::twilio
