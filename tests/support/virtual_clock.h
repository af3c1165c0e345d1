// A clock whose wall time and steady time go on together, when a test says so.
#pragma once

#include "core/time.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace carevoice::tests {

/// Thread-safe. Steady time begins at the real one and is never behind it by a test's own doing: a deadline taken from
/// this clock does not pass in real time before it should.
class VirtualClock final : public Clock {
public:
    explicit VirtualClock(std::string_view rfc3339 = "2026-11-23T16:00:00Z")
        : wall_(parse_rfc3339(rfc3339).value()), steady_(std::chrono::steady_clock::now()) {}

    [[nodiscard]] WallTime wall_now() const override { return wall_ + passed(); }
    [[nodiscard]] SteadyTime steady_now() const override { return steady_ + passed(); }

    void advance(milliseconds span) { passed_ += span.count(); }
    void advance_to(WallTime time) {
        if (time > wall_now()) advance(time - wall_now());
    }

private:
    [[nodiscard]] milliseconds passed() const { return milliseconds(passed_.load()); }

    WallTime wall_;
    SteadyTime steady_;
    std::atomic<std::int64_t> passed_{0};
};

}  // namespace carevoice::tests
