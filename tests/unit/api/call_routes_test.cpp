#include "api/routes.h"

#include "api_house.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace carevoice::api {
namespace {

namespace json = boost::json;

constexpr const char* initiate = "/api/v1/calls/initiate";
constexpr const char* good = R"({"patient_id":"ruth","call_type":"followup","call_session_id":"s1"})";

std::string string_at(const net::HttpResponse& response, std::string_view name) {
    return std::string(body_of(response).at(name).as_string());
}

TEST(CallRoutes, InitiateDialsAndAnswersWithTheCall) {
    ApiHouse api;
    const auto response = api.post_json(initiate, good);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.headers.find("Location"), "/api/v1/calls/status/s1");
    EXPECT_EQ(string_at(response, "call_sid"), api.house.telephony.next_sid);
    EXPECT_EQ(string_at(response, "mode"), "updates");
    EXPECT_EQ(api.house.telephony.created.size(), 1U);
}

TEST(CallRoutes, InitiateChoosesAnIdWhenNoneIsGiven) {
    ApiHouse api;
    const auto response = api.post_json(initiate, R"({"patient_id":"ruth","call_type":"education","mode":"gather"})");
    EXPECT_EQ(response.status, 201);
    EXPECT_TRUE(string_at(response, "call_session_id").starts_with("call-"));
    EXPECT_EQ(string_at(response, "mode"), "gather");
}

TEST(CallRoutes, TheSameRequestAgainIsTheSameCallWhateverItsMembersOrder) {
    ApiHouse api;
    api.post_json(initiate, good);
    const auto again =
        api.post_json(initiate, R"({ "call_session_id": "s1", "call_type": "followup", "patient_id": "ruth" })");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(api.house.telephony.created.size(), 1U);
    const auto other =
        api.post_json(initiate, R"({"patient_id":"ruth","call_type":"education","call_session_id":"s1"})");
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(field_of(other), "call_session_id");
    EXPECT_EQ(api.house.telephony.created.size(), 1U);
}

TEST(CallRoutes, EachRefusalHasItsOwnTypeAndField) {
    ApiHouse api;
    auto silent = tests::ruth();
    silent.patient_id = PatientId("silent");
    silent.consents.calls = false;
    ASSERT_TRUE(api.house.database->patients().insert(silent));
    const auto refused = [&](const char* body, int status, const char* kind, const char* field) {
        const auto response = api.post_json(initiate, body);
        EXPECT_EQ(response.status, status) << body;
        EXPECT_EQ(kind_of(response), kind) << body;
        EXPECT_EQ(field_of(response), field) << body;
    };
    refused(R"({"patient_id":"nobody","call_type":"followup"})", 404, "not-found", "patient_id");
    refused(R"({"patient_id":"silent","call_type":"followup"})", 422, "consent-missing", "consents.calls");
    refused(R"({"patient_id":"ruth","call_type":"followup","mode":"stream"})", 422, "mode-unavailable", "mode");
    refused(R"({"patient_id":"ruth","call_type":"followup","scheduled_at":"2026-11-24T03:00:00Z"})", 422,
            "outside-calling-hours", "scheduled_at");
    EXPECT_TRUE(api.house.telephony.created.empty());
    api.expect_alive();
}

TEST(CallRoutes, TwiliosRefusalIsPassedOnWithItsCode) {
    ApiHouse api;
    api.house.telephony.create_error = Error{Errc::rejected, "The number is not reachable", {}, 21217};
    const auto response = api.post_json(initiate, good);
    EXPECT_EQ(response.status, 502);
    EXPECT_EQ(kind_of(response), "twilio-refused");
    EXPECT_EQ(body_of(response).at("provider_code"), 21217);
    EXPECT_EQ(string_at(api.get("/api/v1/calls/status/s1"), "status"), "failed");
    api.house.telephony.create_error = Error{Errc::unavailable, "Twilio is down"};
    EXPECT_EQ(api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup"})").status, 503);
}

