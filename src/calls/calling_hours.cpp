#include "calls/calling_hours.h"

#include <date/tz.h>

#include <array>
#include <cstdio>

namespace carevoice::calls {

namespace {

std::string clock_text(int minute_of_day) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%02d:%02d", minute_of_day / 60, minute_of_day % 60);
    return text.data();
}

}  // namespace

Result<LocalTime> local_time(WallTime now, const std::string& time_zone) {
    // The library reports an unknown zone by an exception; for us it is an expected failure.
    try {
        const auto local =
            date::locate_zone(time_zone)->to_local(std::chrono::time_point_cast<std::chrono::seconds>(now));
        const auto day = date::floor<date::days>(local);
        const date::year_month_day date{day};
        const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day);
        return LocalTime{
            {std::chrono::year{static_cast<int>(date.year())}, std::chrono::month{static_cast<unsigned>(date.month())},
             std::chrono::day{static_cast<unsigned>(date.day())}},
            static_cast<int>(minute.count())};
    } catch (const std::runtime_error&) {
        return Error{Errc::invalid_input, "this machine's time zone database does not know the patient's zone",
                     "time_zone"};
    }
}

Result<> check_calling_hours(WallTime now, const std::string& time_zone, CallingHours hours) {
    if (hours.from_minute == 0 && hours.to_minute == 24 * 60) return {};
    const auto local = local_time(now, time_zone);
    if (local.has_error()) return Error{Errc::rejected, local.error().detail, "time_zone"};
    if (local->minute_of_day >= hours.from_minute && local->minute_of_day < hours.to_minute) return {};
    return Error{Errc::rejected,
                 "it is " + clock_text(local->minute_of_day) + " where the patient is; calls are made from " +
                     clock_text(hours.from_minute) + " to " + clock_text(hours.to_minute),
                 "scheduled_at"};
}

}  // namespace carevoice::calls
