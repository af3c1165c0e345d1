#include "calls/calling_hours.h"

#include "domain/time_zone.h"

#include <date/tz.h>

namespace carevoice::calls {

std::optional<domain::OffsetSpan> SystemTimeZones::span_at(const std::string& zone, WallTime time) const {
    // The library opens a file of the zone's name.
    if (!domain::is_known_time_zone(zone)) return std::nullopt;
    // It reports a zone that this machine lacks by an exception; for us that is an expected failure.
    try {
        const auto info = date::locate_zone(zone)->get_info(std::chrono::time_point_cast<std::chrono::seconds>(time));
        return domain::OffsetSpan{.begin = info.begin, .end = info.end, .offset = info.offset};
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
}

}  // namespace carevoice::calls
