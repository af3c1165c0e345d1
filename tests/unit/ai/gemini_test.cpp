#include "ai/gemini.h"

#include "chat_test.h"

#include <gmock/gmock.h>

namespace carevoice::ai {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::ChatScript;
using tests::FakeChatServer;
using tests::gemini_error;
using tests::gemini_says;
using Ending = ChatScript::Ending;

class GeminiTest : public ChatTest {
protected:
    std::unique_ptr<ChatModel> model(std::string path = "/") {
        GeminiOptions options;
        options.base_url = server_.url(std::move(path));
        options.api_key = "secret-key";
        return make_gemini(std::move(options), client_.client());
    }

    FakeChatServer server_{gemini_says(answer)};
};

TEST_F(GeminiTest, AsksAndAnswers) {
    const auto gemini = model();
    const auto reply = ask(*gemini);
    ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    EXPECT_EQ((*reply)->speak(), "That sounds painful. Where is it?");
    const auto whole = finish(**reply);
    ASSERT_TRUE(whole.has_value()) << whole.error().detail;
    EXPECT_EQ(whole->text, answer);
    EXPECT_EQ(whole->model_version, "gemini-3.5-flash-lite-001");
    EXPECT_EQ(whole->usage.output_tokens, 42);
    EXPECT_EQ(gemini->name(), "gemini-3.5-flash-lite");

    const auto requests = server_.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].target, "/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse");
    EXPECT_THAT(requests[0].head, HasSubstr("x-goog-api-key: secret-key\r\n"));
    EXPECT_THAT(requests[0].head, HasSubstr("Content-Type: application/json\r\n"));
    const auto body = boost::json::parse(requests[0].body).as_object();
    EXPECT_EQ(body.at("contents").at(0).at("role"), "user");
    EXPECT_EQ(body.at("generationConfig").at("thinkingConfig").at("thinkingLevel"), "MINIMAL");
}

TEST_F(GeminiTest, KeepsItsConnection) {
    const auto gemini = model();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(*gemini), "ok");
    EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(GeminiTest, SpeaksVertexWithATokenAndItsOwnPath) {
    GeminiOptions options;
    options.base_url = server_.url("/v1beta1/projects/p/locations/l/publishers/google/");
    options.api_key = "token";
    options.is_key_bearer_token = true;
    EXPECT_EQ(outcome(*make_gemini(std::move(options), client_.client())), "ok");
    const auto request = server_.requests().at(0);
    EXPECT_THAT(request.target,
                testing::StartsWith("/v1beta1/projects/p/locations/l/publishers/google/models/gemini-3.5-flash-lite:"));
    EXPECT_THAT(request.head, HasSubstr("Authorization: Bearer token\r\n"));
    EXPECT_THAT(request.head, Not(HasSubstr("x-goog-api-key")));
}

TEST_F(GeminiTest, LetsTheCallerGoOnBeforeTheRestIsThere) {
    const auto gemini = model();
    server_.next(broken_after(3, Ending::silence, gemini_says(answer, 4)));  // "speak" is in the first three
    const auto reply = ask(*gemini);
    ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    EXPECT_EQ((*reply)->speak(), "That sounds painful. Where is it?");
    EXPECT_EQ(finish(**reply, 30ms).error().code, Errc::timed_out);
}

TEST_F(GeminiTest, WhoLosesInterestClosesTheConnection) {
    const auto gemini = model();
    server_.next(broken_after(3, Ending::silence, gemini_says(answer, 4)));
    auto reply = ask(*gemini);
    ASSERT_TRUE(reply.has_value());
    reply->reset();
    wait_for_closed_connections(server_);
}

TEST_F(GeminiTest, DoesNotWaitForAConnectionThatStaysOpenAfterTheEnd) {
    const auto gemini = model();
    ChatScript script = gemini_says(answer);
    script.ending = Ending::silence;
    server_.next(script);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(outcome(*gemini, 30s), "ok");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 15s);
    wait_for_closed_connections(server_);
}

