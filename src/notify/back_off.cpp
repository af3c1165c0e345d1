#include "notify/back_off.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace carevoice::notify {

milliseconds wait_after(const BackOff& rule, int attempt, double chance) noexcept {
    milliseconds bound = rule.first;
    for (int i = 1; i < attempt && bound < rule.longest; ++i) bound *= 2;
    bound = std::min(bound, rule.longest);
    return milliseconds(static_cast<std::int64_t>(std::floor(static_cast<double>(bound.count()) * chance)));
}

std::optional<std::string> reason_to_give_up(const BackOff& rule, const storage::OutboxItem& item, WallTime now) {
    if (item.attempts >= rule.attempts_max) return "gave up after " + std::to_string(item.attempts) + " attempts";
    const auto due_since = std::max(item.created_at, item.notification.not_before);
    if (item.attempts >= rule.attempts_before_age_counts && now - due_since >= rule.age_max) {
        const auto hours = std::chrono::floor<std::chrono::hours>(rule.age_max).count();
        return "gave up after " + std::to_string(hours) + " hours";
    }
    return std::nullopt;
}

}  // namespace carevoice::notify
