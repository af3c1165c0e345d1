#include "domain/calling_hours.h"

#include "core/random.h"
#include "support/table_zones.h"

#include <gtest/gtest.h>

#include <array>

namespace carevoice::domain {
namespace {

using namespace std::chrono_literals;

const tests::TableZones zones;

WallTime at(std::string_view text) {
    return parse_rfc3339(text).value();
}

std::string next(std::string_view from, const std::string& zone, CallingHours hours = {}) {
    const auto found = next_open(at(from), {zone}, hours, zones);
    return found ? format_rfc3339(*found).substr(0, 16) : "never";
}

TEST(CallingHours, OpenAtOnceWhenTheyAreOpen) {
    EXPECT_EQ(next("2026-06-10T15:00:00Z", "America/Chicago"), "2026-06-10T15:00");
}

TEST(CallingHours, OpenTheNextMorningOnceTheyAreOver) {
    // 21:00 in Chicago, in summer, is 02:00 UTC of the next day.
    EXPECT_EQ(next("2026-06-11T01:59:59Z", "America/Chicago"), "2026-06-11T01:59");
    EXPECT_EQ(next("2026-06-11T02:00:00Z", "America/Chicago"), "2026-06-11T13:00");
}

TEST(CallingHours, FollowTheClocksForwardInMarch) {
    // Saturday evening in winter time, Sunday morning in summer time: 8:00 comes an hour earlier.
    EXPECT_EQ(next("2026-03-07T12:00:00Z", "America/Chicago"), "2026-03-07T14:00");
    EXPECT_EQ(next("2026-03-08T03:30:00Z", "America/Chicago"), "2026-03-08T13:00");
}

TEST(CallingHours, FollowTheClocksBackInNovember) {
    EXPECT_EQ(next("2026-10-31T12:00:00Z", "America/Chicago"), "2026-10-31T13:00");
    EXPECT_EQ(next("2026-11-01T02:30:00Z", "America/Chicago"), "2026-11-01T14:00");
}

TEST(CallingHours, ThatBeginInsideTheGapBeginAtItsEnd) {
    // 2:30 does not exist on that Sunday; the clocks show 3:00 at 08:00 UTC.
    EXPECT_EQ(next("2026-03-08T07:00:00Z", "America/Chicago", {150, 300}), "2026-03-08T08:00");
}

TEST(CallingHours, KnowHalfHours) {
    EXPECT_EQ(next("2026-06-10T00:00:00Z", "Asia/Kolkata"), "2026-06-10T02:30");
    EXPECT_EQ(next("2026-06-10T15:30:00Z", "Asia/Kolkata"), "2026-06-11T02:30");
}

TEST(CallingHours, MayWrapOverMidnight) {
    const CallingHours night{22 * 60, 6 * 60};
    EXPECT_EQ(next("2026-06-10T12:00:00Z", "UTC", night), "2026-06-10T22:00");
    EXPECT_EQ(next("2026-06-10T23:59:00Z", "UTC", night), "2026-06-10T23:59");
    EXPECT_EQ(next("2026-06-11T05:59:00Z", "UTC", night), "2026-06-11T05:59");
    EXPECT_EQ(next("2026-06-11T06:00:00Z", "UTC", night), "2026-06-11T22:00");
}

TEST(CallingHours, ThatAreAlwaysNeedNoZone) {
    EXPECT_TRUE(is_open(at("2026-06-10T03:00:00Z"), {}, {0, 1440}, zones));
    EXPECT_EQ(next("2026-06-10T03:00:00Z", "Mars/Olympus", {0, 1440}), "2026-06-10T03:00");
}

TEST(CallingHours, OfAnUnknownZoneNeverOpen) {
    EXPECT_EQ(next("2026-06-10T15:00:00Z", "Mars/Olympus"), "never");
    EXPECT_FALSE(is_open(at("2026-06-10T15:00:00Z"), {}, {}, zones));
}

TEST(CallingHours, OfSeveralZonesAreWhatTheyHaveInCommon) {
    const std::vector<std::string> states{"America/New_York", "America/Chicago", "Pacific/Honolulu"};
    // In winter: from 8:00 in Honolulu (18:00 UTC) to 21:00 in New York (02:00 UTC).
    const auto open = next_open(at("2026-01-15T12:00:00Z"), states, {}, zones);
    ASSERT_TRUE(open.has_value());
    EXPECT_EQ(format_rfc3339(*open).substr(0, 16), "2026-01-15T18:00");
    EXPECT_TRUE(is_open(at("2026-01-16T01:59:00Z"), states, {}, zones));
    EXPECT_FALSE(is_open(at("2026-01-16T02:00:00Z"), states, {}, zones));
}

TEST(CallingHours, OfZonesThatNeverMeetNeverOpen) {
    EXPECT_FALSE(next_open(at("2026-01-15T12:00:00Z"), {"UTC", "Pacific/Honolulu"}, {480, 540}, zones).has_value());
}

TEST(PossibleZones, AreThePatientsOwnWhenItIsKnown) {
    const ZonesByPrefix prefixes{{"1", {"America/New_York", "Pacific/Honolulu"}}};
    EXPECT_EQ(possible_zones("Asia/Kolkata", "+14155550101", prefixes, zones),
              std::vector<std::string>{"Asia/Kolkata"});
    EXPECT_EQ(possible_zones("", "+14155550101", prefixes, zones).size(), 2U);
    EXPECT_EQ(possible_zones("Mars/Olympus", "+14155550101", prefixes, zones).size(), 2U);
    EXPECT_TRUE(possible_zones("", "+4930123456", prefixes, zones).empty());
    EXPECT_TRUE(possible_zones("", "", prefixes, zones).empty());
}

TEST(PossibleZones, AreThoseOfTheLongestPrefix) {
    const ZonesByPrefix prefixes{{"1", {"America/New_York"}}, {"1808", {"Pacific/Honolulu"}}};
    EXPECT_EQ(possible_zones("", "+18085550101", prefixes, zones), std::vector<std::string>{"Pacific/Honolulu"});
}

TEST(FirstMoment, FallsOnTheEndOfAGapAndTheFirstOfTwo) {
    using std::chrono::year_month_day;
    const auto moment = [](std::string_view date, int minute, const char* zone) {
        return format_rfc3339(first_moment(parse_date(date).value(), minute, zone, zones).value()).substr(0, 16);
    };
    EXPECT_EQ(moment("2026-03-08", 150, "America/Chicago"), "2026-03-08T08:00");
    EXPECT_EQ(moment("2026-11-01", 90, "America/Chicago"), "2026-11-01T06:30") << "1:30 comes twice";
    EXPECT_EQ(moment("2026-04-24", 0, "Africa/Cairo"), "2026-04-23T22:00") << "there is no midnight on that day";
    EXPECT_EQ(moment("2026-06-10", 600, "Pacific/Kiritimati"), "2026-06-09T20:00");
}

// ---- Against a search minute by minute

struct Place {
    std::vector<std::string> zones;
    CallingHours hours;
};

TEST(NextOpen, IsTheFirstOpenMinuteWhereverAndWhenever) {
    const std::array<const char*, 8> names{"America/New_York", "America/Chicago",   "America/Los_Angeles",
                                           "Pacific/Honolulu", "Europe/London",     "Asia/Kolkata",
                                           "Africa/Cairo",     "Pacific/Kiritimati"};
    const std::array<WallTime, 6> around{at("2026-03-08T08:00:00Z"), at("2026-11-01T07:00:00Z"),
                                         at("2026-04-23T22:00:00Z"), at("2026-10-29T21:00:00Z"),
                                         at("2026-03-29T01:00:00Z"), at("2026-06-10T12:00:00Z")};
    SeededRandom random(20261122);
    const auto below = [&random](std::uint64_t limit) { return random.next_u64() % limit; };
    for (int round = 0; round < 2'000; ++round) {
        Place place;
        for (std::uint64_t i = 0; i <= below(2); ++i) place.zones.emplace_back(names[below(names.size())]);
        place.hours = {static_cast<int>(below(1'440)), static_cast<int>(1 + below(1'440))};
        if (place.hours.from_minute == place.hours.to_minute) continue;
        const WallTime from = around[below(around.size())] + std::chrono::minutes(below(4'320)) - 36h;
        const auto found = next_open(from, place.zones, place.hours, zones);
        std::optional<WallTime> searched;
        for (WallTime minute = from; minute < from + 72h && !searched; minute += 1min)
            if (is_open(minute, place.zones, place.hours, zones)) searched = minute;
        if (!searched) {
            EXPECT_TRUE(!found || *found >= from + 72h) << round;
            continue;
        }
        ASSERT_TRUE(found.has_value()) << round;
        ASSERT_EQ(*found, *searched) << "round " << round << ", " << place.zones.front() << ", from "
                                     << format_rfc3339(from) << ", " << place.hours.from_minute << " to "
                                     << place.hours.to_minute;
    }
}

}  // namespace
}  // namespace carevoice::domain
