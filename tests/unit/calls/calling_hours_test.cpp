#include "calls/calling_hours.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;

const SystemTimeZones zones;

WallTime at(std::string_view text) {
    return parse_rfc3339(text).value();
}

std::string next(std::string_view from, const std::string& zone, domain::CallingHours hours = {}) {
    const auto found = domain::next_open(at(from), {zone}, hours, zones);
    return found ? format_rfc3339(*found).substr(0, 16) : "never";
}

TEST(SystemTimeZones, KnowTheOffsetAndHowLongItLasts) {
    const auto summer = zones.span_at("America/Chicago", at("2026-07-01T00:00:00Z"));
    ASSERT_TRUE(summer.has_value());
    EXPECT_EQ(summer->offset, -5h);
    EXPECT_EQ(summer->begin, at("2026-03-08T08:00:00Z"));
    EXPECT_EQ(summer->end, at("2026-11-01T07:00:00Z"));
    EXPECT_EQ(zones.span_at("Asia/Kolkata", at("2026-07-01T00:00:00Z"))->offset, 5h + 30min);
    EXPECT_EQ(zones.span_at("Asia/Kathmandu", at("2026-07-01T00:00:00Z"))->offset, 5h + 45min);
}

TEST(SystemTimeZones, DoNotKnowWhatIsNone) {
    for (const char* zone : {"", "Mars/Olympus", "../etc/passwd", "America/New_York Europe/Berlin"})
        EXPECT_FALSE(zones.span_at(zone, at("2026-07-01T16:00:00Z")).has_value()) << zone;
}

TEST(CallingHours, AreThePatientsNotOurs) {
    // 12:30 UTC is 08:30 in New York and 05:30 in Los Angeles, in summer time.
    EXPECT_TRUE(domain::is_open(at("2026-07-01T12:30:00Z"), {"America/New_York"}, {}, zones));
    EXPECT_FALSE(domain::is_open(at("2026-07-01T12:30:00Z"), {"America/Los_Angeles"}, {}, zones));
}

TEST(CallingHours, BeginAtTheFirstMinuteAndEndBeforeTheLast) {
    const std::vector<std::string> chicago{"America/Chicago"};
    EXPECT_FALSE(domain::is_open(at("2026-01-15T13:59:59Z"), chicago, {}, zones));
    EXPECT_TRUE(domain::is_open(at("2026-01-15T14:00:00Z"), chicago, {}, zones));
    EXPECT_TRUE(domain::is_open(at("2026-01-16T02:59:59Z"), chicago, {}, zones));
    EXPECT_FALSE(domain::is_open(at("2026-01-16T03:00:00Z"), chicago, {}, zones));
}

TEST(CallingHours, FollowTheClocksInMarchAndNovember) {
    EXPECT_EQ(next("2026-03-08T03:30:00Z", "America/Chicago"), "2026-03-08T13:00");
    EXPECT_EQ(next("2026-11-01T02:30:00Z", "America/Chicago"), "2026-11-01T14:00");
    EXPECT_EQ(next("2026-06-10T15:30:00Z", "Asia/Kolkata"), "2026-06-11T02:30");
    // Half an hour only, on Lord Howe Island.
    EXPECT_EQ(next("2026-04-04T12:00:00Z", "Australia/Lord_Howe"), "2026-04-04T21:30");
}

TEST(CallingHours, OfAnUnknownZoneNeverOpenUnlessTheyAreAlways) {
    EXPECT_EQ(next("2026-07-01T16:00:00Z", "Mars/Olympus"), "never");
    EXPECT_TRUE(domain::is_open(at("2026-07-01T03:00:00Z"), {"Mars/Olympus"}, {0, 1440}, zones));
}

}  // namespace
}  // namespace carevoice::calls