TEST_F(GeminiTest, SplitsAnywhereAndSlowPiecesAreFine) {
    const auto gemini = model();
    for (const std::size_t bytes : {1UL, 7UL, 100'000UL}) {
        server_.next(
            in_pieces_of(bytes, gemini_says(R"({"speak":"Tu dolor \u2013 ¿dónde está? 🙂","findings":[]})", 9)));
        EXPECT_EQ(outcome(*gemini), "ok") << bytes;
    }
    ChatScript slow = gemini_says(answer, 3);
    slow.before_head = slow.between = 10ms;
    server_.next(slow);
    EXPECT_EQ(outcome(*gemini), "ok");
}

TEST_F(GeminiTest, EveryTroubleIsAnErrorInTime) {
    const auto gemini = model();
    ChatScript slow_start = gemini_says(answer);
    slow_start.before_head = 10s;
    ChatScript slow_pieces = gemini_says(answer, 8);
    slow_pieces.between = 10s;
    const std::string half = R"({"speak":"Hel)";
    struct Case {
        const char* name;
        ChatScript script;
        const char* outcome;
    };
    const std::vector<Case> cases = {
        {"slow start", slow_start, "timed_out"},
        {"slow pieces", slow_pieces, "timed_out"},
        {"half open", tests::never_answers(), "timed_out"},
        {"reset before the head", {.has_head = false, .ending = Ending::reset}, "unavailable"},
        {"reset", broken_after(1, Ending::reset, gemini_says(answer)), "unavailable"},
        {"cut", broken_after(1, Ending::cut, gemini_says(answer)), "unavailable"},
        {"ends early", broken_after(3, Ending::complete, gemini_says(answer)), "then unavailable"},
        {"limited", tests::refuses(429, gemini_error(429, "RESOURCE_EXHAUSTED")), "unavailable"},
        {"overloaded", tests::refuses(503, gemini_error(503, "UNAVAILABLE")), "unavailable"},
        {"broken", tests::refuses(500, "<html>oops</html>"), "unavailable"},
        {"retired", tests::refuses(404, gemini_error(404, "NOT_FOUND")), "rejected"},
        {"wrong key", tests::refuses(400, gemini_error(400, "INVALID_ARGUMENT")), "rejected"},
        {"error after 200", {.pieces = {gemini_error(503, "UNAVAILABLE")}}, "unavailable"},
        {"error after text",
         {.pieces = {tests::gemini_event(half), "[" + gemini_error(500, "INTERNAL") + "]"}},
         "unavailable"},
        {"garbage", {.pieces = {"\x01\xff\xfe garbage", "\r\n\r\r\n data"}}, "corrupt"},
        {"blocked", tests::gemini_blocks(), "rejected"},
        {"cut off", gemini_says(half, 2, "MAX_TOKENS"), "corrupt"},
        {"no JSON", gemini_says("I am a teapot."), "corrupt"},
        {"nothing", gemini_says(""), "corrupt"},
        {"empty", {}, "unavailable"},
        {"huge", gemini_says(std::string(300'000, '{'), 3), "corrupt"},
    };
    for (const auto& [name, script, expected] : cases) {
        server_.next(script);
        const bool is_late = std::string_view(expected) == "timed_out";
        EXPECT_EQ(outcome(*gemini, is_late ? 50ms : 10s), expected) << name;
        EXPECT_EQ(outcome(*gemini), "ok") << "after " << name;
    }
}

TEST_F(GeminiTest, WhatFailsAfterTheFirstSentenceIsNoAnswer) {
    const auto gemini = model();
    const std::vector<std::pair<ChatScript, std::string>> cases = {
        {broken_after(3, Ending::reset, gemini_says(answer)), "unavailable"},
        {broken_after(3, Ending::cut, gemini_says(answer)), "unavailable"},
        {gemini_says(answer, 4, "MAX_TOKENS"), "corrupt"},
        {gemini_says(answer, 4, "SAFETY"), "rejected"},
    };
    for (const auto& [script, expected] : cases) {
        server_.next(script);
        // Whether the sentence was there before the trouble is a matter of luck.
        EXPECT_THAT(outcome(*gemini), testing::AnyOf(expected, "then " + expected));
    }
}

TEST_F(GeminiTest, ErrorsSayNothingOfThePatient) {
    const auto gemini = model();
    server_.next(tests::refuses(400, gemini_error(400, "INVALID_ARGUMENT", "Invalid text: It hurts.")));
    const auto refused = ask(*gemini);
    EXPECT_THAT(refused.error().detail, Not(HasSubstr("hurts")));
    EXPECT_EQ(refused.error().provider_code, 400);
}

TEST_F(GeminiTest, RemembersToLeaveALimitedServerAlone) {
    const auto gemini = model();
    const auto now = std::chrono::steady_clock::now();
    EXPECT_LT(gemini->not_before(), now);
    server_.next(tests::refuses(429, gemini_error(429, "RESOURCE_EXHAUSTED", "m", R"([{"retryDelay":"37s"}])")));
    const auto limited = ask(*gemini);
    EXPECT_EQ(limited.error().provider_code, 429);
    EXPECT_GT(gemini->not_before(), now + 36s);
    EXPECT_LT(gemini->not_before(), now + 60s);
    server_.next(tests::refuses(429, "", "Retry-After: 5\r\n"));
    (void)ask(*gemini);
    EXPECT_GT(gemini->not_before(), now + 36s) << "a shorter wait does not shorten a longer one";
}

TEST_F(GeminiTest, RefusesAPromptThatIsNone) {
    const auto gemini = model();
    ChatPrompt no_user = prompt();
    no_user.messages.push_back({ChatMessage::Role::assistant, "Hello."});
    EXPECT_EQ(ask(*gemini, 10s, no_user).error().code, Errc::invalid_input);
    ChatPrompt no_schema = prompt();
    no_schema.schema = "{";
    EXPECT_EQ(ask(*gemini, 10s, no_schema).error().code, Errc::invalid_input);
    EXPECT_TRUE(server_.requests().empty());
}

TEST_F(GeminiTest, ReportsAServerThatIsAway) {
    GeminiOptions options;
    options.base_url = {.scheme = "http", .host = "127.0.0.1", .port = net::closed_port(), .path = "/"};
    const auto reply = ask(*make_gemini(std::move(options), client_.client()));
    EXPECT_EQ(reply.error().code, Errc::unavailable);
}

TEST_F(GeminiTest, ManyAskAtOnce) {
    const auto gemini = model();
    std::vector<std::future<Asked>> asked;
    for (int i = 0; i < 40; ++i) asked.push_back(begin_to_ask(*gemini));
    for (auto& one : asked) {
        const auto reply = one.get();
        ASSERT_TRUE(reply.has_value()) << reply.error().detail;
        EXPECT_TRUE(finish(**reply).has_value());
    }
}

}  // namespace
}  // namespace carevoice::ai
