#include "simulator/play_out.h"

#include "audio/mulaw.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace carevoice::simulator {

void PlayOut::add(std::size_t bytes, SteadyTime now) {
    const std::chrono::microseconds length{static_cast<std::int64_t>(bytes) * 1'000'000 / audio::phone_rate_hz};
    ends_at_ = std::max(ends_at_, now) + length;
}

void PlayOut::mark(std::string name) {
    marks_.push_back({ends_at_, std::move(name)});
}

std::vector<std::string> PlayOut::clear() {
    ends_at_ = SteadyTime{};
    std::vector<std::string> names;
    for (auto& mark : marks_) names.push_back(std::move(mark.name));
    marks_.clear();
    return names;
}

std::vector<std::string> PlayOut::due(SteadyTime now) {
    std::vector<std::string> names;
    while (!marks_.empty() && marks_.front().due <= now) {
        names.push_back(std::move(marks_.front().name));
        marks_.pop_front();
    }
    return names;
}

}  // namespace carevoice::simulator
