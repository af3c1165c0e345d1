// Small text tools that several rooms share: encodings and bounded numbers.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice {

/// True for well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF), RFC 3629.
bool is_valid_utf8(std::string_view text) noexcept;

/// Unicode characters (code points) of well-formed UTF-8: what other services' length limits mean.
std::size_t count_characters(std::string_view utf8) noexcept;

/// Digits only, no sign, no space, no overflow: "9260" and nothing else. For the numbers that Twilio sends as strings.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept;

/// RFC 4648 base64 with padding.
std::string base64_encode(std::span<const std::byte> bytes);
/// Appends the decoded bytes to `out`, which keeps its capacity; padding may be missing. False, with `out` as it was,
/// when a character is foreign or the length impossible.
bool base64_decode(std::string_view text, std::vector<std::uint8_t>& out);

/// ASCII only; other bytes stay as they are.
std::string to_lower_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;
std::string_view trim(std::string_view text) noexcept;

/// Strict E.164: '+', then 8 to 15 digits, the first not 0 (ITU-T E.164). What we dial and store.
bool is_e164(std::string_view text) noexcept;

}  // namespace carevoice
