#include "calls/calling_hours.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

WallTime at(const char* text) {
    return parse_rfc3339(text).value();
}

TEST(CallingHours, AreThePatientsNotOurs) {
    // 13:30 UTC is 08:30 in New York and 05:30 in Los Angeles, in summer time.
    EXPECT_TRUE(check_calling_hours(at("2026-07-01T12:30:00Z"), "America/New_York", {}).has_value());
    const auto refused = check_calling_hours(at("2026-07-01T12:30:00Z"), "America/Los_Angeles", {});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, Errc::rejected);
    EXPECT_EQ(refused.error().field, "scheduled_at");
}

TEST(CallingHours, FollowDaylightSaving) {
    // 8:00 in Chicago is 14:00 UTC in winter and 13:00 UTC in summer.
    EXPECT_TRUE(check_calling_hours(at("2026-01-15T13:30:00Z"), "America/Chicago", {}).has_error());
    EXPECT_TRUE(check_calling_hours(at("2026-07-15T13:30:00Z"), "America/Chicago", {}).has_value());
}

TEST(CallingHours, BeginAtTheFirstMinuteAndEndBeforeTheLast) {
    EXPECT_TRUE(check_calling_hours(at("2026-01-15T13:59:59Z"), "America/Chicago", {}).has_error());
    EXPECT_TRUE(check_calling_hours(at("2026-01-15T14:00:00Z"), "America/Chicago", {}).has_value());
    EXPECT_TRUE(check_calling_hours(at("2026-01-16T02:59:59Z"), "America/Chicago", {}).has_value());
    EXPECT_TRUE(check_calling_hours(at("2026-01-16T03:00:00Z"), "America/Chicago", {}).has_error());
}

TEST(CallingHours, AnUnknownZoneForbidsTheCall) {
    for (const char* zone : {"", "Mars/Olympus", "../etc/passwd"})
        EXPECT_TRUE(check_calling_hours(at("2026-07-01T16:00:00Z"), zone, {}).has_error()) << zone;
}

TEST(CallingHours, AlwaysIsAlways) {
    EXPECT_TRUE(check_calling_hours(at("2026-07-01T03:00:00Z"), "America/Chicago", {0, 1440}).has_value());
}

}  // namespace
}  // namespace carevoice::calls
