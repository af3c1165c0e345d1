// Reading JSON in which every level may be absent or of another type. Internal to ai.
#pragma once

#include <boost/json/value.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// nullptr when `value` is no object or lacks the member.
inline const boost::json::value* find_member(const boost::json::value& value, std::string_view name) {
    const auto* object = value.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

/// nullptr unless the member is a list.
inline const boost::json::array* find_array(const boost::json::value& value, std::string_view name) {
    const auto* found = find_member(value, name);
    return found == nullptr ? nullptr : found->if_array();
}

/// Empty unless the member is a string.
inline std::string_view find_text(const boost::json::value& value, std::string_view name) {
    const auto* found = find_member(value, name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

/// 0 unless the member is a whole number from 0 to a milliard.
inline std::int64_t find_count(const boost::json::value& value, std::string_view name) {
    const auto* found = find_member(value, name);
    if (found == nullptr || !found->is_int64()) return 0;
    return std::clamp<std::int64_t>(found->get_int64(), 0, 1'000'000'000);
}

/// A server's constant ("RESOURCE_EXHAUSTED"), fit for logs; empty for anything that could be a sentence.
inline std::string as_word(std::string_view text) {
    constexpr std::size_t word_max = 40;
    const auto is_plain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (text.size() > word_max || !std::all_of(text.begin(), text.end(), is_plain)) return {};
    return std::string(text);
}

/// " (WORD)" for such a constant, else nothing.
inline std::string in_brackets(std::string_view text) {
    const std::string word = as_word(text);
    return word.empty() ? word : " (" + word + ")";
}

}  // namespace carevoice::ai