TEST(CallRoutes, RefusesWrongTypesMissingFieldsAndUnknownOnesByName) {
    ApiHouse api;
    const std::vector<std::pair<const char*, const char*>> cases{
        {R"({"call_type":"followup"})", "patient_id"},
        {R"({"patient_id":null,"call_type":"followup"})", "patient_id"},
        {R"({"patient_id":17,"call_type":"followup"})", "patient_id"},
        {R"({"patient_id":"","call_type":"followup"})", "patient_id"},
        {R"({"patient_id":"../ruth","call_type":"followup"})", "patient_id"},
        {R"({"patient_id":"ruth\u0000","call_type":"followup"})", "patient_id"},
        {R"({"patient_id":["ruth"],"call_type":"followup"})", "patient_id"},
        {R"({"patient_id":"ruth"})", "call_type"},
        {R"({"patient_id":"ruth","call_type":"prank"})", "call_type"},
        {R"({"patient_id":"ruth","call_type":true})", "call_type"},
        {R"({"patient_id":"ruth","call_type":"followup","mode":"telepathy"})", "mode"},
        {R"({"patient_id":"ruth","call_type":"followup","call_session_id":"a/b"})", "call_session_id"},
        {R"({"patient_id":"ruth","call_type":"followup","scheduled_at":"tomorrow"})", "scheduled_at"},
        {R"({"patient_id":"ruth","call_type":"followup","scheduled_at":1764000000})", "scheduled_at"},
        {R"({"patient_id":"ruth","call_type":"followup","context":[]})", "context"},
        {R"({"patient_id":"ruth","call_type":"followup","context":{"prior":1}})", "context.prior"},
        {R"({"patient_id":"ruth","call_type":"followup","context":{"prior":{"pain_scores":[11]}}})",
         "context.prior.pain_scores"},
        {R"({"patient_id":"ruth","call_type":"followup","context":{"prior":{"pain_scores":[1.5]}}})",
         "context.prior.pain_scores"},
        {R"({"patient_id":"ruth","call_type":"followup","phone":"+14155550123"})", "phone"},
    };
    for (const auto& [body, field] : cases) {
        const auto response = api.post_json(initiate, body);
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_EQ(field_of(response), field) << body;
    }
    const std::string long_id(65, 'x');
    EXPECT_EQ(field_of(api.post_json(initiate, R"({"call_type":"followup","patient_id":")" + long_id + "\"}")),
              "patient_id");
    EXPECT_EQ(field_of(api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup","context":{"x":")" +
                                                   std::string(17'000, 'x') + "\"}}")),
              "context");
    EXPECT_TRUE(api.house.telephony.created.empty());
    EXPECT_TRUE(body_of(api.get("/api/v1/calls")).at("calls").as_array().empty());
    api.expect_alive();
}

TEST(CallRoutes, StatusTranscriptAndAlertsFollowAConversation) {
    ApiHouse api;
    api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup","call_session_id":"s1","mode":"gather"})");
    const auto say = [&](const char* words) {
        const auto response = api.post_form("/api/v1/twilio/gather/s1",
                                            api.webhook({{"CallStatus", "in-progress"}, {"SpeechResult", words}}));
        EXPECT_EQ(response.status, 200);
    };
    api.post_form("/api/v1/twilio/voice-webhook/s1", api.webhook({{"CallStatus", "in-progress"}}));
    say("This is Ruth Albrecht, born March fourteenth nineteen fifty-seven.");
    say("Yes, that is fine.");
    say("I can't breathe and my chest hurts.");
    const auto status = body_of(api.get("/api/v1/calls/status/s1"));
    EXPECT_FALSE(status.at("alerts").as_array().empty()) << json::serialize(status);
    const auto transcript = body_of(api.get("/api/v1/calls/transcripts/s1"));
    EXPECT_GE(transcript.at("turns").as_array().size(), 6U);
    EXPECT_EQ(transcript.at("turns").at(0).at("speaker"), "assistant");
    const auto alerts = body_of(api.get("/api/v1/alerts?at_least=critical&call_session_id=s1"));
    EXPECT_FALSE(alerts.at("alerts").as_array().empty());
    EXPECT_EQ(body_of(api.get("/api/v1/calls/analytics")).at("total_calls"), 1);
}

TEST(CallRoutes, ListsPageByPage) {
    ApiHouse api;
    for (const char* const id : {"a", "b", "c"}) {
        api.house.clock.wall += std::chrono::seconds(1);
        api.house.telephony.next_sid.back() = *id;
        api.post_json(initiate,
                      R"({"patient_id":"ruth","call_type":"followup","call_session_id":")" + std::string(id) + "\"}");
    }
    const auto first = body_of(api.get("/api/v1/calls?limit=2&patient_id=ruth&status=queued"));
    ASSERT_EQ(first.at("calls").as_array().size(), 2U);
    EXPECT_EQ(first.at("calls").at(0).at("call_session_id"), "c");
    const auto second =
        body_of(api.get("/api/v1/calls?limit=2&cursor=" + std::string(first.at("next_cursor").as_string())));
    ASSERT_EQ(second.at("calls").as_array().size(), 1U);
    EXPECT_EQ(second.at("calls").at(0).at("call_session_id"), "a");
    EXPECT_TRUE(second.at("next_cursor").is_null());
    EXPECT_TRUE(body_of(api.get("/api/v1/calls?to=2026-11-23T15:00:00Z")).at("calls").as_array().empty());
}

