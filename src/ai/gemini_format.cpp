#include "ai/gemini_format.h"

#include "ai/json_member.h"
#include "ai/server_error.h"

#include <boost/json.hpp>

#include <array>

namespace carevoice::ai {

namespace json = boost::json;

namespace {

/// Wounds, drugs and despair are our subject; what the provider still blocks ends in our own words.
json::array safety_settings() {
    static constexpr std::array<std::string_view, 4> categories = {
        "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        "HARM_CATEGORY_DANGEROUS_CONTENT"};
    json::array settings;
    for (const auto category : categories)
        settings.push_back({{"category", category}, {"threshold", "BLOCK_ONLY_HIGH"}});
    return settings;
}

json::object text_part(std::string_view text) {
    json::array parts;
    parts.push_back(json::object{{"text", text}});
    return {{"parts", std::move(parts)}};
}

json::value convert(const json::value& schema) {
    const auto* object = schema.if_object();
    return object == nullptr ? schema : json::value(gemini_schema(*object));
}

void convert_types(const json::array& types, json::object& to) {
    for (const auto& type : types) {
        if (type == "null")
            to["nullable"] = true;
        else if (!to.contains("type"))
            to["type"] = type;
    }
}

void convert_properties(const json::object& properties, json::object& to) {
    json::object converted;
    json::array order;
    for (const auto& [name, value] : properties) {
        converted[name] = convert(value);
        order.emplace_back(name);
    }
    to["properties"] = std::move(converted);
    to["propertyOrdering"] = std::move(order);
}

bool is_foreign(std::string_view keyword) {
    return keyword == "additionalProperties" || keyword == "propertyOrdering" || keyword.starts_with('$');
}

/// An answer that is not complete is of no use, whatever the reason.
Result<std::string> read_finish(std::string_view reason) {
    if (reason == "STOP") return std::string(reason);
    if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return std::string();
    if (reason == "MAX_TOKENS") return Error{Errc::corrupt, "the model's answer was cut off at its limit of tokens"};
    return Error{Errc::rejected, "the model's answer was blocked" + in_brackets(reason)};
}

std::string candidate_text(const json::value& candidate) {
    std::string text;
    const auto* content = find_member(candidate, "content");
    const auto* parts = content == nullptr ? nullptr : find_array(*content, "parts");
    if (parts == nullptr) return text;
    for (const auto& part : *parts) {
        const auto* thought = find_member(part, "thought");
        if (thought != nullptr && thought->is_bool() && thought->get_bool()) continue;
        text += find_text(part, "text");
    }
    return text;
}

Result<ChatChunk> read_response(const json::value& response) {
    ChatChunk chunk;
    chunk.model_version = find_text(response, "modelVersion");
    if (const auto* feedback = find_member(response, "promptFeedback"); feedback != nullptr) {
        const auto reason = find_text(*feedback, "blockReason");
        if (!reason.empty() && reason != "BLOCK_REASON_UNSPECIFIED")
            return Error{Errc::rejected, "the prompt was blocked" + in_brackets(reason)};
    }
    const auto* candidates = find_array(response, "candidates");
    if (candidates != nullptr && !candidates->empty()) {
        auto finish = read_finish(find_text(candidates->front(), "finishReason"));
        if (finish.has_error()) return finish.error();
        chunk.finish = std::move(*finish);
        chunk.text = candidate_text(candidates->front());
    }
    if (const auto* usage = find_member(response, "usageMetadata"); usage != nullptr && usage->is_object()) {
        chunk.usage.emplace();
        chunk.usage->input_tokens = find_count(*usage, "promptTokenCount");
        chunk.usage->cached_input_tokens = find_count(*usage, "cachedContentTokenCount");
        chunk.usage->output_tokens =
            find_count(*usage, "candidatesTokenCount") + find_count(*usage, "thoughtsTokenCount");
    }
    return chunk;
}

}  // namespace

GeminiThinking GeminiThinking::least_of(std::string_view model) {
    if (model.starts_with("gemini-2.5-flash")) return {.style = Style::budget, .level = {}, .budget = 0};
    if (!model.starts_with("gemini-3")) return {};
    const bool knows_minimal = model.find("flash-lite") != std::string_view::npos;
    return {.style = Style::level, .level = knows_minimal ? "MINIMAL" : "LOW", .budget = 0};
}

json::object gemini_schema(const json::object& schema) {
    json::object converted;
    for (const auto& [keyword, value] : schema) {
        if (is_foreign(keyword)) continue;
        if (keyword == "properties" && value.is_object()) {
            convert_properties(value.get_object(), converted);
        } else if (keyword == "type" && value.is_array()) {
            convert_types(value.get_array(), converted);
        } else if (keyword == "anyOf" && value.is_array()) {
            json::array choices;
            for (const auto& choice : value.get_array()) choices.push_back(convert(choice));
            converted["anyOf"] = std::move(choices);
        } else {
            converted[keyword] = keyword == "items" ? convert(value) : value;
        }
    }
    return converted;
}

Result<std::string> gemini_request_begin(const ChatPrompt& prompt, const GeminiThinking& thinking,
                                         std::optional<double> temperature) {
    boost::system::error_code failure;
    const json::value schema = json::parse(prompt.schema, failure);
    if (failure || !schema.is_object()) return Error{Errc::invalid_input, "the schema is no JSON object", "schema"};
    json::object generation{{"maxOutputTokens", prompt.max_output_tokens},
                            {"responseMimeType", "application/json"},
                            {"responseSchema", gemini_schema(schema.get_object())}};
    if (temperature) generation["temperature"] = *temperature;
    if (thinking.style == GeminiThinking::Style::level)
        generation["thinkingConfig"] = {{"thinkingLevel", thinking.level}};
    if (thinking.style == GeminiThinking::Style::budget)
        generation["thinkingConfig"] = {{"thinkingBudget", thinking.budget}};
    json::object request{{"systemInstruction", text_part(prompt.system)},
                         {"generationConfig", std::move(generation)},
                         {"safetySettings", safety_settings()}};
    std::string text = json::serialize(request);
    text.pop_back();
    return text + ",\"contents\":";
}

Result<std::string> gemini_request_end(const std::vector<ChatMessage>& messages) {
    if (messages.empty() || messages.back().role != ChatMessage::Role::user)
        return Error{Errc::invalid_input, "the last message is not a user's", "messages"};
    json::array contents;
    for (const auto& message : messages) {
        json::object content = text_part(message.text);
        content["role"] = message.role == ChatMessage::Role::user ? "user" : "model";
        contents.push_back(std::move(content));
    }
    return json::serialize(contents) + "}";
}

Result<ChatChunk> read_gemini_chunk(std::string_view data) {
    boost::system::error_code failure;
    const json::value body = json::parse(data, failure);
    if (failure) return Error{Errc::corrupt, "the model's server sends something else than JSON"};
    if (auto error = find_server_error(body)) return error->error;
    const auto* list = body.if_array();
    if (list == nullptr) return read_response(body);
    // Without "alt=sse" the responses come as one list.
    ChatChunk all;
    for (const auto& response : *list) {
        auto chunk = read_response(response);
        if (chunk.has_error()) return chunk;
        chunk->text.insert(0, all.text);
        if (chunk->finish.empty()) chunk->finish = std::move(all.finish);
        if (!chunk->usage) chunk->usage = all.usage;
        if (chunk->model_version.empty()) chunk->model_version = std::move(all.model_version);
        all = std::move(*chunk);
    }
    return all;
}

}  // namespace carevoice::ai
