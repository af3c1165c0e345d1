// May we dial now, where the patient is?
#pragma once

#include "calls/call_settings.h"
#include "core/error.h"
#include "core/time.h"

#include <chrono>
#include <string>

namespace carevoice::calls {

/// Local date and minute of the day at `now` in the IANA zone `time_zone`. Errc::invalid_input for a zone that this
/// machine's tz database does not know: then nobody may dial.
struct LocalTime {
    std::chrono::year_month_day date;
    int minute_of_day = 0;
};
Result<LocalTime> local_time(WallTime now, const std::string& time_zone);

/// ok, or Errc::rejected with field "time" saying the hours and the zone (47 CFR 64.1200: 8:00 to 21:00 at the called
/// party's place). An empty zone counts as unknown: rejected unless the hours are "always".
Result<> check_calling_hours(WallTime now, const std::string& time_zone, CallingHours hours);

}  // namespace carevoice::calls
