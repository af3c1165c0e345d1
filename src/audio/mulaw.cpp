#include "audio/mulaw.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace carevoice::audio {

namespace {

// In 16-bit scale: the bias that makes each segment start at a power of two, and the largest magnitude that fits.
constexpr int bias = 132;
constexpr int magnitude_max = 32'635;

constexpr std::int16_t expand(std::uint8_t code) {
    const unsigned bits = static_cast<std::uint8_t>(~code);
    const int step = static_cast<int>(bits & 0x0FU);
    const int segment = static_cast<int>((bits >> 4U) & 0x07U);
    const int magnitude = ((step * 8 + bias) << segment) - bias;
    return static_cast<std::int16_t>((bits & 0x80U) != 0 ? -magnitude : magnitude);
}

constexpr std::array<std::int16_t, 256> expanded = [] {
    std::array<std::int16_t, 256> table{};
    for (std::size_t code = 0; code < table.size(); ++code) table[code] = expand(static_cast<std::uint8_t>(code));
    return table;
}();

}  // namespace

std::int16_t mulaw_decode(std::uint8_t code) noexcept {
    return expanded[code];
}

std::uint8_t mulaw_encode(std::int16_t sample) noexcept {
    const int value = sample;
    const unsigned sign = value < 0 ? 0x80U : 0U;
    const auto biased = static_cast<unsigned>(std::min(value < 0 ? -value : value, magnitude_max) + bias);
    const auto segment = static_cast<unsigned>(std::bit_width(biased)) - 8U;
    const unsigned step = (biased >> (segment + 3U)) & 0x0FU;
    return static_cast<std::uint8_t>(~(sign | (segment << 4U) | step));
}

void mulaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> out) noexcept {
    for (std::size_t i = 0; i < codes.size(); ++i) out[i] = expanded[codes[i]];
}

}  // namespace carevoice::audio
