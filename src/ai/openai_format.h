// The JSON of POST /chat/completions, as OpenAI, llama.cpp, Ollama, vLLM and others speak it, without I/O.
#pragma once

#include "ai/answer_reader.h"
#include "ai/chat_prompt.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// The schema in the dialect of `response_format`: objects take no members but their own, `nullable` becomes a list of
/// types. Whether OpenAI's strict mode takes it (all members required) is told by is_strict_schema().
boost::json::object openai_schema(const boost::json::object& schema);
bool is_strict_schema(const boost::json::object& schema);

struct OpenAiRequestOptions {
    std::string model;
    std::optional<double> temperature;
    std::string reasoning_effort;  ///< "none", "minimal", "low" …; empty: not sent, for not every server knows it
};

/// All of a request but its messages, with "messages": and the system's begun. invalid_input when the schema is no JSON
/// object.
Result<std::string> openai_request_begin(const ChatPrompt& prompt, const OpenAiRequestOptions& options);
/// The rest of it. invalid_input unless the last message is a user's.
Result<std::string> openai_request_end(const std::vector<ChatMessage>& messages);

/// A ReadChunk. Takes the whole answer of a server that does not stream as well.
Result<ChatChunk> read_openai_chunk(std::string_view data);

}  // namespace carevoice::ai
