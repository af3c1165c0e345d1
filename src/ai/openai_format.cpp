#include "ai/openai_format.h"

#include "ai/json_member.h"
#include "ai/server_error.h"

#include <boost/json.hpp>

#include <algorithm>

namespace carevoice::ai {

namespace json = boost::json;

namespace {

json::value convert(const json::value& schema) {
    const auto* object = schema.if_object();
    return object == nullptr ? schema : json::value(openai_schema(*object));
}

/// "type": "string" and "nullable": true are one list here.
json::value nullable(const json::value& type) {
    json::array types;
    types.push_back(type);
    types.emplace_back("null");
    return types;
}

/// Only "stop" is a complete answer.
Result<std::string> read_finish(std::string_view reason) {
    if (reason.empty() || reason == "stop") return std::string(reason);
    if (reason == "content_filter") return Error{Errc::rejected, "the model's answer was blocked (content_filter)"};
    if (reason == "length") return Error{Errc::corrupt, "the model's answer was cut off at its limit of tokens"};
    return Error{Errc::corrupt, "the model's answer ended for another reason" + in_brackets(reason)};
}

Result<> read_choice(const json::value& choice, ChatChunk& chunk) {
    auto finish = read_finish(find_text(choice, "finish_reason"));
    if (finish.has_error()) return finish.error();
    chunk.finish = std::move(*finish);
    const auto* message = find_member(choice, "delta");
    if (message == nullptr) message = find_member(choice, "message");
    if (message == nullptr) return {};
    // "reasoning_content" beside it holds thoughts and is left alone.
    if (!find_text(*message, "refusal").empty()) return Error{Errc::rejected, "the model refused to answer"};
    chunk.text = find_text(*message, "content");
    return {};
}

}  // namespace

json::object openai_schema(const json::object& schema) {
    json::object converted;
    for (const auto& [keyword, value] : schema) {
        if (keyword == "propertyOrdering" || keyword == "nullable") continue;
        if (keyword == "properties" && value.is_object()) {
            json::object properties;
            for (const auto& [name, property] : value.get_object()) properties[name] = convert(property);
            converted["properties"] = std::move(properties);
        } else if (keyword == "anyOf" && value.is_array()) {
            json::array choices;
            for (const auto& choice : value.get_array()) choices.push_back(convert(choice));
            converted["anyOf"] = std::move(choices);
        } else {
            converted[keyword] = keyword == "items" ? convert(value) : value;
        }
    }
    const auto* is_nullable = schema.if_contains("nullable");
    const auto* type = schema.if_contains("type");
    if (is_nullable != nullptr && *is_nullable == true && type != nullptr && type->is_string())
        converted["type"] = nullable(*type);
    if (schema.contains("properties")) converted["additionalProperties"] = false;
    return converted;
}

bool is_strict_schema(const json::object& schema) {
    const auto is_strict = [](const json::value& part) {
        return !part.is_object() || is_strict_schema(part.get_object());
    };
    if (const auto* items = schema.if_contains("items"); items != nullptr && !is_strict(*items)) return false;
    if (const auto* choices = schema.if_contains("anyOf"); choices != nullptr && choices->is_array()) {
        const auto& list = choices->get_array();
        if (!std::all_of(list.begin(), list.end(), is_strict)) return false;
    }
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) return true;
    const auto* required = schema.if_contains("required");
    if (required == nullptr || !required->is_array()) return properties->get_object().empty();
    const auto& names = required->get_array();
    const auto& members = properties->get_object();
    return std::all_of(members.begin(), members.end(), [&](const auto& member) {
        const auto is_this = [&](const json::value& name) {
            return name.is_string() && name.get_string() == member.key();
        };
        return std::any_of(names.begin(), names.end(), is_this) && is_strict(member.value());
    });
}

Result<std::string> openai_request_begin(const ChatPrompt& prompt, const OpenAiRequestOptions& options) {
    boost::system::error_code failure;
    const json::value schema = json::parse(prompt.schema, failure);
    if (failure || !schema.is_object()) return Error{Errc::invalid_input, "the schema is no JSON object", "schema"};
    json::object format{{"name", "answer"},
                        {"strict", is_strict_schema(schema.get_object())},
                        {"schema", openai_schema(schema.get_object())}};
    json::object request{{"model", options.model},
                         {"stream", true},
                         {"stream_options", {{"include_usage", true}}},
                         {"max_tokens", prompt.max_output_tokens},
                         {"response_format", {{"type", "json_schema"}, {"json_schema", std::move(format)}}}};
    if (options.temperature) request["temperature"] = *options.temperature;
    if (!options.reasoning_effort.empty()) request["reasoning_effort"] = options.reasoning_effort;
    const json::object system{{"role", "system"}, {"content", prompt.system}};
    std::string text = json::serialize(request);
    text.pop_back();
    return text + ",\"messages\":[" + json::serialize(system);
}

Result<std::string> openai_request_end(const std::vector<ChatMessage>& messages) {
    if (messages.empty() || messages.back().role != ChatMessage::Role::user)
        return Error{Errc::invalid_input, "the last message is not a user's", "messages"};
    std::string text;
    for (const auto& message : messages) {
        const json::object entry{{"role", message.role == ChatMessage::Role::user ? "user" : "assistant"},
                                 {"content", message.text}};
        text.append(",").append(json::serialize(entry));
    }
    return text + "]}";
}

Result<ChatChunk> read_openai_chunk(std::string_view data) {
    ChatChunk chunk;
    if (data == "[DONE]") {
        chunk.is_last = true;
        return chunk;
    }
    boost::system::error_code failure;
    const json::value body = json::parse(data, failure);
    if (failure) return Error{Errc::corrupt, "the model's server sends something else than JSON"};
    if (auto error = find_server_error(body)) return error->error;
    chunk.model_version = find_text(body, "model");
    const auto* choices = find_array(body, "choices");
    if (choices != nullptr && !choices->empty()) {
        if (auto read = read_choice(choices->front(), chunk); read.has_error()) return read.error();
    }
    if (const auto* usage = find_member(body, "usage"); usage != nullptr && usage->is_object()) {
        chunk.usage.emplace();
        chunk.usage->input_tokens = find_count(*usage, "prompt_tokens");
        chunk.usage->output_tokens = find_count(*usage, "completion_tokens");
        if (const auto* details = find_member(*usage, "prompt_tokens_details"); details != nullptr)
            chunk.usage->cached_input_tokens = find_count(*details, "cached_tokens");
    }
    return chunk;
}

}  // namespace carevoice::ai
