#include "twilio/signature.h"

#include "core/text.h"
#include "unit/twilio/test_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::twilio {
namespace {

using tests::text_at;

SignedRequest request_of(const boost::json::value& vector) {
    SignedRequest request;
    request.url = text_at(vector, "url");
    for (const auto& pair : vector.at("params").as_array())
        request.params.emplace_back(pair.at(0).as_string(), pair.at(1).as_string());
    if (vector.at("body").is_string()) request.json_body = text_at(vector, "body");
    request.websocket = text_at(vector, "method") == "WS";
    return request;
}

TEST(Signature, AgreesWithEveryVector) {
    const auto file = boost::json::parse(tests::read_data("twilio-signature-vectors.json"));
    const auto& vectors = file.at("vectors").as_array();
    EXPECT_EQ(vectors.size(), 92U);
    for (const auto& vector : vectors) {
        SCOPED_TRACE(text_at(vector, "id"));
        const auto match =
            matching_url({text_at(vector, "auth_token")}, request_of(vector), text_at(vector, "signature"));
        EXPECT_EQ(match.has_value(), vector.at("valid").as_bool());
        if (!match || !vector.at("signed_string").is_string()) continue;
        EXPECT_TRUE(text_at(vector, "signed_string").starts_with(*match)) << *match;
    }
}

TEST(Signature, OfARecordedCallMatchesOurConfiguredUrl) {
    for (const auto& line : tests::read_json_lines("media-stream-samples/http-requests.jsonl")) {
        SCOPED_TRACE(text_at(line, "name"));
        SignedRequest request;
        request.url = text_at(line, "url");
        request.websocket = request.url.starts_with("wss:");
        if (text_at(line, "method") == "POST") request.params = net::parse_form(text_at(line, "body")).value();
        std::string signature;
        for (const auto& [name, value] : line.at("headers").as_object())
            if (equals_ignoring_case({name.data(), name.size()}, "x-twilio-signature")) signature = value.as_string();
        EXPECT_TRUE(matching_url({text_at(line, "auth_token")}, request, signature));
        request.params.emplace_back("Extra", "");
        EXPECT_FALSE(matching_url({text_at(line, "auth_token")}, request, signature)) << "a field was added";
    }
}

TEST(Signature, TakesEitherTokenDuringARotation) {
    const SignedRequest request{"https://voice.example.org/a", {{"CallSid", "CA1"}}, std::nullopt, false};
    const std::string by_new = sign("new-token", request.url, request.params);
    EXPECT_TRUE(matching_url({"old-token", "new-token"}, request, by_new));
    EXPECT_FALSE(matching_url({"old-token"}, request, by_new));
}

TEST(Signature, AnUnsetTokenNeverMatches) {
    const SignedRequest request{"https://voice.example.org/a", {}, std::nullopt, false};
    EXPECT_FALSE(matching_url({""}, request, sign("", request.url, {})));
    EXPECT_FALSE(matching_url({}, request, sign("", request.url, {})));
}

TEST(Signature, RefusesHostileSignatureTexts) {
    const SignedRequest request{"https://voice.example.org/a", {}, std::nullopt, false};
    const std::string good = sign("token", request.url, {});
    for (const std::string& bad : {std::string(), std::string(1 << 20, 'A'), good.substr(0, 27), good + "=",
                                   std::string(good).replace(0, 1, "\0", 1), " " + good})
        EXPECT_FALSE(matching_url({"token"}, request, bad));
    EXPECT_TRUE(matching_url({"token"}, request, good));
}

TEST(Signature, AJsonBodyNeedsItsHashInTheUrl) {
    SignedRequest request{"https://voice.example.org/a", {}, R"({"a":1})", false};
    EXPECT_FALSE(matching_url({"token"}, request, sign("token", request.url, {})));
    request.url += "?x=1&bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    EXPECT_TRUE(matching_url({"token"}, request, sign("token", request.url, {})));
    request.json_body = R"({"a":2})";
    EXPECT_FALSE(matching_url({"token"}, request, sign("token", request.url, {})));
}

TEST(CandidateUrls, BeginWithTheUrlAsGivenAndAreFew) {
    EXPECT_THAT(candidate_urls("https://voice.example.org/a", false),
                testing::ElementsAre("https://voice.example.org/a", "https://voice.example.org:443/a"));
    EXPECT_THAT(candidate_urls("wss://voice.example.org:8443/m", true),
                testing::ElementsAre("wss://voice.example.org:8443/m", "wss://voice.example.org:8443/m/",
                                     "wss://voice.example.org/m", "wss://voice.example.org/m/"));
    EXPECT_THAT(candidate_urls("http://[2001:db8::1]/a", false),
                testing::ElementsAre("http://[2001:db8::1]/a", "http://[2001:db8::1]:80/a"));
}

TEST(CandidateUrls, SurviveTextsThatAreNoUrls) {
    for (const char* text : {"", "://", "x", "https://", "https://@", "https://:", "https://]:", "wss://#?/"})
        EXPECT_EQ(candidate_urls(text, true).front(), text);
}

}  // namespace
}  // namespace carevoice::twilio
