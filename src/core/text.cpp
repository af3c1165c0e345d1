#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace carevoice {

namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> base64_values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
        values[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}();

/// Length of the UTF-8 sequence at the front of `text`, 0 when it is malformed.
std::size_t utf8_sequence(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned char high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::size_t count_characters(std::string_view utf8) noexcept {
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, begins_character));
}

std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string base64_encode(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += k <= count ? base64_alphabet[group >> (18U - 6U * k) & 0x3FU] : '=';
    }
    return text;
}

bool base64_decode(std::string_view text, std::vector<std::uint8_t>& out) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return false;
    const std::size_t before = out.size();
    out.resize(before + text.size() * 3 / 4);
    // Blocks of four; a foreign character has the sign bit, looked at once at the end: this runs for every media frame.
    const auto value = [&](std::size_t i) {
        return static_cast<int>(base64_values[static_cast<unsigned char>(text[i])]);
    };
    std::uint8_t* to = out.data() + before;
    int seen = 0;
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4, to += 3) {
        const int a = value(i);
        const int b = value(i + 1);
        const int c = value(i + 2);
        const int d = value(i + 3);
        seen |= a | b | c | d;
        const auto block = static_cast<std::uint32_t>(a) << 18U | static_cast<std::uint32_t>(b) << 12U |
                           static_cast<std::uint32_t>(c) << 6U | static_cast<std::uint32_t>(d);
        to[0] = static_cast<std::uint8_t>(block >> 16U & 0xFFU);
        to[1] = static_cast<std::uint8_t>(block >> 8U & 0xFFU);
        to[2] = static_cast<std::uint8_t>(block & 0xFFU);
    }
    std::uint32_t bits = 0;
    const std::size_t left = text.size() - i;  // 0, 2 or 3 characters: as many bytes less one
    for (std::size_t k = 0; k < 4 && left > 0; ++k) {
        const int last = k < left ? value(i + k) : 0;
        seen |= last;
        bits = bits << 6U | (static_cast<std::uint32_t>(last) & 0x3FU);
    }
    for (std::size_t k = 0; k + 1 < left; ++k) *to++ = static_cast<std::uint8_t>(bits >> (16U - 8U * k) & 0xFFU);
    if (seen < 0) out.resize(before);
    return seen >= 0;
}

std::string to_lower_ascii(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), lower_ascii);
    return lower;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower_ascii, lower_ascii);
}

std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_e164(std::string_view text) noexcept {
    if (text.size() < 9 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
    return std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace carevoice
