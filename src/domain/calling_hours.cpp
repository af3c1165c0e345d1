#include "domain/calling_hours.h"

#include <algorithm>
#include <string_view>

namespace carevoice::domain {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::minutes;

constexpr auto horizon = days{8};
/// Far more than any zone is off, so that a span before the wanted moment is looked at first.
constexpr auto widest_offset = 26h;
/// Zones take turns to say "not before": each turn moves on by at least an opening, so few are ever needed.
constexpr int turns_max = 200;

struct Moment {
    std::chrono::sys_days day;  ///< local
    milliseconds of_day{0};
};

Moment local_moment(WallTime time, const OffsetSpan& span) {
    const auto local = time + span.offset;
    const auto day = std::chrono::floor<days>(local);
    return {day, local - day};
}

int minute_of(const Moment& moment) {
    return static_cast<int>(std::chrono::floor<minutes>(moment.of_day).count());
}

std::optional<WallTime> next_open_in(WallTime time, const std::string& zone, CallingHours hours,
                                     const TimeZones& database) {
    for (WallTime at = time; at < time + horizon;) {
        const auto span = database.span_at(zone, at);
        if (!span || span->end <= at) return std::nullopt;
        const auto now = local_moment(at, *span);
        if (contains(hours, minute_of(now))) return at;
        auto opening = now.day + minutes{hours.from_minute};
        if (minutes{hours.from_minute} <= now.of_day) opening += days{1};
        const WallTime candidate = opening - span->offset;
        if (candidate < span->end) return candidate;
        at = span->end;  // the clocks change before then: they may jump into the hours
    }
    return std::nullopt;
}

}  // namespace

bool is_always(CallingHours hours) noexcept {
    return hours.from_minute == 0 && hours.to_minute == 24 * 60;
}

bool contains(CallingHours hours, int minute_of_day) noexcept {
    if (hours.from_minute <= hours.to_minute)
        return minute_of_day >= hours.from_minute && minute_of_day < hours.to_minute;
    return minute_of_day >= hours.from_minute || minute_of_day < hours.to_minute;
}

std::string clock_text(int minute_of_day) {
    const auto two_digits = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two_digits(minute_of_day / 60) + ":" + two_digits(minute_of_day % 60);
}

std::optional<LocalTime> local_time(WallTime time, const std::string& zone, const TimeZones& database) {
    const auto span = database.span_at(zone, time);
    if (!span) return std::nullopt;
    const auto local = local_moment(time, *span);
    return LocalTime{std::chrono::year_month_day{local.day}, minute_of(local)};
}

std::optional<WallTime> first_moment(std::chrono::year_month_day date, int minute_of_day, const std::string& zone,
                                     const TimeZones& database) {
    const WallTime wanted = std::chrono::sys_days{date} + minutes{minute_of_day};
    for (WallTime at = wanted - widest_offset; at < wanted + widest_offset;) {
        const auto span = database.span_at(zone, at);
        if (!span || span->end <= at) return std::nullopt;
        const WallTime candidate = wanted - span->offset;
        if (candidate < span->begin) return span->begin;  // they jumped over it
        if (candidate < span->end) return candidate;
        at = span->end;
    }
    return std::nullopt;
}

std::vector<std::string> possible_zones(const std::string& time_zone, const std::string& phone,
                                        const ZonesByPrefix& zones_by_prefix, const TimeZones& database) {
    if (!time_zone.empty() && database.span_at(time_zone, WallTime{})) return {time_zone};
    if (phone.empty() || phone.front() != '+') return {};
    const std::string_view digits = std::string_view(phone).substr(1);
    for (std::size_t length = std::min<std::size_t>(digits.size(), 7); length > 0; --length)
        if (const auto found = zones_by_prefix.find(digits.substr(0, length)); found != zones_by_prefix.end())
            return found->second;
    return {};
}

bool is_open(WallTime time, const std::vector<std::string>& zones, CallingHours hours, const TimeZones& database) {
    if (is_always(hours)) return true;
    return !zones.empty() && std::ranges::all_of(zones, [&](const std::string& zone) {
        const auto local = local_time(time, zone, database);
        return local && contains(hours, local->minute_of_day);
    });
}

std::optional<WallTime> next_open(WallTime time, const std::vector<std::string>& zones, CallingHours hours,
                                  const TimeZones& database) {
    if (is_always(hours)) return time;
    if (zones.empty()) return std::nullopt;
    WallTime at = time;
    for (int turn = 0; turn < turns_max; ++turn) {
        const WallTime before = at;
        for (const auto& zone : zones) {
            const auto open = next_open_in(at, zone, hours, database);
            if (!open) return std::nullopt;
            at = *open;
        }
        if (at == before) return at;
        if (at > time + horizon) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace carevoice::domain
