#include "ai/openai_format.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace carevoice::ai {
namespace {

namespace json = boost::json;

json::object make(const ChatPrompt& prompt, const OpenAiRequestOptions& options) {
    const auto begin = openai_request_begin(prompt, options);
    const auto end = openai_request_end(prompt.messages);
    EXPECT_TRUE(begin.has_value() && end.has_value());
    return json::parse(*begin + *end).as_object();
}

ChatPrompt usual_prompt() {
    ChatPrompt prompt;
    prompt.system = "Be kind.";
    prompt.schema = R"({"type":"object","properties":{"speak":{"type":"string"}},"required":["speak"]})";
    prompt.messages = {{ChatMessage::Role::assistant, "How is your pain?"}, {ChatMessage::Role::user, "\"Bad\""}};
    return prompt;
}

TEST(OpenAiFormat, WritesARequest) {
    const auto request = make(usual_prompt(), {.model = "local-7b", .temperature = {}, .reasoning_effort = {}});
    EXPECT_EQ(json::value(request), json::parse(R"({"model":"local-7b","stream":true,
        "stream_options":{"include_usage":true},"max_tokens":256,
        "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":
            {"type":"object","properties":{"speak":{"type":"string"}},"required":["speak"],
             "additionalProperties":false}}},
        "messages":[{"role":"system","content":"Be kind."},{"role":"assistant","content":"How is your pain?"},
                    {"role":"user","content":"\"Bad\""}]})"));
    const auto more = make(usual_prompt(), {.model = "m", .temperature = 0.25, .reasoning_effort = "none"});
    EXPECT_EQ(more.at("temperature"), 0.25);
    EXPECT_EQ(more.at("reasoning_effort"), "none");
}

TEST(OpenAiFormat, WritesTheSchemaInOpenAisDialect) {
    const auto converted = openai_schema(json::parse(R"({"type":"object","propertyOrdering":["a"],"properties":{
        "a":{"type":"string","nullable":true},
        "b":{"type":"array","items":{"type":"object","properties":{"c":{"anyOf":[{"type":"string"}]}}}}}})")
                                             .as_object());
    EXPECT_EQ(json::value(converted), json::parse(R"({"type":"object","additionalProperties":false,"properties":{
        "a":{"type":["string","null"]},
        "b":{"type":"array","items":{"type":"object","additionalProperties":false,
            "properties":{"c":{"anyOf":[{"type":"string"}]}}}}}})"));
}

TEST(OpenAiFormat, KnowsWhatStrictModeTakes) {
    const auto is_strict = [](std::string_view text) { return is_strict_schema(json::parse(text).as_object()); };
    EXPECT_TRUE(is_strict(R"({"type":"string"})"));
    EXPECT_TRUE(is_strict(R"({"properties":{"a":{},"b":{}},"required":["b","a"]})"));
    EXPECT_TRUE(is_strict(R"({"properties":{}})"));
    EXPECT_FALSE(is_strict(R"({"properties":{"a":{}}})"));
    EXPECT_FALSE(is_strict(R"({"properties":{"a":{},"b":{}},"required":["a"]})"));
    EXPECT_FALSE(is_strict(R"({"items":{"properties":{"a":{}}}})"));
    EXPECT_FALSE(is_strict(R"({"anyOf":[{"type":"string"},{"properties":{"a":{}},"required":[7]}]})"));
}

TEST(OpenAiFormat, RefusesWhatMakesNoRequest) {
    ChatPrompt prompt = usual_prompt();
    prompt.schema = "{";
    EXPECT_EQ(openai_request_begin(prompt, {}).error().code, Errc::invalid_input);
    EXPECT_EQ(openai_request_end({}).error().code, Errc::invalid_input);
    EXPECT_EQ(openai_request_end({{ChatMessage::Role::assistant, "Hello."}}).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::ai
