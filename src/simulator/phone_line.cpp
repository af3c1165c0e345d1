#include "simulator/phone_line.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

namespace carevoice::simulator {

namespace {

/// Samples of 8 kHz from `from` to `to`; negative when `to` is earlier. Rounds down, also below zero, so that frames
/// 20 ms apart are always 160 samples apart.
std::int64_t samples_between(SteadyTime from, SteadyTime to) {
    const auto span = std::chrono::floor<std::chrono::microseconds>(to - from).count();
    const auto scaled = span * audio::phone_rate_hz;
    const auto whole = scaled / 1'000'000;
    return whole * 1'000'000 > scaled ? whole - 1 : whole;
}

}  // namespace

PhoneLine::PhoneLine(double noise, std::uint64_t seed) {
    if (noise <= 0) return;
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> level(0, noise);
    noise_.resize(audio::phone_rate_hz);
    for (auto& sample : noise_) sample = static_cast<std::int16_t>(std::clamp(level(engine), -2000.0, 2000.0));
}

void PhoneLine::end_clip(SteadyTime at) {
    end_ = std::min(end_, at);
    if (clip_) past_.push_back({clip_, begin_, end_});
}

SteadyTime PhoneLine::play(SharedClip clip, SteadyTime at) {
    const std::lock_guard lock(mutex_);
    end_clip(at);
    clip_ = std::move(clip);
    begin_ = at;
    end_ = at + clip_->length();
    return end_;
}

void PhoneLine::hush(SteadyTime at) {
    const std::lock_guard lock(mutex_);
    end_ = std::min(end_, at);
}

PhoneLine::Frame PhoneLine::frame(SteadyTime from) const {
    const std::lock_guard lock(mutex_);
    Frame frame;
    const auto size =
        clip_ ? std::min(static_cast<std::int64_t>(clip_->mulaw.size()), samples_between(begin_, end_)) : 0;
    const auto first = samples_between(begin_, from);
    const auto position = static_cast<std::size_t>(std::max<std::int64_t>(0, samples_between(created_, from)));
    for (std::size_t i = 0; i < frame_bytes; ++i) {
        const auto index = first + static_cast<std::int64_t>(i);
        const bool sounds = index >= 0 && index < size;
        const auto code = sounds ? clip_->mulaw[static_cast<std::size_t>(index)] : audio::mulaw_silence;
        frame.mulaw[i] = with_noise(code, position + i);
    }
    const auto last = first + static_cast<std::int64_t>(frame_bytes);
    frame.ends_speech = size > 0 && first < size && size <= last;
    return frame;
}

std::vector<float> PhoneLine::said(SteadyTime from, SteadyTime to) const {
    const std::lock_guard lock(mutex_);
    std::vector<float> samples(static_cast<std::size_t>(std::max<std::int64_t>(0, samples_between(from, to))));
    auto clips = past_;
    if (clip_) clips.push_back({clip_, begin_, end_});
    for (const Past& one : clips) {
        const auto offset = samples_between(from, one.begin);
        const auto size =
            std::min(static_cast<std::int64_t>(one.clip->mulaw.size()), samples_between(one.begin, one.end));
        for (std::int64_t i = std::max<std::int64_t>(0, -offset); i < size; ++i) {
            const auto at = static_cast<std::size_t>(offset + i);
            if (at >= samples.size()) break;
            const auto code = one.clip->mulaw[static_cast<std::size_t>(i)];
            samples[at] = static_cast<float>(audio::mulaw_decode(code)) / 32'768.0F;
        }
    }
    return samples;
}

std::uint8_t PhoneLine::with_noise(std::uint8_t code, std::size_t position) const noexcept {
    if (noise_.empty()) return code;
    const int sum = audio::mulaw_decode(code) + noise_[position % noise_.size()];
    return audio::mulaw_encode(static_cast<std::int16_t>(std::clamp(sum, -32768, 32767)));
}

}  // namespace carevoice::simulator
