#include "api/routes.h"

#include "api_house.h"
#include "twilio/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::api {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> webhooks{"voice-webhook", "gather",        "status-callback",
                                        "amd",           "stream-status", "recording"};

std::string path_to(const std::string& kind, const std::string& id = "s1") {
    return "/api/v1/twilio/" + kind + "/" + id;
}

/// Fields that every kind takes.
net::FormFields fields_for(const ApiHouse& api) {
    return api.webhook({{"CallStatus", "in-progress"},
                        {"AnsweredBy", "human"},
                        {"StreamEvent", "stream-started"},
                        {"RecordingSid", "REaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                        {"RecordingStatus", "completed"},
                        {"RecordingDuration", "17"}});
}

std::vector<storage::CallEvent> events(ApiHouse& api) {
    return api.house.database->calls().events(CallSessionId("s1")).value();
}

domain::Call stored(ApiHouse& api) {
    return api.house.database->calls().find(CallSessionId("s1")).value();
}

net::HttpResponse post_with_signature(ApiHouse& api, const std::string& target, const std::string& body,
                                      const std::string& signature) {
    net::HttpRequest request{.method = "POST", .target = target, .body = body};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    if (!signature.empty()) request.headers.add("X-Twilio-Signature", signature);
    return api.send(std::move(request));
}

TEST(TwilioRoutes, VoiceAndGatherAnswerWithTwiml) {
    ApiHouse api;
    api.house.initiate();
    const auto greeting = api.post_form(path_to("voice-webhook"), fields_for(api));
    EXPECT_EQ(greeting.status, 200);
    EXPECT_THAT(greeting.body, HasSubstr("Riverside Hospital"));
    EXPECT_THAT(greeting.body, HasSubstr("wss://voice.example.org/api/v1/twilio/audio-stream/s1"));
    auto fields = fields_for(api);
    fields.emplace_back("SpeechResult", "yes, this is Ruth");
    EXPECT_THAT(api.post_form(path_to("gather"), fields).body, HasSubstr("<Response>"));
}

TEST(TwilioRoutes, EveryWebhookRefusesWhatIsNotSignedAndStoresNothing) {
    ApiHouse api;
    api.house.initiate();
    const auto before = stored(api);
    const auto fields = fields_for(api);
    const auto body = net::encode_form(fields);
    for (const auto& kind : webhooks) {
        const auto target = path_to(kind);
        const auto url = test_origin + target;
        auto changed = fields;
        changed[1].second = "completed";
        const std::vector<std::pair<const char*, std::string>> signatures{
            {"none", ""},
            {"no base64", "?"},
            {"another account's", twilio::sign("another token", url, fields)},
            {"another form's", twilio::sign(test_auth_token, url, changed)},
            {"another call's", twilio::sign(test_auth_token, test_origin + path_to(kind, "s2"), fields)},
            {"another host's", twilio::sign(test_auth_token, "https://evil.example" + target, fields)},
            {"the URL's alone", twilio::sign(test_auth_token, url, {})},
            {"very long", std::string(8000, 'A')},
        };
        for (const auto& [why, signature] : signatures) {
            const auto response = post_with_signature(api, target, body, signature);
            EXPECT_EQ(response.status, 403) << kind << ", signature: " << why;
            EXPECT_EQ(kind_of(response), "forbidden");
            EXPECT_THAT(response.body, Not(HasSubstr(test_auth_token)));
        }
    }
    EXPECT_TRUE(events(api).empty());
    EXPECT_EQ(stored(api).status, before.status);
    EXPECT_FALSE(stored(api).answered_at.has_value());
    EXPECT_EQ(api.house.service->live_calls(), 0U);
    api.expect_alive();
}

TEST(TwilioRoutes, AForgedHostHeaderDoesNotHelp) {
    ApiHouse api;
    api.house.initiate();
    const auto fields = fields_for(api);
    const auto body = net::encode_form(fields);
    const auto signature = twilio::sign(test_auth_token, "https://evil.example" + path_to("amd"), fields);
    const auto answer =
        api.exchange("POST " + path_to("amd") +
                     " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n"
                     "X-Forwarded-Proto: https\r\nX-Twilio-Signature: " +
                     signature + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 403 "));
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
}

TEST(TwilioRoutes, TakesTheSpellingsThatTwilioSigns) {
    ApiHouse api;
    api.house.initiate();
    const auto target = path_to("stream-status");
    for (const std::string& url : {"https://voice.example.org:443" + target, test_origin + target})
        EXPECT_EQ(api.post_form(target, fields_for(api), url).status, 204) << url;
    EXPECT_EQ(api.post_form(target + "?again=1", fields_for(api)).status, 204);
    // Another port or a slash is another address, except for a WebSocket.
    for (const std::string& url : {"https://voice.example.org:444" + target, test_origin + target + "/"})
        EXPECT_EQ(api.post_form(target, fields_for(api), url).status, 403) << url;
    // A token that is being replaced is still good.
    const auto fields = fields_for(api);
    EXPECT_EQ(post_with_signature(api, target, net::encode_form(fields),
                                  twilio::sign("an old token", test_origin + target, fields))
                  .status,
              204);
}

TEST(TwilioRoutes, UnknownCallsAndIdsWithTricksAreNotFound) {
    ApiHouse api;
    for (const auto& kind : webhooks)
        for (const std::string id : {"nope", "..%2fs1", "%00", "a%0ab"}) {
            const auto response = api.post_form(path_to(kind, id), fields_for(api));
            EXPECT_EQ(response.status, 404) << kind << " " << id;
            EXPECT_EQ(field_of(response), "call_session_id") << kind << " " << id;
        }
    api.expect_alive();
}

TEST(TwilioRoutes, RefusesFormsThatAreNone) {
    ApiHouse api;
    api.house.initiate();
    const auto junk = [&](const std::string& kind, const std::string& body) {
        // Signed as a form that cannot be read: over the address alone.
        const auto fields = net::parse_form(body);
        const auto url = test_origin + path_to(kind);
        const auto signature = twilio::sign(test_auth_token, url, fields.has_value() ? *fields : net::FormFields{});
        return post_with_signature(api, path_to(kind), body, signature);
    };
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "a=b&";
    for (const auto& kind : webhooks)
        for (const std::string& body :
             {std::string(), std::string("&&&==="), std::string("CallSid="), std::string("CallSid=CA123"),
              std::string("CallSid=%ff"), std::string("CallSid=%zz"), std::string("\xc3\x28=1"), many,
              std::string("{\"CallSid\":1}"), std::string("\0\1\2", 3), std::string(100'000, 'x')})
            EXPECT_EQ(junk(kind, body).status, 400) << kind << " " << body.substr(0, 40);
    for (const std::string& number :
         {std::string("SequenceNumber=-1"), std::string("SequenceNumber=1e9"), std::string("Confidence=nan"),
          std::string("Confidence=2"), std::string("RecordingDuration=99999999999")}) {
        const auto response =
            junk("status-callback", "CallSid=" + api.house.telephony.next_sid + "&CallStatus=completed&" + number);
        EXPECT_EQ(response.status, 400) << number;
        EXPECT_EQ(field_of(response), number.substr(0, number.find('=')));
    }
    EXPECT_EQ(field_of(api.post_form(path_to("status-callback"), api.webhook({{"CallStatus", "asleep"}}))),
              "CallStatus");
    EXPECT_EQ(stored(api).status, domain::CallStatus::queued);
    EXPECT_TRUE(events(api).empty());
    api.expect_alive();
}

TEST(TwilioRoutes, ARepeatedWebhookGetsTheSameAnswerAndSaysNothingTwice) {
    ApiHouse api;
    api.house.initiate();
    const auto fields = fields_for(api);
    const auto send = [&] {
        net::HttpRequest request{
            .method = "POST", .target = path_to("voice-webhook"), .body = net::encode_form(fields)};
        request.headers.add("X-Twilio-Signature",
                            twilio::sign(test_auth_token, test_origin + path_to("voice-webhook"), fields));
        request.headers.add("I-Twilio-Idempotency-Token", "11111111-2222-3333-4444-555555555555");
        return api.send(std::move(request)).body;
    };
    const auto first = send();
    EXPECT_EQ(send(), first);
    EXPECT_EQ(api.house.details().turns.size(), 1U);
}

TEST(TwilioRoutes, StatusCallbacksMayComeTwiceLateAndOutOfOrder) {
    ApiHouse api;
    api.house.initiate();
    const auto report = [&](const char* status, const char* sequence) {
        return api
            .post_form(path_to("status-callback"), api.webhook({{"CallStatus", status}, {"SequenceNumber", sequence}}))
            .status;
    };
    for (const auto& [status, sequence] : std::vector<std::pair<const char*, const char*>>{{"in-progress", "2"},
                                                                                           {"ringing", "1"},
                                                                                           {"completed", "3"},
                                                                                           {"completed", "3"},
                                                                                           {"initiated", "0"},
                                                                                           {"in-progress", "2"},
                                                                                           {"failed", "4"}})
        EXPECT_EQ(report(status, sequence), 204) << status;
    ASSERT_TRUE(api.house.until_no_call_lives());
    EXPECT_EQ(stored(api).status, domain::CallStatus::completed);
    EXPECT_EQ(events(api).size(), 5U);
}

TEST(TwilioRoutes, AnotherCallsSidChangesNothing) {
    ApiHouse api;
    api.house.initiate();
    auto fields = fields_for(api);
    fields[0].second = "CAffffffffffffffffffffffffffffffff";
    EXPECT_EQ(api.post_form(path_to("voice-webhook"), fields).status, 409);
    EXPECT_EQ(api.post_form(path_to("recording"), fields).status, 409);
    fields[1].second = "completed";
    api.post_form(path_to("status-callback"), fields);
    EXPECT_EQ(stored(api).status, domain::CallStatus::queued);
}

TEST(TwilioRoutes, RecordingsAreKeptOncePerStatus) {
    ApiHouse api;
    api.house.initiate();
    auto fields = fields_for(api);
    for (const char* const status : {"in-progress", "completed", "completed"}) {
        fields[5].second = status;
        EXPECT_EQ(api.post_form(path_to("recording"), fields).status, 204);
    }
    const auto kept = events(api);
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[1].kind, "recording");
    EXPECT_EQ(kept[1].key, "recording:REaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:completed");
    EXPECT_THAT(kept[1].detail_json, HasSubstr("\"duration_seconds\":17"));
    fields[5].second = "eaten";
    EXPECT_EQ(field_of(api.post_form(path_to("recording"), fields)), "RecordingStatus");
    fields[5].second = "completed";
    fields[4].second = "RE../../x";
    EXPECT_EQ(field_of(api.post_form(path_to("recording"), fields)), "RecordingSid");
    EXPECT_EQ(events(api).size(), 2U);
}

TEST(TwilioRoutes, WithoutAnAuthTokenEveryWebhookIsRefused) {
    tests::CallHouse house;
    house.initiate();
    Handlers handlers(ApiDeps{.calls = *house.service,
                              .store = house.store,
                              .telephony = house.telephony,
                              .clock = house.clock,
                              .metrics = house.metrics,
                              .public_origin = test_origin,
                              .twilio_auth_tokens = {},
                              .admin_api_key = {},
                              .missing_parts = {},
                              .metrics_text = {}});
    net::HttpRequest request{.method = "POST", .target = path_to("amd"), .body = "CallSid=" + house.telephony.next_sid};
    request.path_params.emplace_back("id", "s1");
    request.headers.add("X-Twilio-Signature",
                        twilio::sign("", test_origin + path_to("amd"), {{"CallSid", house.telephony.next_sid}}));
    const auto answer = house.run(handlers.twilio.machine_verdict(request));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::forbidden);
}

}  // namespace
}  // namespace carevoice::api