TEST(CallRoutes, RefusesLimitsCursorsTimesAndStatusesThatAreNone) {
    ApiHouse api;
    const std::vector<std::pair<const char*, const char*>> cases{
        {"/api/v1/calls?limit=0", "limit"},
        {"/api/v1/calls?limit=201", "limit"},
        {"/api/v1/calls?limit=-1", "limit"},
        {"/api/v1/calls?limit=ten", "limit"},
        {"/api/v1/calls?limit=99999999999999999999", "limit"},
        {"/api/v1/calls?limit=", "limit"},
        {"/api/v1/calls?cursor=bm90IG91cnM", "cursor"},
        {"/api/v1/calls?cursor=%00", "cursor"},
        {"/api/v1/calls?status=sleeping", "status"},
        {"/api/v1/calls?from=yesterday", "from"},
        {"/api/v1/calls?to=2026-13-01T00:00:00Z", "to"},
        {"/api/v1/calls/analytics?from=1", "from"},
    };
    for (const auto& [target, field] : cases) {
        const auto response = api.get(target);
        EXPECT_EQ(response.status, 400) << target;
        EXPECT_EQ(field_of(response), field) << target;
    }
    EXPECT_EQ(api.get("/api/v1/calls?limit=%zz").status, 400);
    EXPECT_EQ(api.get("/api/v1/calls?cursor=" + std::string(5000, 'A')).status, 400);
    api.expect_alive();
}

TEST(CallRoutes, UnknownIdsAndIdsWithTricksAreNotFound) {
    ApiHouse api;
    for (const std::string id : {"nobody", "..", "..%2f..%2fetc%2fpasswd", "%2e%2e", "a%00b", "a%0d%0aX-Evil:1",
                                 "%F0%9F%98%80", "'%20OR%201=1--", "{id}", "a%2fb", "%25"}) {
        for (const std::string route : {"/api/v1/calls/status/", "/api/v1/calls/transcripts/"}) {
            const auto response = api.get(route + id);
            EXPECT_EQ(response.status, 404) << id;
            EXPECT_EQ(field_of(response), "call_session_id") << id;
        }
        EXPECT_EQ(api.post_json("/api/v1/calls/" + id + "/end", "").status, 404) << id;
    }
    EXPECT_EQ(api.get("/api/v1/calls/status/" + std::string(65, 'x')).status, 404);
    EXPECT_EQ(api.get("/api/v1/calls/status/%ff").status, 400);
    EXPECT_EQ(api.get("/api/v1/calls/status/").status, 404);
    EXPECT_EQ(api.get("/api/v1/calls/status/a/b").status, 404);
    api.expect_alive();
}

TEST(CallRoutes, EndHangsUpOnceAndWithdrawsAPlan) {
    ApiHouse api;
    api.post_json(initiate, good);
    EXPECT_EQ(api.post_json("/api/v1/calls/s1/end", "").status, 202);
    EXPECT_EQ(api.house.telephony.ended, 1);
    api.post_form("/api/v1/twilio/status-callback/s1",
                  api.webhook({{"CallStatus", "canceled"}, {"SequenceNumber", "1"}}));
    const auto again = api.post_json("/api/v1/calls/s1/end", "");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(api.house.telephony.ended, 1);

    api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup","call_session_id":"plan",)"
                            R"("scheduled_at":"2026-11-23T18:00:00+01:00"})");
    EXPECT_EQ(string_at(api.post_json("/api/v1/calls/plan/end", ""), "status"), "canceled");
}

TEST(CallRoutes, TwilioStatusSaysWhetherTwilioAnswers) {
    ApiHouse api;
    const auto body = body_of(api.get("/api/v1/calls/twilio-status"));
    EXPECT_EQ(body.at("connected"), true);
    EXPECT_EQ(body.at("webhook_url"), test_origin);
}

}  // namespace
}  // namespace carevoice::api
