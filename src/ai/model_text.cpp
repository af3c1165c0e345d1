#include "ai/model_text.h"

#include "core/text.h"

#include <boost/json.hpp>

#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::string_view thought_begin = "<think>";
constexpr std::string_view thought_end = "</think>";
constexpr std::string_view white_space = " \t\r\n";
constexpr std::size_t spoken_bytes_max = 2'000;

/// What stands between the quotes of a JSON string, trimmed; empty when it is none.
std::string decode(const std::string& raw) {
    if (raw.size() > spoken_bytes_max) return {};
    boost::system::error_code failure;
    const auto value = boost::json::parse("\"" + raw + "\"", failure);
    if (failure || !value.is_string()) return {};
    return std::string(trim(std::string_view(value.get_string())));
}

}  // namespace

std::string ThoughtFilter::pass(std::string_view piece) {
    if (state_ == State::open) return std::string(piece);
    held_ += piece;
    if (state_ == State::at_start) {
        held_.erase(0, std::min(held_.find_first_not_of(white_space), held_.size()));
        if (held_.size() < thought_begin.size() && thought_begin.starts_with(held_)) return {};
        state_ = held_.starts_with(thought_begin) ? State::thinking : State::open;
        if (state_ == State::open) return std::exchange(held_, {});
    }
    if (const auto end = held_.find(thought_end); end != std::string::npos) {
        state_ = State::open;
        return std::exchange(held_, {}).substr(end + thought_end.size());
    }
    // The end may be half there.
    if (held_.size() >= thought_end.size()) held_.erase(0, held_.size() - (thought_end.size() - 1));
    return {};
}

void SpokenField::feed(std::string_view piece) {
    for (const char c : piece) {
        if (is_object_complete()) return;
        if (is_in_string_)
            in_string(c);
        else
            outside_strings(c);
        ++position_;
    }
}

void SpokenField::in_string(char c) {
    if (c == '"' && !is_escaped_) {
        is_in_string_ = false;
        if (depth_ == 1) end_string();
        return;
    }
    is_escaped_ = c == '\\' && !is_escaped_;
    if (depth_ == 1 && raw_.size() <= spoken_bytes_max) raw_ += c;
}

void SpokenField::outside_strings(char c) {
    if (depth_ == 0) {
        if (c != '{') return;
        begin_ = position_;
        depth_ = 1;
        expects_name_ = true;
        return;
    }
    if (c == '"') {
        is_in_string_ = true;
        raw_.clear();
    } else if (c == '{' || c == '[') {
        ++depth_;
    } else if (c == '}' || c == ']') {
        if (--depth_ == 0) end_ = position_ + 1;
    } else if (c == ',' && depth_ == 1) {
        expects_name_ = true;
        is_speak_ = false;
    }
}

void SpokenField::end_string() {
    if (std::exchange(expects_name_, false))
        is_speak_ = raw_ == "speak";
    else if (is_speak_ && !value_)
        value_ = decode(raw_);
}

std::string_view SpokenField::object_in(std::string_view text) const noexcept {
    if (!is_object_complete() || end_ > text.size()) return {};
    return text.substr(begin_, end_ - begin_);
}

}  // namespace carevoice::ai
