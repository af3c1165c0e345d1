// Where in a telephone stream somebody speaks: the energy gate, and behind it a borrowed voice detector. Internal to
// the listener.
#pragma once

#include "audio/mulaw.h"
#include "audio/resampler.h"
#include "audio/voice_activity.h"
#include "core/time.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace carevoice::speech {

/// Positions are samples at 8 kHz from the start of the stream. Not thread-safe. In silence accept() costs one pass
/// over the frame, and allocates nothing.
class VoiceTracker {
public:
    static constexpr std::size_t frame_max = 160;  ///< samples that accept() takes at once

    static constexpr std::array<std::uint8_t, frame_max> silent_frame = [] {
        std::array<std::uint8_t, frame_max> codes{};
        codes.fill(audio::mulaw_silence);
        return codes;
    }();

    /// `pre_roll` is how far before the start of speech audio_since() must reach.
    VoiceTracker(audio::VoiceDetectorPool& detectors, milliseconds pre_roll);

    void accept(std::span<const std::uint8_t> mulaw);
    /// Audio that never came: silence, without the cost of looking at it.
    void skip(std::int64_t samples);
    /// The stream ends: looks at the last, incomplete window too, and believes shorter speech.
    void flush();

    [[nodiscard]] std::int64_t position() const noexcept { return position_; }
    /// Speech has begun, and close() has not been called since.
    [[nodiscard]] bool open() const noexcept { return open_; }
    [[nodiscard]] std::int64_t speech_start() const noexcept { return speech_start_; }
    /// Of the last window with speech in it; at least speech_start().
    [[nodiscard]] std::int64_t speech_end() const noexcept { return speech_end_; }
    /// The utterance is over: the next one starts at `not_before` at the earliest. Keeps looking for a moment, for an
    /// utterance may be cut in the middle of speech.
    void close(std::int64_t not_before);

    /// What was heard since `from`, as far back as the pre-roll goes.
    [[nodiscard]] std::vector<std::uint8_t> audio_since(std::int64_t from) const;

private:
    /// What it takes to look at a stream closely; a quiet stream has none.
    struct Watch {
        audio::VoiceDetectorPool::Borrowed detector;
        audio::Upsampler8kTo16k upsampler;
        std::vector<float> pending;
        std::int64_t window_start = 0;
        unsigned recent = 0;  ///< one bit a window, newest lowest: was it speech?
        int linger = 0;       ///< windows to look at whatever the gate says
    };

    void remember(std::span<const std::uint8_t> mulaw);
    void begin_watch();
    void look_at(std::span<const std::int16_t> samples);
    void judge_window(float probability, int windows_needed);

    audio::VoiceDetectorPool& detectors_;
    audio::EnergyGate gate_;
    std::vector<std::uint8_t> ring_;  // the newest audio, at position modulo its size
    std::unique_ptr<Watch> watch_;
    std::int64_t position_ = 0;
    std::int64_t not_before_ = 0;
    std::int64_t speech_start_ = 0;
    std::int64_t speech_end_ = 0;
    bool open_ = false;
};

}  // namespace carevoice::speech
