#include "audio/voice_activity.h"

#include <algorithm>
#include <cmath>

namespace carevoice::audio {

namespace {

constexpr double quietest_db = -90;
// Speech starts 6 dB over the noise; line noise of one 20 ms frame strays from its mean by less than 2 dB.
constexpr double opens_above_floor_db = 6;
// Below this nobody can be understood (mu-law's smallest step is at -72 dB).
constexpr double opens_above_db = -60;
constexpr double floor_max_db = -25;
constexpr int hold_samples = 300 * 8;
// The floor is the quietest frame of the last 1.5 to 3 s: speech has gaps that long only between its words.
constexpr int floor_window_samples = 1'500 * 8;

}  // namespace

bool EnergyGate::accept(std::span<const std::int16_t> frame_8k) noexcept {
    if (frame_8k.empty()) return hold_samples_ > 0;
    std::int64_t energy = 0;
    for (const std::int16_t sample : frame_8k) energy += static_cast<std::int64_t>(sample) * sample;
    const double mean = static_cast<double>(energy) / static_cast<double>(frame_8k.size()) / (32'768.0 * 32'768.0);
    level_db_ = mean > 1e-9 ? 10 * std::log10(mean) : quietest_db;
    const auto samples = static_cast<int>(std::min<std::size_t>(frame_8k.size(), hold_samples));
    follow_floor(samples);
    if (loud()) {
        hold_samples_ = hold_samples;
        return true;
    }
    hold_samples_ = std::max(0, hold_samples_ - samples);
    return hold_samples_ > 0;
}

bool EnergyGate::loud() const noexcept {
    return level_db_ > opens_above_db && level_db_ > floor_db_ + opens_above_floor_db;
}

void EnergyGate::follow_floor(int samples) noexcept {
    quietest_now_db_ = std::min(quietest_now_db_, level_db_);
    window_samples_ += samples;
    floor_db_ = std::min({quietest_now_db_, quietest_before_db_, floor_max_db});
    if (window_samples_ < floor_window_samples) return;
    quietest_before_db_ = quietest_now_db_;
    quietest_now_db_ = 0;
    window_samples_ = 0;
}

}  // namespace carevoice::audio
