// What can be heard at the patient's end of the line, as a function of time.
#pragma once

#include "core/time.h"
#include "simulator/clip.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace carevoice::simulator {

inline constexpr std::size_t frame_bytes = 160;
inline constexpr milliseconds frame_length{20};

/// Sound is looked up by time, never consumed: any number of streams hear the same, and none can make it drift.
/// Thread-safe.
class PhoneLine {
public:
    /// `noise` is the amplitude of the line's own noise in 16-bit steps (0: digital silence; 20 is a quiet line).
    PhoneLine(double noise, std::uint64_t seed);

    /// Starts `clip` at `at`, cutting off what is being said. Returns when it ends.
    SteadyTime play(SharedClip clip, SteadyTime at);
    /// Silence from `at` on.
    void hush(SteadyTime at);

    struct Frame {
        std::array<std::uint8_t, frame_bytes> mulaw{};
        bool ends_speech = false;  ///< the last sound of a clip lies in this frame
    };
    /// The 20 ms that begin at `from`.
    [[nodiscard]] Frame frame(SteadyTime from) const;
    /// All that was said between the two, at 8 kHz, in [-1, 1], without the line's noise.
    [[nodiscard]] std::vector<float> said(SteadyTime from, SteadyTime to) const;

private:
    [[nodiscard]] std::uint8_t with_noise(std::uint8_t code, std::size_t position) const noexcept;

    mutable std::mutex mutex_;
    /// A clip that was cut off or has ended.
    struct Past {
        SharedClip clip;
        SteadyTime begin;
        SteadyTime end;
    };
    void end_clip(SteadyTime at);

    std::vector<Past> past_;
    SharedClip clip_;
    SteadyTime begin_{};
    SteadyTime end_{};
    SteadyTime created_ = std::chrono::steady_clock::now();
    std::vector<std::int16_t> noise_;
};

}  // namespace carevoice::simulator
