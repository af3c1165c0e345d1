// Sample-rate conversion for speech.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace carevoice::audio {

/// 8 kHz to 16 kHz with a short linear-phase half-band FIR: 31 taps, 1 ms of delay, flat to 3.2 kHz,
/// images above 4.6 kHz at least 40 dB down. Recognition needs no more, and a resampler that works in blocks would
/// delay each answer by a block.
class Upsampler8kTo16k {
public:
    /// Appends exactly 2 * in.size() samples in [-1, 1] to `out`. Keeps state between calls: feed a stream in order;
    /// the result does not depend on how the stream is cut.
    void process(std::span<const std::int16_t> in, std::vector<float>& out);
    void reset() noexcept;

private:
    static constexpr std::size_t history = 16;
    std::array<float, history> past_{};  ///< the last inputs, oldest first
};

/// Any rate to any rate, windowed sinc, whole clip at once: for voices and files, not for streams. Keeps the level;
/// the result has in.size() * to_hz / from_hz samples, rounded up. Empty when a rate is not positive.
std::vector<float> resample(std::span<const float> in, int from_hz, int to_hz);

}  // namespace carevoice::audio
