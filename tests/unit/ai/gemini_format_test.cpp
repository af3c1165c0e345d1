#include "ai/gemini_format.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace carevoice::ai {
namespace {

namespace json = boost::json;
using Style = GeminiThinking::Style;

constexpr std::string_view schema = R"({"$schema":"x","type":"object","additionalProperties":false,"properties":{
    "speak":{"type":"string","maxLength":200},
    "title":{"type":["string","null"]},
    "findings":{"type":"array","items":{"type":"object","additionalProperties":false,
        "properties":{"kind":{"type":"string","enum":["pain","fever"]},"additionalProperties":{"type":"boolean"}},
        "required":["kind"]}},
    "score":{"anyOf":[{"type":"integer"},{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"string"}}}]}},
    "required":["speak","findings"]})";

json::object make(const ChatPrompt& prompt, const GeminiThinking& thinking = {},
                  std::optional<double> temperature = {}) {
    const auto begin = gemini_request_begin(prompt, thinking, temperature);
    const auto end = gemini_request_end(prompt.messages);
    EXPECT_TRUE(begin.has_value() && end.has_value());
    return json::parse(*begin + *end).as_object();
}

ChatPrompt usual_prompt() {
    ChatPrompt prompt;
    prompt.system = "Be \"kind\".\nSay little.";
    prompt.schema = schema;
    prompt.messages = {{ChatMessage::Role::assistant, "How is your pain?"},
                       {ChatMessage::Role::user, "Bad, ünd worse"}};
    return prompt;
}

TEST(GeminiFormat, WritesARequest) {
    const auto request = make(usual_prompt());
    EXPECT_EQ(request.at("systemInstruction"), json::parse(R"({"parts":[{"text":"Be \"kind\".\nSay little."}]})"));
    EXPECT_EQ(request.at("contents"), json::parse(R"([{"role":"model","parts":[{"text":"How is your pain?"}]},
                                                      {"role":"user","parts":[{"text":"Bad, ünd worse"}]}])"));
    const auto& generation = request.at("generationConfig").as_object();
    EXPECT_EQ(generation.at("maxOutputTokens"), 256);
    EXPECT_EQ(generation.at("responseMimeType"), "application/json");
    EXPECT_FALSE(generation.contains("temperature"));
    EXPECT_FALSE(generation.contains("thinkingConfig"));
    const auto& settings = request.at("safetySettings").as_array();
    ASSERT_EQ(settings.size(), 4U);
    for (const auto& setting : settings) EXPECT_EQ(setting.at("threshold"), "BLOCK_ONLY_HIGH");
}

TEST(GeminiFormat, TellsEachModelToThinkLittleInItsOwnWay) {
    const auto config = [](std::string_view model) {
        const auto request = make(usual_prompt(), GeminiThinking::least_of(model), 0.5);
        const auto& generation = request.at("generationConfig").as_object();
        EXPECT_EQ(generation.at("temperature"), 0.5);
        return generation.contains("thinkingConfig") ? json::serialize(generation.at("thinkingConfig")) : "";
    };
    EXPECT_EQ(config("gemini-3.5-flash-lite"), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(config("gemini-3.1-flash-lite"), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(config("gemini-3.6-flash"), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(config("gemini-2.5-flash-lite"), R"({"thinkingBudget":0})");
    EXPECT_EQ(config("gemma-4"), "");
}

TEST(GeminiFormat, WritesTheSchemaInGeminisDialect) {
    const auto converted = gemini_schema(json::parse(schema).as_object());
    EXPECT_EQ(json::value(converted), json::parse(R"({"type":"object","properties":{
        "speak":{"type":"string","maxLength":200},
        "title":{"type":"string","nullable":true},
        "findings":{"type":"array","items":{"type":"object",
            "properties":{"kind":{"type":"string","enum":["pain","fever"]},"additionalProperties":{"type":"boolean"}},
            "propertyOrdering":["kind","additionalProperties"],"required":["kind"]}},
        "score":{"anyOf":[{"type":"integer"},{"type":"object",
            "properties":{"b":{"type":"string"},"a":{"type":"string"}},"propertyOrdering":["b","a"]}]}},
        "propertyOrdering":["speak","title","findings","score"],"required":["speak","findings"]})"));
}

TEST(GeminiFormat, RefusesWhatGeminiWouldRefuse) {
    ChatPrompt prompt = usual_prompt();
    for (const char* bad : {"", "7", "{", "[]"}) {
        prompt.schema = bad;
        EXPECT_EQ(gemini_request_begin(prompt, {}, {}).error().code, Errc::invalid_input) << bad;
    }
    EXPECT_EQ(gemini_request_end({}).error().code, Errc::invalid_input);
    EXPECT_EQ(gemini_request_end({{ChatMessage::Role::assistant, "Hello."}}).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::ai
