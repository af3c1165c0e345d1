// Is somebody speaking? An energy gate that costs nothing on a quiet line, and behind it Silero's detector
// (whisper.cpp).
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace carevoice::audio {

/// Adapts to the line's noise floor (the quietest frame of the last 1.5 to 3 s); opens at speech-like energy: 6 dB over
/// that floor and over -60 dB. Cheap: one pass over the frame. A constant noise closes it again within 3 s.
class EnergyGate {
public:
    /// True while the gate is open: energy above the floor, or within 300 ms after it. Frames of any length.
    bool accept(std::span<const std::int16_t> frame_8k) noexcept;
    /// Was the last frame itself loud enough, the 300 ms left aside?
    [[nodiscard]] bool loud() const noexcept;
    [[nodiscard]] double level_db() const noexcept { return level_db_; }  ///< of the last frame, re full scale
    [[nodiscard]] double floor_db() const noexcept { return floor_db_; }

private:
    void follow_floor(int samples) noexcept;

    double level_db_ = -90;
    double floor_db_ = -60;
    double quietest_now_db_ = 0;       // of the running window of 1.5 s
    double quietest_before_db_ = -60;  // of the one before; the start value spares a talkative caller the first window
    int window_samples_ = 0;
    int hold_samples_ = 0;
};

/// One Silero detector with its memory of the past windows. Not thread-safe.
class VoiceDetector {
public:
    static constexpr std::size_t window_samples = 512;  ///< 32 ms at 16 kHz

    virtual ~VoiceDetector() = default;
    /// Probability of speech, 0 to 1, in exactly one window. About 0.2 ms of CPU.
    virtual float probability(std::span<const float> window_16k) = 0;
    /// Forgets the past: between utterances.
    virtual void reset() = 0;
};

/// Detectors cost 2.6 MB and 2.7 ms to make, so quiet streams share: borrow one when the gate opens, give it back at
/// the end of the utterance. Thread-safe. Grows up to `limit`; beyond it borrowers get the energy gate's opinion
/// instead (nullptr).
class VoiceDetectorPool {
public:
    struct Return {
        VoiceDetectorPool* pool = nullptr;
        void operator()(VoiceDetector* detector) const noexcept;
    };
    using Borrowed = std::unique_ptr<VoiceDetector, Return>;

    virtual ~VoiceDetectorPool() = default;
    /// A detector without memory, or nullptr when all are out.
    virtual Borrowed borrow() = 0;

protected:
    virtual void give_back(VoiceDetector* detector) noexcept = 0;
    friend struct Return;
};

/// `model` is models/ggml-silero-v6.2.0.bin; it is read once, here. Errc::not_found or corrupt. Without a model,
/// make_energy_only_pool(). Borrowed detectors must be back before the pool goes.
Result<std::unique_ptr<VoiceDetectorPool>> load_silero_pool(const std::filesystem::path& model, std::size_t limit);
/// Never has a detector: the energy gate decides alone.
std::unique_ptr<VoiceDetectorPool> make_energy_only_pool();

}  // namespace carevoice::audio
