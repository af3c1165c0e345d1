#include "core/time.h"

#include <gtest/gtest.h>

namespace carevoice {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, RoundTripsWithMilliseconds) {
    const auto time = parse_rfc3339("2026-11-22T09:05:07.250Z").value();
    EXPECT_EQ(format_rfc3339(time), "2026-11-22T09:05:07.250Z");
}

TEST(Rfc3339, OffsetsAndFractionsBecomeUtc) {
    EXPECT_EQ(format_rfc3339(parse_rfc3339("2026-03-01T00:30:00+02:00").value()), "2026-02-28T22:30:00.000Z");
    EXPECT_EQ(format_rfc3339(parse_rfc3339("2026-03-01t00:30:00.1234567z").value()), "2026-03-01T00:30:00.123Z");
    EXPECT_EQ(format_rfc3339(parse_rfc3339("2024-02-29T23:59:59-05:30").value()), "2024-03-01T05:29:59.000Z");
}

TEST(Rfc3339, RefusesWhatIsNotOne) {
    for (const char* text : {"", "2026-11-22", "2026-11-22T09:05:07", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                             "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:05:07.Z",
                             "2026-11-22T09:05:07Zx", "-026-11-22T09:05:07Z", "2026-11-22T09:05:07+2:00"})
        EXPECT_EQ(parse_rfc3339(text).error().code, Errc::invalid_input) << text;
}

TEST(Rfc2822, ReadsAndWritesTwiliosForm) {
    const auto time = parse_rfc2822("Tue, 14 Oct 2025 15:04:05 +0000").value();
    EXPECT_EQ(format_rfc3339(time), "2025-10-14T15:04:05.000Z");
    EXPECT_EQ(format_rfc2822(time), "Tue, 14 Oct 2025 15:04:05 +0000");
    EXPECT_EQ(parse_rfc2822("Tue, 14 Oct 2025 10:04:05 -0500").value(), time);
}

TEST(Rfc2822, RefusesWhatIsNotOne) {
    for (const char* text : {"", "Tue, 14 Oct 2025", "Tue, 32 Oct 2025 15:04:05 +0000",
                             "Tue, 14 Okt 2025 15:04:05 +0000", "14 Oct 2025 15:04:05"})
        EXPECT_TRUE(parse_rfc2822(text).has_error()) << text;
}

TEST(Date, KnowsRealDays) {
    EXPECT_EQ(format_date(parse_date("2024-02-29").value()), "2024-02-29");
    for (const char* text : {"2023-02-29", "2023-00-10", "1957-3-14", "1957-03-14 ", "tomorrow"})
        EXPECT_TRUE(parse_date(text).has_error()) << text;
}

TEST(Deadline, NeverHasNegativeTimeLeftAndNeverGrows) {
    const SteadyTime now{1h};
    const Deadline deadline(now + 100ms);
    EXPECT_EQ(deadline.left(now), 100ms);
    EXPECT_EQ(deadline.left(now + 1s), 0ms);
    EXPECT_EQ(deadline.at_most(1s, now).at(), deadline.at());
    EXPECT_EQ(deadline.at_most(10ms, now).left(now), 10ms);
}

}  // namespace
}  // namespace carevoice
