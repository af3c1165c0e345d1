#include "notify/lane.h"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace carevoice::notify {

std::optional<Claimed> Lane::take(Claimed claimed) {
    const auto severity = [](const Claimed& each) { return each.item.notification.severity; };
    const auto place = std::ranges::upper_bound(waiting_, severity(claimed), std::greater<>(), severity);
    waiting_.insert(place, std::move(claimed));
    if (waiting_.size() <= limits_.waiting_max) return std::nullopt;
    auto last = std::move(waiting_.back());
    waiting_.pop_back();
    return last;
}

std::optional<Claimed> Lane::begin() {
    if (waiting_.empty() || under_way_ >= limits_.at_once) return std::nullopt;
    ++under_way_;
    auto claimed = std::move(waiting_.front());
    waiting_.pop_front();
    return claimed;
}

Lane::Leave Lane::ask_leave(SteadyTime now) noexcept {
    if (!is_resting()) return Leave::normal;
    if (is_probing_ || now < rests_until_) return Leave::refused;
    is_probing_ = true;
    return Leave::probe;
}

void Lane::works() noexcept {
    failures_ = 0;
    is_probing_ = false;
    rest_for_ = limits_.rest_first;
}

bool Lane::fails(Leave leave, SteadyTime now, double chance) noexcept {
    // Those that were under way when the target began to rest do not make the rest longer.
    if (is_resting() && leave != Leave::probe) return false;
    if (leave == Leave::probe) is_probing_ = false;
    failures_ = std::min(failures_ + 1, limits_.failures_max);
    if (!is_resting()) return false;
    const double span = static_cast<double>(rest_for_.count()) * (0.75 + chance / 2);
    rests_until_ = now + milliseconds(static_cast<std::int64_t>(span));
    rest_for_ = std::min(rest_for_ * 2, limits_.rest_longest);
    return true;
}

void Lane::was_not_asked(Leave leave) noexcept {
    if (leave == Leave::probe) is_probing_ = false;
}

}  // namespace carevoice::notify
