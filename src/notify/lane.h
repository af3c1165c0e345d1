// The deliveries of this process to one target (the mail server, Twilio, one webhook): few at once, and none for a
// while after the target has failed many times in a row, so that a dead target takes nothing from the others.
#pragma once

#include "core/time.h"
#include "storage/outbox.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace carevoice::notify {

struct LaneLimits {
    std::size_t at_once = 4;
    std::size_t waiting_max = 32;
    int failures_max = 5;            ///< in a row, then the target rests
    milliseconds rest_first{5'000};  ///< doubles with each probe that fails
    milliseconds rest_longest{60'000};
};

/// An item and the time until which nobody else has it.
struct Claimed {
    storage::OutboxItem item;
    WallTime lease_until{};
};

/// Not thread-safe: used on the dispatcher's strand.
class Lane {
public:
    explicit Lane(LaneLimits limits) : limits_(limits), rest_for_(limits.rest_first) {}

    /// Lets it wait here, the most severe first. When too many wait, the last of them comes back.
    std::optional<Claimed> take(Claimed claimed);
    /// The next one to deliver, when one more may be under way. Each is followed by one end().
    std::optional<Claimed> begin();
    void end() noexcept { --under_way_; }
    /// Those that wait no longer.
    std::deque<Claimed> take_waiting() { return std::exchange(waiting_, {}); }

    /// Leave to ask the target. While it rests nobody has it; then one may find out how it is (a probe), and the others
    /// wait for the verdict. Each leave but `refused` is followed by one verdict.
    enum class Leave { refused, normal, probe };
    Leave ask_leave(SteadyTime now) noexcept;
    /// It does what it is there for, whatever it said.
    void works() noexcept;
    /// It does not. True when it rests from now on. `chance` in [0, 1): processes do not probe at the same moment.
    bool fails(Leave leave, SteadyTime now, double chance) noexcept;
    /// It was not asked after all.
    void was_not_asked(Leave leave) noexcept;

    [[nodiscard]] bool is_resting() const noexcept { return failures_ >= limits_.failures_max; }
    [[nodiscard]] SteadyTime rests_until() const noexcept { return rests_until_; }
    /// Nothing is lost with it.
    [[nodiscard]] bool is_idle() const noexcept { return under_way_ == 0 && waiting_.empty() && failures_ == 0; }

private:
    LaneLimits limits_;
    std::size_t under_way_ = 0;
    std::deque<Claimed> waiting_;
    int failures_ = 0;  ///< in a row
    bool is_probing_ = false;
    milliseconds rest_for_;
    SteadyTime rests_until_{};
};

}  // namespace carevoice::notify
