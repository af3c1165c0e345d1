// A piece of sound as the telephone carries it.
#pragma once

#include "audio/mulaw.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace carevoice::simulator {

struct Clip {
    std::vector<std::uint8_t> mulaw;  ///< 8 kHz, one byte a sample

    [[nodiscard]] std::chrono::milliseconds length() const {
        return std::chrono::milliseconds{static_cast<std::int64_t>(mulaw.size()) * 1000 / audio::phone_rate_hz};
    }
};

using SharedClip = std::shared_ptr<const Clip>;

/// A sine: an answering machine's beep.
SharedClip make_tone(double hertz, std::chrono::milliseconds length);
/// Something with the rhythm and loudness of speech but no words, for machines without a voice model: opens an energy
/// gate, says nothing.
SharedClip make_babble(std::chrono::milliseconds length);

}  // namespace carevoice::simulator
