// A clock that a test sets by hand.
#pragma once

#include "core/time.h"

namespace carevoice::tests {

class FakeClock final : public Clock {
public:
    explicit FakeClock(std::string_view rfc3339 = "2026-11-23T16:00:00Z") : wall(parse_rfc3339(rfc3339).value()) {}

    [[nodiscard]] WallTime wall_now() const override { return wall; }
    [[nodiscard]] SteadyTime steady_now() const override { return std::chrono::steady_clock::now() + ahead; }

    WallTime wall;
    milliseconds ahead{0};  ///< of the real steady clock
};

}  // namespace carevoice::tests
