// RIFF WAVE files: recordings in, test clips out.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace carevoice::audio {

struct WavClip {
    int sample_rate_hz = 8'000;
    std::size_t channels = 1;    ///< 1 or 2
    std::vector<float> samples;  ///< in [-1, 1], interleaved

    /// Frames: samples of one channel.
    [[nodiscard]] std::size_t frames() const noexcept { return samples.size() / channels; }
    /// All channels mixed.
    [[nodiscard]] std::vector<float> mono() const;
};

/// Integer PCM of 8, 16, 24 or 32 bits, 32-bit float, and mu-law; one or two channels; 1 to 192 kHz; plain or
/// "extensible" header; unknown chunks are skipped. A data chunk that claims more bytes than there are (a recorder that
/// was cut off) counts as far as it goes. Errc::corrupt when it is not a WAVE file, invalid_input (field "file") when
/// it is one of another kind.
Result<WavClip> read_wav(std::span<const std::byte> file);

/// 16-bit PCM. Samples beyond [-1, 1] are clipped.
std::string write_wav(std::span<const float> samples, int sample_rate_hz, std::size_t channels = 1);

}  // namespace carevoice::audio
