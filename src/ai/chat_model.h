// What a language model is to us: a prompt in, a sentence to speak as soon as it is there, a JSON answer after it.
#pragma once

#include "ai/chat_prompt.h"
#include "async/task.h"
#include "core/error.h"
#include "core/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// 0 where the server does not tell.
struct ChatUsage {
    std::int64_t input_tokens = 0;         ///< with the cached ones
    std::int64_t cached_input_tokens = 0;  ///< cheaper ones among them
    std::int64_t output_tokens = 0;        ///< with thoughts
};

/// A complete answer; what is cut, blocked or no JSON object is an error instead.
struct ChatAnswer {
    std::string text;           ///< the JSON object as the model wrote it: not held to the schema, not judged
    std::string model_version;  ///< what the server says it ran; may be empty
    std::string finish;         ///< the server's own word for the end ("STOP"); may be empty
    ChatUsage usage;
};

/// An answer on its way, whose beginning is there. Used on one strand. Destroying it ends the request.
class ChatReply {
public:
    virtual ~ChatReply() = default;
    /// The value of "speak", trimmed, never empty; the model's own words, not judged.
    [[nodiscard]] virtual const std::string& speak() const noexcept = 0;
    /// Once: waits for the rest. Errors as of ask(): what was spoken stands, what was found is lost.
    virtual async::Task<Result<ChatAnswer>> finish(Deadline deadline) = 0;
};

/// Error::field of `unavailable` when no model was asked because it has failed too often of late.
inline constexpr std::string_view breaker_field = "breaker";

/// Thread-safe; outlives its replies. Errors hold no word of a prompt or an answer: timed_out; unavailable (overloaded,
/// lost; 429 as provider_code: limited); rejected (provider_code: an HTTP status for good; 0: the filters of the
/// provider blocked the prompt or the answer); corrupt (cut off, not JSON, no "speak"); invalid_input; cancelled.
class ChatModel {
public:
    virtual ~ChatModel() = default;
    /// Ready as soon as "speak" is complete, or an error by `deadline`.
    virtual async::Task<Result<std::unique_ptr<ChatReply>>> ask(ChatPrompt prompt, Deadline deadline) = 0;
    /// The provider's name of it, for metrics and logs.
    [[nodiscard]] virtual const std::string& name() const noexcept = 0;
    /// The server asked to be left alone until then; a time gone by when it did not.
    [[nodiscard]] virtual SteadyTime not_before() const noexcept = 0;
};

}  // namespace carevoice::ai
