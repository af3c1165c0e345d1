// Gemini's JSON: requests and pieces of answers, without I/O (v1beta, models.streamGenerateContent).
#pragma once

#include "ai/answer_reader.h"
#include "ai/chat_prompt.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// How a model is told to think little. Telling it the wrong way is an error 400.
struct GeminiThinking {
    enum class Style { none, level, budget };
    Style style = Style::none;
    std::string level;  ///< "MINIMAL", "LOW" …: models 3.x
    int budget = 0;     ///< tokens: models 2.5

    /// The least that a model of that name takes, by the table of November 2026; none for a name unknown then.
    static GeminiThinking least_of(std::string_view model);
};

/// The schema in the dialect of `responseSchema` (a subset of OpenAPI 3.0): members in the order they are written in
/// become propertyOrdering, lists of types become `nullable`, and what that dialect lacks is left out.
boost::json::object gemini_schema(const boost::json::object& schema);

/// All of a request but its messages, as JSON without the last brace and with "contents": begun. invalid_input when the
/// schema is no JSON object.
Result<std::string> gemini_request_begin(const ChatPrompt& prompt, const GeminiThinking& thinking,
                                         std::optional<double> temperature);
/// The rest of it. invalid_input unless the last message is a user's: Gemini refuses others.
Result<std::string> gemini_request_end(const std::vector<ChatMessage>& messages);

/// A ReadChunk.
Result<ChatChunk> read_gemini_chunk(std::string_view data);

}  // namespace carevoice::ai
