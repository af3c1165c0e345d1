#include "speech/voice_tracker.h"

#include <algorithm>
#include <array>
#include <bit>

namespace carevoice::speech {

namespace {

constexpr float speech_begins_at = 0.5F;
constexpr float speech_goes_on_at = 0.35F;
constexpr std::int64_t window = audio::VoiceDetector::window_samples / 2;  // at 8 kHz
// 3 of the last 8 windows (96 of 256 ms) open an utterance: a lone "no" is that short.
constexpr int windows_to_open = 3;
constexpr unsigned recent_mask = 0xFF;
// After this much silence one window is not enough to go on: a click would throw a finished answer away.
constexpr std::int64_t pause = std::int64_t{150} * 8;
// The detector needs a little past before the first syllable.
constexpr std::int64_t warm_up = std::int64_t{128} * 8;
// From the first window of speech to the decision, plus the detector's warm-up.
constexpr std::int64_t decision_delay = 8 * window + warm_up;

}  // namespace

VoiceTracker::VoiceTracker(audio::VoiceDetectorPool& detectors, milliseconds pre_roll)
    : detectors_(detectors),
      ring_(static_cast<std::size_t>(std::max<std::int64_t>(0, pre_roll.count()) * 8 + decision_delay),
            audio::mulaw_silence) {}

void VoiceTracker::accept(std::span<const std::uint8_t> mulaw) {
    mulaw = mulaw.first(std::min(mulaw.size(), frame_max));
    std::array<std::int16_t, frame_max> decoded;
    const auto samples = std::span(decoded).first(mulaw.size());
    audio::mulaw_decode(mulaw, samples);
    const bool gate_open = gate_.accept(samples);
    if (!watch_ && gate_open) begin_watch();
    remember(mulaw);
    if (!watch_) return;
    look_at(samples);
    const bool idle = !open_ && !gate_open && (watch_->recent & recent_mask) == 0 && watch_->linger <= 0;
    if (idle) watch_.reset();
}

void VoiceTracker::skip(std::int64_t samples) {
    if (samples <= 0) return;
    // Only what the ring can hold needs to be written.
    const auto worth_writing = std::min(samples, static_cast<std::int64_t>(ring_.size()));
    position_ += samples - worth_writing;
    for (std::int64_t left = worth_writing; left > 0;) {
        const auto count = std::min<std::int64_t>(left, frame_max);
        remember(std::span(silent_frame).first(static_cast<std::size_t>(count)));
        left -= count;
    }
    if (!watch_) return;
    if (!open_) {
        watch_.reset();
        return;
    }
    if (watch_->detector) watch_->detector->reset();
    watch_->pending.clear();
    watch_->recent = 0;
    watch_->window_start = position_;
}

void VoiceTracker::flush() {
    if (!watch_) return;
    constexpr int believed = windows_to_open - 1;
    if (!watch_->pending.empty()) {
        watch_->pending.resize(audio::VoiceDetector::window_samples);
        const float probability =
            watch_->detector ? watch_->detector->probability(watch_->pending) : (gate_.loud() ? 1.0F : 0.0F);
        judge_window(probability, believed);
        watch_->pending.clear();
    }
    speech_end_ = std::min(speech_end_, position_);
}

void VoiceTracker::close(std::int64_t not_before) {
    open_ = false;
    not_before_ = not_before;
    if (!watch_) return;
    const std::int64_t windows_since = std::clamp<std::int64_t>((watch_->window_start - not_before) / window, 0, 8);
    watch_->recent &= (1U << static_cast<unsigned>(windows_since)) - 1U;
    watch_->linger = 8;
}

std::vector<std::uint8_t> VoiceTracker::audio_since(std::int64_t from) const {
    const auto size = static_cast<std::int64_t>(ring_.size());
    from = std::max({from, not_before_, position_ - size, std::int64_t{0}});
    std::vector<std::uint8_t> out;
    out.reserve(static_cast<std::size_t>(position_ - from));
    for (std::int64_t at = from; at < position_; ++at) out.push_back(ring_[static_cast<std::size_t>(at % size)]);
    return out;
}

void VoiceTracker::remember(std::span<const std::uint8_t> mulaw) {
    for (const std::uint8_t code : mulaw) {
        ring_[static_cast<std::size_t>(position_ % static_cast<std::int64_t>(ring_.size()))] = code;
        ++position_;
    }
}

void VoiceTracker::begin_watch() {
    watch_ = std::make_unique<Watch>();
    watch_->detector = detectors_.borrow();
    watch_->pending.reserve(2 * audio::VoiceDetector::window_samples);
    const auto past = audio_since(position_ - warm_up);
    watch_->window_start = position_ - static_cast<std::int64_t>(past.size());
    std::vector<std::int16_t> samples(past.size());
    audio::mulaw_decode(past, samples);
    if (watch_->detector) {
        look_at(samples);
    } else {
        watch_->window_start = position_;  // the gate knows this frame only, not the past
    }
}

void VoiceTracker::look_at(std::span<const std::int16_t> samples) {
    Watch& watch = *watch_;
    watch.upsampler.process(samples, watch.pending);
    std::size_t done = 0;
    while (watch.pending.size() - done >= audio::VoiceDetector::window_samples) {
        const auto input = std::span(watch.pending).subspan(done, audio::VoiceDetector::window_samples);
        const float probability = watch.detector ? watch.detector->probability(input) : (gate_.loud() ? 1.0F : 0.0F);
        judge_window(probability, windows_to_open);
        done += audio::VoiceDetector::window_samples;
    }
    watch.pending.erase(watch.pending.begin(), watch.pending.begin() + static_cast<std::ptrdiff_t>(done));
}

void VoiceTracker::judge_window(float probability, int windows_needed) {
    Watch& watch = *watch_;
    if (watch.linger > 0) --watch.linger;
    const bool before = (watch.recent & 1U) != 0;
    const bool speech = probability >= speech_begins_at || (before && probability >= speech_goes_on_at);
    watch.recent = (watch.recent << 1U) | (speech ? 1U : 0U);
    const std::int64_t start = watch.window_start;
    watch.window_start += window;
    const std::int64_t end = watch.window_start;
    if (!open_) {
        const unsigned recent = watch.recent & recent_mask;
        if (std::popcount(recent) < windows_needed) return;
        open_ = true;
        const auto windows_ago = static_cast<std::int64_t>(std::bit_width(recent)) - 1;
        speech_start_ = std::max({start - windows_ago * window, not_before_, std::int64_t{0}});
        speech_end_ = std::max(end, speech_start_);
        return;
    }
    if (!speech) return;
    const bool goes_on = start - speech_end_ < pause || std::popcount(watch.recent & 0x7U) >= 2;
    if (goes_on) speech_end_ = end;
}

}  // namespace carevoice::speech
