// Text that is safe to put into somebody's inbox: repaired, without control characters, and short enough.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::notify {

/// One line of well-formed UTF-8 with at most `characters_max` characters: control characters become spaces, bytes that
/// are not UTF-8 become '?', and what is too long ends with "...".
std::string clean_line(std::string_view text, std::size_t characters_max);

/// For HTML text and attribute values.
std::string escape_html(std::string_view text);

/// Septets that `text` takes in an SMS in the GSM 7-bit alphabet (3GPP TS 23.038, section 6.2.1): 160 fit into one
/// message, 153 into each part of a longer one. nullopt when a character is not plain ASCII of that alphabet.
std::optional<std::size_t> gsm7_length(std::string_view text);
inline constexpr std::size_t sms_septets_max = 160;
inline constexpr std::size_t sms_part_septets_max = 153;

/// `text` in that alphabet, at most `septets_max` long: typographic marks become plain ones, other characters '?'.
std::string to_gsm7(std::string_view text, std::size_t septets_max);

}  // namespace carevoice::notify
