// When, where the patient is, may their telephone ring? Pure: the zone database comes in as an interface.
//
// 47 CFR 64.1200: 8:00 to 21:00 at the called party's place; written for sales calls and adopted as our limit
// (clinical.md section 9). Everything is computed in UTC over stretches of constant offset, so that a clock that jumps
// needs no special case.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::domain {

/// Local time of day between which we may dial, [from, to) in minutes after midnight. A `from` after `to` wraps over
/// midnight: {1320, 360} is 22:00 to 6:00. {0, 1440} is always.
struct CallingHours {
    int from_minute = 8 * 60;
    int to_minute = 21 * 60;
    friend bool operator==(const CallingHours&, const CallingHours&) = default;
};

[[nodiscard]] bool is_always(CallingHours hours) noexcept;
[[nodiscard]] bool contains(CallingHours hours, int minute_of_day) noexcept;
/// "08:05"
std::string clock_text(int minute_of_day);

/// A stretch of time, [begin, end), in which a zone keeps one offset from UTC.
struct OffsetSpan {
    WallTime begin{};
    WallTime end{};
    std::chrono::seconds offset{0};  ///< local time minus UTC
};

/// A time zone database. Thread-safe.
class TimeZones {
public:
    virtual ~TimeZones() = default;
    /// The span that holds `time`; nullopt for a zone that the database does not know.
    [[nodiscard]] virtual std::optional<OffsetSpan> span_at(const std::string& zone, WallTime time) const = 0;
};

struct LocalTime {
    std::chrono::year_month_day date;
    int minute_of_day = 0;
    friend bool operator==(const LocalTime&, const LocalTime&) = default;
};
std::optional<LocalTime> local_time(WallTime time, const std::string& zone, const TimeZones& database);

/// The first moment at which the zone's clocks show `minute_of_day` of `date` or later: the end of the gap when they
/// jump over it, the first of the two when they show it twice.
std::optional<WallTime> first_moment(std::chrono::year_month_day date, int minute_of_day, const std::string& zone,
                                     const TimeZones& database);

/// Zones of a telephone number by the digits that it begins with ("1", "1671", "44"), the longest match first.
using ZonesByPrefix = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Where a patient may be: their own zone when the database knows it, else every zone of their number's country. Empty
/// when nobody knows: then nobody may dial. A number says less than it seems, for people keep theirs when they move
/// within a country; hence all zones of the country and, in what follows, the hours that they have in common.
std::vector<std::string> possible_zones(const std::string& time_zone, const std::string& phone,
                                        const ZonesByPrefix& zones_by_prefix, const TimeZones& database);

/// Whether `time` lies within the hours in each of the zones. False without zones, and for an unknown one, unless the
/// hours are always.
[[nodiscard]] bool is_open(WallTime time, const std::vector<std::string>& zones, CallingHours hours,
                           const TimeZones& database);

/// The first moment at or after `time` that lies within the hours in each of the zones. nullopt when there is none
/// within eight days: no zones, an unknown one, or zones whose hours never meet.
std::optional<WallTime> next_open(WallTime time, const std::vector<std::string>& zones, CallingHours hours,
                                  const TimeZones& database);

}  // namespace carevoice::domain
