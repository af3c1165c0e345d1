// Clocks as interfaces, points in time, deadlines, and their text forms.
#pragma once

#include "core/error.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice {

using std::chrono::milliseconds;

using WallTime = std::chrono::sys_time<milliseconds>;      ///< UTC, for records and people
using SteadyTime = std::chrono::steady_clock::time_point;  ///< for waiting and measuring

/// Where code gets the time from. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime wall_now() const = 0;
    [[nodiscard]] virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override;
    [[nodiscard]] SteadyTime steady_now() const override;
};

/// An absolute point on the steady clock after which nobody wants the answer any more. Passed down; a callee may
/// shorten it, never extend it.
class Deadline {
public:
    explicit Deadline(SteadyTime at) : at_(at) {}
    static Deadline in(milliseconds from_now) { return Deadline(std::chrono::steady_clock::now() + from_now); }

    [[nodiscard]] SteadyTime at() const noexcept { return at_; }
    [[nodiscard]] bool passed(SteadyTime now) const noexcept { return now >= at_; }
    /// Never negative.
    [[nodiscard]] milliseconds left(SteadyTime now) const;
    /// The earlier of this one and `from_now` after `now`.
    [[nodiscard]] Deadline at_most(milliseconds from_now, SteadyTime now) const;

private:
    SteadyTime at_;
};

/// RFC 3339 in UTC with milliseconds: "2026-11-22T09:05:07.250Z".
std::string format_rfc3339(WallTime time);
/// Accepts RFC 3339 with any offset and up to nine fractional digits. Errc::invalid_input otherwise.
Result<WallTime> parse_rfc3339(std::string_view text);
/// RFC 2822 as Twilio writes it: "Tue, 14 Oct 2025 15:04:05 +0000". Errc::invalid_input otherwise.
Result<WallTime> parse_rfc2822(std::string_view text);
std::string format_rfc2822(WallTime time);

/// A calendar date, as in a date of birth: "1957-03-14". Errc::invalid_input when it is not a real day.
Result<std::chrono::year_month_day> parse_date(std::string_view text);
std::string format_date(std::chrono::year_month_day date);

}  // namespace carevoice
