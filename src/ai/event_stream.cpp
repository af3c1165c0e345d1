#include "ai/event_stream.h"

#include <utility>

namespace carevoice::ai {

namespace {

Error too_long() {
    return Error{Errc::corrupt, "the model's server sends more than an answer can be"};
}

/// Fields of no use to us, and comments (with which servers keep a connection awake).
bool is_ignored(std::string_view line) {
    for (const std::string_view name : {"", "event", "id", "retry"})
        if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) return true;
    return false;
}

}  // namespace

Result<> EventStream::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (std::exchange(after_cr_, false) && bytes.front() == '\n') bytes.remove_prefix(1);
        const auto end = bytes.find_first_of("\r\n");
        const auto part = bytes.substr(0, end);
        if (line_.size() + part.size() > bytes_max_) return too_long();
        line_.append(part);
        if (end == std::string_view::npos) break;
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        if (auto taken = take_line(); taken.has_error()) return taken;
    }
    return {};
}

Result<> EventStream::end() {
    if (!line_.empty()) {
        if (auto taken = take_line(); taken.has_error()) return taken;
    }
    dispatch();
    return {};
}

Result<> EventStream::take_line() {
    const std::string line = std::exchange(line_, {});
    if (line.empty()) {
        dispatch();
        return {};
    }
    constexpr std::string_view data = "data:";
    if (line.starts_with(data)) {
        auto value = std::string_view(line).substr(data.size());
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (data_.size() + value.size() >= bytes_max_) return too_long();
        if (has_data_) data_ += '\n';
        data_ += value;
        has_data_ = true;
        return {};
    }
    if (is_ignored(line)) return {};
    if (stray_.size() + line.size() >= bytes_max_) return too_long();
    stray_.append(line).append("\n");
    return {};
}

void EventStream::dispatch() {
    if (std::exchange(has_data_, false)) events_.push_back(std::exchange(data_, {}));
}

std::optional<std::string> EventStream::next() {
    if (events_.empty()) return std::nullopt;
    std::string event = std::move(events_.front());
    events_.pop_front();
    return event;
}

}  // namespace carevoice::ai
