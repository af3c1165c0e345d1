#include "ai/answer_reader.h"

#include "core/text.h"

#include <boost/json.hpp>

#include <utility>

namespace carevoice::ai {

namespace {

/// One response object of a provider; they are a few hundred bytes.
constexpr std::size_t event_bytes_max = 64UL * 1024;
/// 256 tokens are about 1 KB.
constexpr std::size_t answer_bytes_max = 16UL * 1024;

bool is_json_object(std::string_view text) {
    boost::system::error_code failure;
    return boost::json::parse(text, failure).is_object() && !failure;
}

}  // namespace

AnswerReader::AnswerReader(ReadChunk read_chunk) : read_chunk_(read_chunk), events_(event_bytes_max) {}

Result<> AnswerReader::feed(std::string_view bytes) {
    if (auto fed = events_.feed(bytes); fed.has_error()) return fed;
    return take_events();
}

Result<> AnswerReader::end() {
    auto ended = events_.end();
    if (ended.has_value()) ended = take_events();
    if (is_usable()) return {};
    if (ended.has_error()) return ended;
    // What is no event is an error report, or the whole answer of a server that does not stream.
    if (const auto stray = trim(events_.stray()); !stray.empty()) {
        if (auto taken = take_chunk(stray); taken.has_error()) return taken;
    }
    if (is_usable()) return {};
    if (answer_.finish.empty() && !is_last_) return Error{Errc::unavailable, "the model's answer ended too early"};
    return Error{Errc::corrupt, "the model's answer is not an object with something to speak"};
}

Result<> AnswerReader::take_events() {
    while (const auto event = events_.next())
        if (auto taken = take_chunk(*event); taken.has_error()) return taken;
    return {};
}

Result<> AnswerReader::take_chunk(std::string_view data) {
    auto chunk = read_chunk_(data);
    if (chunk.has_error()) return chunk.error();
    const std::string text = thoughts_.pass(chunk->text);
    if (answer_.text.size() + text.size() > answer_bytes_max)
        return Error{Errc::corrupt, "the model's answer is too long"};
    answer_.text += text;
    const bool had_object = spoken_.is_object_complete();
    spoken_.feed(text);
    if (spoken_.value() && spoken_.value()->empty())
        return Error{Errc::corrupt, "the model's answer has nothing to speak"};
    if (!had_object && spoken_.is_object_complete() && !is_json_object(spoken_.object_in(answer_.text)))
        return Error{Errc::corrupt, "the model's answer is not JSON"};
    if (!chunk->finish.empty()) answer_.finish = std::move(chunk->finish);
    if (!chunk->model_version.empty()) answer_.model_version = std::move(chunk->model_version);
    if (chunk->usage) {
        answer_.usage = *chunk->usage;
        has_usage_ = !answer_.finish.empty();
    }
    is_last_ = is_last_ || chunk->is_last;
    return {};
}

bool AnswerReader::is_usable() const noexcept {
    return (is_last_ || !answer_.finish.empty()) && spoken_.is_object_complete() && speak().has_value();
}

ChatAnswer AnswerReader::take() {
    ChatAnswer answer = std::move(answer_);
    answer.text = std::string(spoken_.object_in(answer.text));
    return answer;
}

}  // namespace carevoice::ai
