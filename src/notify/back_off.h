// When to try a notification again, and when to give it up. Pure functions.
#pragma once

#include "core/time.h"
#include "storage/outbox.h"

#include <optional>
#include <string>

namespace carevoice::notify {

struct BackOff {
    milliseconds first{2'000};             ///< longest wait after the first failure; doubles with each
    milliseconds longest{15 * 60'000};     ///< and never exceeds this
    milliseconds age_max{24 * 3'600'000};  ///< since it was due for the first time
    int attempts_max = 300;                ///< what the age bounds first, unless attempts kill their workers
    int attempts_before_age_counts = 5;    ///< one that nobody could try for a day, or that was revived, has these
    int backup_after = 3;                  ///< failures
};

/// Full jitter: anything from nothing to the doubled wait, so that what failed together does not come back together.
/// `attempt`: 1 for the first; `chance`: in [0, 1).
milliseconds wait_after(const BackOff& rule, int attempt, double chance) noexcept;

/// Why an item that has just been claimed, or has just failed, is not to be tried any more; nullopt: try again.
std::optional<std::string> reason_to_give_up(const BackOff& rule, const storage::OutboxItem& item, WallTime now);

}  // namespace carevoice::notify
