#include "ai/answer_reader.h"

#include "ai/gemini_format.h"
#include "ai/openai_format.h"
#include "support/fake_chat_server.h"

#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

using tests::ChatScript;
using tests::gemini_error;
using tests::gemini_event;
using tests::gemini_says;
using tests::openai_event;
using tests::openai_says;

constexpr std::string_view answer = R"({"speak":"That sounds painful. Where is it?","findings":[{"kind":"pain"}]})";

std::string body_of(const ChatScript& script) {
    std::string body;
    for (const auto& piece : script.pieces) body += piece;
    return body;
}

/// What comes of a body in pieces of that size.
Result<ChatAnswer> read(ReadChunk read_chunk, std::string_view body, std::size_t piece = 1'000'000) {
    AnswerReader reader(read_chunk);
    for (std::size_t at = 0; at < body.size(); at += piece)
        if (const auto fed = reader.feed(body.substr(at, piece)); fed.has_error()) return fed.error();
    if (const auto ended = reader.end(); ended.has_error()) return ended.error();
    return reader.take();
}

Errc code_of(ReadChunk read_chunk, std::string_view body) {
    const auto result = read(read_chunk, body);
    return result.has_error() ? result.error().code : Errc{};
}

TEST(AnswerReader, ReadsGeminiHoweverItIsSplit) {
    const std::string body = body_of(gemini_says(answer, 7));
    for (std::size_t piece = 1; piece < 300; piece += 7) {
        const auto result = read(read_gemini_chunk, body, piece);
        ASSERT_TRUE(result.has_value()) << result.error().detail;
        EXPECT_EQ(result->text, answer);
        EXPECT_EQ(result->finish, "STOP");
        EXPECT_EQ(result->model_version, "gemini-3.5-flash-lite-001");
        EXPECT_EQ(result->usage.input_tokens, 900);
        EXPECT_EQ(result->usage.cached_input_tokens, 600);
        EXPECT_EQ(result->usage.output_tokens, 42);
    }
}

TEST(AnswerReader, ReadsOpenAiHoweverItIsSplit) {
    const std::string body = body_of(openai_says(answer, 7));
    for (std::size_t piece = 1; piece < 300; piece += 7) {
        const auto result = read(read_openai_chunk, body, piece);
        ASSERT_TRUE(result.has_value()) << result.error().detail;
        EXPECT_EQ(result->text, answer);
        EXPECT_EQ(result->finish, "stop");
        EXPECT_EQ(result->model_version, "local-7b");
        EXPECT_EQ(result->usage.input_tokens, 900);
        EXPECT_EQ(result->usage.output_tokens, 40);
    }
}

