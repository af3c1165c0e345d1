// From the bytes of a streamed response to a spoken sentence and an answer, without I/O.
#pragma once

#include "ai/chat_model.h"
#include "ai/event_stream.h"
#include "ai/model_text.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// A piece of an answer, in whichever format it came.
struct ChatChunk {
    std::string text;           ///< the answer's next characters
    std::string finish;         ///< the server's word for a regular end; empty: more may come
    bool is_last = false;       ///< nothing comes after it
    std::string model_version;  ///< empty: not told
    std::optional<ChatUsage> usage;
};

/// One event's data as a chunk. Errors as of ChatModel::ask(): an error report, a blocked prompt or answer, an end that
/// cuts the answer off, something else than JSON of that format.
using ReadChunk = Result<ChatChunk> (*)(std::string_view data);

/// One answer. Not thread-safe; of no more use after an error.
class AnswerReader {
public:
    explicit AnswerReader(ReadChunk read_chunk);

    Result<> feed(std::string_view bytes);
    /// The body has ended. An error unless that leaves a usable answer.
    Result<> end();

    /// Never empty.
    [[nodiscard]] const std::optional<std::string>& speak() const noexcept { return spoken_.value(); }
    /// The answer has ended well; usage may still come.
    [[nodiscard]] bool is_usable() const noexcept;
    /// Nothing of interest is to come any more.
    [[nodiscard]] bool is_over() const noexcept { return is_usable() && (is_last_ || has_usage_); }
    ChatAnswer take();

private:
    Result<> take_events();
    Result<> take_chunk(std::string_view data);

    ReadChunk read_chunk_;
    EventStream events_;
    ThoughtFilter thoughts_;
    SpokenField spoken_;
    ChatAnswer answer_;
    bool is_last_ = false;
    bool has_usage_ = false;
};

}  // namespace carevoice::ai
