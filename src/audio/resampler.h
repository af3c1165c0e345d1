// Sample-rate conversion for speech.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace carevoice::audio {

/// 8 kHz to 16 kHz with a short linear-phase low-pass FIR (delay under 2 ms): recognition needs no more, and a
/// resampler that works in blocks would delay each answer by a block.
class Upsampler8kTo16k {
public:
    /// Appends exactly 2 * in.size() samples in [-1, 1] to `out`. Keeps state between calls: feed a stream in order.
    void process(std::span<const std::int16_t> in, std::vector<float>& out);
    void reset() noexcept;

private:
    static constexpr std::size_t history = 16;
    std::array<float, history> past_{};
};

/// Any rate to any rate, windowed sinc, whole clip at once: for voices and files, not for streams.
std::vector<float> resample(std::span<const float> in, int from_hz, int to_hz);

}  // namespace carevoice::audio
