#include "ai/openai_compatible.h"

#include "chat_test.h"

#include <gmock/gmock.h>

namespace carevoice::ai {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::ChatScript;
using tests::FakeChatServer;
using tests::openai_event;
using tests::openai_says;
using Ending = ChatScript::Ending;

class OpenAiTest : public ChatTest {
protected:
    std::unique_ptr<ChatModel> model(std::string key = "secret-key") {
        OpenAiOptions options;
        options.base_url = server_.url("/v1/");
        options.api_key = std::move(key);
        options.model = "local-7b";
        return make_openai_compatible(std::move(options), client_.client());
    }

    FakeChatServer server_{openai_says(answer)};
};

TEST_F(OpenAiTest, AsksAndAnswers) {
    const auto local = model();
    const auto reply = ask(*local);
    ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    EXPECT_EQ((*reply)->speak(), "That sounds painful. Where is it?");
    const auto whole = finish(**reply);
    ASSERT_TRUE(whole.has_value()) << whole.error().detail;
    EXPECT_EQ(whole->text, answer);
    EXPECT_EQ(whole->model_version, "local-7b");
    EXPECT_EQ(whole->finish, "stop");
    EXPECT_EQ(whole->usage.input_tokens, 900);
    EXPECT_EQ(whole->usage.output_tokens, 40);

    const auto request = server_.requests().at(0);
    EXPECT_EQ(request.target, "/v1/chat/completions");
    EXPECT_THAT(request.head, HasSubstr("Authorization: Bearer secret-key\r\n"));
    const auto body = boost::json::parse(request.body).as_object();
    EXPECT_EQ(body.at("model"), "local-7b");
    EXPECT_EQ(body.at("messages").at(1).at("content"), "It hurts.");
}

TEST_F(OpenAiTest, SendsNoKeyWhenItHasNone) {
    EXPECT_EQ(outcome(*model("")), "ok");
    EXPECT_THAT(server_.requests().at(0).head, Not(HasSubstr("Authorization")));
}

TEST_F(OpenAiTest, LeavesOutWhatModelsThink) {
    const auto local = model();
    server_.next(openai_says("<think>She says {\"speak\":\"ouch\"}.</think>" + std::string(answer), 12));
    const auto reply = ask(*local);
    ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    EXPECT_EQ((*reply)->speak(), "That sounds painful. Where is it?");
    EXPECT_EQ(finish(**reply)->text, answer);
}

TEST_F(OpenAiTest, EveryTroubleIsAnErrorInTime) {
    const auto local = model();
    struct Case {
        const char* name;
        ChatScript script;
        const char* outcome;
    };
    ChatScript stays_open = openai_says(answer);
    stays_open.ending = Ending::silence;
    const std::vector<Case> cases = {
        {"half open", tests::never_answers(), "timed_out"},
        {"reset", broken_after(2, Ending::reset, openai_says(answer)), "unavailable"},
        {"limited", tests::refuses(429, R"({"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}})"),
         "unavailable"},
        {"code as a number",
         tests::refuses(400, R"({"error":{"code":400,"message":"m","type":"invalid_request_error"}})"), "rejected"},
        {"error as text", tests::refuses(404, R"({"error":"model 'x' not found, try pulling it first"})"), "rejected"},
        {"error after 200", {.pieces = {"data: {\"error\":{\"code\":500,\"message\":\"m\"}}\n\n"}}, "unavailable"},
        {"another error after 200",
         {.pieces = {R"({"error":{"message":"m","code":"context_length_exceeded"}})"}},
         "unavailable"},
        {"cut off", openai_says(R"({"speak":"Hel)", 2, "length"), "corrupt"},
        {"refused", {.pieces = {openai_event(R"([{"delta":{"refusal":"I cannot help with that."}}])")}}, "rejected"},
        {"no JSON", openai_says("Hello there."), "corrupt"},
        {"empty", {}, "unavailable"},
        {"no finish", broken_after(6, Ending::complete, openai_says(answer)), "then unavailable"},
        {"no usage", broken_after(7, Ending::complete, openai_says(answer)), "ok"},
        {"open after the end", stays_open, "ok"},
    };
    for (const auto& [name, script, expected] : cases) {
        server_.next(script);
        EXPECT_EQ(outcome(*local, std::string_view(expected) == "timed_out" ? 50ms : 10s), expected) << name;
        EXPECT_EQ(outcome(*local), "ok") << "after " << name;
    }
}

}  // namespace
}  // namespace carevoice::ai
