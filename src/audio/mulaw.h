// ITU-T G.711 mu-law: what the telephone network carries, 8,000 samples a second, one byte each.
#pragma once

#include <cstdint>
#include <span>

namespace carevoice::audio {

inline constexpr int phone_rate_hz = 8'000;
inline constexpr std::uint8_t mulaw_silence = 0xFF;

/// 16-bit linear, G.711 table 2a (14-bit values shifted left by 2).
std::int16_t mulaw_decode(std::uint8_t code) noexcept;
/// The code in whose interval (G.711's decision values) the sample lies: the nearest one, but for the quarter of a
/// step below each segment's border, where G.711 prefers the segment above. Clips. Silence is always 0xFF, never the
/// negative zero 0x7F, unless the sample is below zero.
std::uint8_t mulaw_encode(std::int16_t sample) noexcept;
/// `out` has at least `codes.size()` places.
void mulaw_decode(std::span<const std::uint8_t> codes, std::span<std::int16_t> out) noexcept;

}  // namespace carevoice::audio