TEST(AnswerReader, SpeaksBeforeTheRestIsThere) {
    AnswerReader reader(read_gemini_chunk);
    ASSERT_TRUE(reader.feed(gemini_event(R"({"speak":"That sounds )")).has_value());
    EXPECT_FALSE(reader.speak());
    ASSERT_TRUE(reader.feed(gemini_event(R"(painful.","fin)")).has_value());
    EXPECT_EQ(reader.speak(), "That sounds painful.");
    EXPECT_FALSE(reader.is_usable());
    ASSERT_TRUE(reader.feed(gemini_event(R"(dings":[]})", "STOP")).has_value());
    EXPECT_TRUE(reader.is_usable());
    EXPECT_TRUE(reader.is_over());
    EXPECT_TRUE(reader.end().has_value());
}

TEST(AnswerReader, LeavesThoughtsOut) {
    const std::string gemini =
        "data: "
        "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"{\\\"speak\\\":\\\"thought\\\"}\",\"thought\":true},"
        "{\"text\":\"{\\\"speak\\\":\\\"Hello.\\\"}\",\"thoughtSignature\":\"x\"},7,{}]},\"finishReason\":\"STOP\"}]}"
        "\n\n";
    EXPECT_EQ(read(read_gemini_chunk, gemini)->text, R"({"speak":"Hello."})");
    const std::string tags = body_of(openai_says("<think>{\"speak\":\"no\"}</think>\n" + std::string(answer), 20));
    EXPECT_EQ(read(read_openai_chunk, tags)->text, answer);
    const std::string beside =
        openai_event(R"([{"delta":{"reasoning_content":"{\"speak\":\"no\"}"}}])") + body_of(openai_says(answer));
    EXPECT_EQ(read(read_openai_chunk, beside)->text, answer);
}

TEST(AnswerReader, UnwrapsFences) {
    const std::string fenced = "```json\n" + std::string(answer) + "\n```";
    EXPECT_EQ(read(read_openai_chunk, body_of(openai_says(fenced, 9)))->text, answer);
}

TEST(AnswerReader, OnlyARegularEndIsAnAnswer) {
    for (const char* reason : {"SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
                               "MALFORMED_FUNCTION_CALL", "SOMETHING_NEW", "Maria said it hurts"}) {
        const auto result = read(read_gemini_chunk, body_of(gemini_says(answer, 3, reason)));
        ASSERT_TRUE(result.has_error()) << reason;
        EXPECT_EQ(result.error().code, Errc::rejected) << reason;
        EXPECT_EQ(result.error().provider_code, 0) << reason;
        EXPECT_EQ(result.error().detail.find("Maria"), std::string::npos);
    }
    EXPECT_EQ(code_of(read_gemini_chunk, body_of(gemini_says(answer, 3, "MAX_TOKENS"))), Errc::corrupt);
    EXPECT_EQ(code_of(read_gemini_chunk, "data: {\"candidates\":[{\"finishReason\":\"SAFETY\"}]}\n\n"), Errc::rejected);
    EXPECT_EQ(code_of(read_gemini_chunk, body_of(tests::gemini_blocks())), Errc::rejected);
    EXPECT_EQ(code_of(read_openai_chunk, body_of(openai_says(answer, 3, "length"))), Errc::corrupt);
    EXPECT_EQ(code_of(read_openai_chunk, body_of(openai_says(answer, 3, "content_filter"))), Errc::rejected);
    EXPECT_EQ(code_of(read_openai_chunk, body_of(openai_says(answer, 3, "tool_calls"))), Errc::corrupt);
    EXPECT_EQ(code_of(read_openai_chunk, openai_event(R"([{"delta":{"refusal":"I cannot."}}])")), Errc::rejected);
}

TEST(AnswerReader, AnEndBeforeTheFinishIsALoss) {
    for (const ReadChunk read_chunk : {read_gemini_chunk, read_openai_chunk})
        for (const char* body : {"", "\n\n", ": ping\n\n", "data: {}\n\n"})
            EXPECT_EQ(code_of(read_chunk, body), Errc::unavailable) << body;
    EXPECT_EQ(code_of(read_gemini_chunk, gemini_event(answer)), Errc::unavailable);
}

TEST(AnswerReader, TakesTheEndMarkOfAServerThatGivesNoReason) {
    const std::string body =
        openai_event("[{\"delta\":{\"content\":" + tests::json_text(answer) + "}}]") + "data: [DONE]\n\n";
    EXPECT_EQ(read(read_openai_chunk, body)->text, answer);
}

TEST(AnswerReader, RefusesWhatIsNoAnswer) {
    for (const char* text :
         {"", "I cannot answer in JSON.", "{}", "{\"speak\":\"\"}", "{\"speak\":null}", "[]", "{\"speak\":\"cut off",
          "{\"speak\":\"x\",\"findings\":[}]", "{\"speak\":\"x\",\"findings\":["})
        EXPECT_EQ(code_of(read_gemini_chunk, body_of(gemini_says(text))), Errc::corrupt) << text;
    for (const char* body : {"data: {\n\n", "data: not json\n\n", "Not found\n", "data: \xff\n\n"})
        EXPECT_EQ(code_of(read_gemini_chunk, body), Errc::corrupt) << body;
    const std::string huge = R"({"speak":"x","findings":")" + std::string(20'000, 'y') + "\"}";
    EXPECT_EQ(code_of(read_gemini_chunk, body_of(gemini_says(huge, 50))), Errc::corrupt);
}

TEST(AnswerReader, HoldsOutAgainstStrangeShapes) {
    for (const char* event : {"[]", "7", "null", "\"x\"", "{\"candidates\":7}", "{\"candidates\":[7]}",
                              "{\"candidates\":[{\"content\":[]}]}", "{\"candidates\":[{\"content\":{\"parts\":{}}}]}",
                              "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":7}]}}]}",
                              "{\"usageMetadata\":{\"promptTokenCount\":\"many\"}}", "{\"usageMetadata\":[]}",
                              "{\"promptFeedback\":[]}", "{\"choices\":7}", "{\"choices\":[7]}",
                              "{\"choices\":[{\"delta\":7}]}", "{\"choices\":[{\"delta\":{\"content\":[]}}]}",
                              "{\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e300}}"})
        for (const ReadChunk read_chunk : {read_gemini_chunk, read_openai_chunk})
            EXPECT_EQ(code_of(read_chunk, "data: " + std::string(event) + "\n\n"), Errc::unavailable) << event;
}

TEST(AnswerReader, FindsAnErrorThatComesAfterText) {
    const std::string begun = gemini_event(R"({"speak":"Hel)");
    const auto late = read(read_gemini_chunk, begun + gemini_error(503, "UNAVAILABLE"));
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().code, Errc::unavailable);
    EXPECT_EQ(late.error().provider_code, 503);
    const auto listed = read(read_gemini_chunk, begun + "[" + gemini_error(429, "RESOURCE_EXHAUSTED") + "]\n");
    EXPECT_EQ(listed.error().provider_code, 429);
    const auto event = read(read_openai_chunk, "data: {\"error\":{\"code\":500,\"message\":\"oops\"}}\n\n");
    EXPECT_EQ(event.error().provider_code, 500);
}

TEST(AnswerReader, TakesAnswersThatAreNotStreamed) {
    const std::string part = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":" + tests::json_text(answer) +
                             "}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":5}}";
    EXPECT_EQ(read(read_gemini_chunk, part)->text, answer);
    const auto first = R"([{"candidates":[{"content":{"parts":[{"text":"{\"speak\":"}]}}],"modelVersion":"m"},)";
    const auto second = R"({"candidates":[{"content":{"parts":[{"text":"\"Hi.\"}"}]},"finishReason":"STOP"}]}])";
    const auto listed = read(read_gemini_chunk, std::string(first) + "\n" + second);
    ASSERT_TRUE(listed.has_value()) << listed.error().detail;
    EXPECT_EQ(listed->text, R"({"speak":"Hi."})");
    EXPECT_EQ(listed->model_version, "m");
    const std::string whole =
        "{\"choices\":[{\"message\":{\"content\":" + tests::json_text(answer) + "},\"finish_reason\":\"stop\"}]}";
    EXPECT_EQ(read(read_openai_chunk, whole)->text, answer);
}

}  // namespace
}  // namespace carevoice::ai
