#include "notify/back_off.h"

#include <gtest/gtest.h>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, DoublesUpToItsLongestWait) {
    const BackOff rule;
    const double nearly_one = 0.999'999;
    EXPECT_EQ(wait_after(rule, 1, nearly_one), 1'999ms);
    EXPECT_EQ(wait_after(rule, 2, nearly_one), 3'999ms);
    EXPECT_EQ(wait_after(rule, 3, nearly_one), 7'999ms);
    EXPECT_EQ(wait_after(rule, 10, nearly_one), 15min - 1ms);
    EXPECT_EQ(wait_after(rule, 1'000'000, nearly_one), 15min - 1ms);
}

TEST(BackOff, JitterIsFull) {
    const BackOff rule;
    EXPECT_EQ(wait_after(rule, 5, 0), 0ms);
    EXPECT_EQ(wait_after(rule, 5, 0.5), 16s);
    EXPECT_EQ(wait_after(rule, 0, 0.5), 1s);
}

storage::OutboxItem item(int attempts, WallTime created_at) {
    storage::OutboxItem item;
    item.attempts = attempts;
    item.created_at = created_at;
    return item;
}

TEST(BackOff, GivesUpAfterADay) {
    const BackOff rule;
    const WallTime created = parse_rfc3339("2026-11-23T16:00:00Z").value();
    EXPECT_EQ(reason_to_give_up(rule, item(90, created), created + 24h - 1ms), std::nullopt);
    EXPECT_EQ(reason_to_give_up(rule, item(90, created), created + 24h), "gave up after 24 hours");
}

TEST(BackOff, ADayInQuietHoursDoesNotCount) {
    const BackOff rule;
    const WallTime created = parse_rfc3339("2026-11-23T16:00:00Z").value();
    auto held = item(90, created);
    held.notification.not_before = created + 10h;
    EXPECT_EQ(reason_to_give_up(rule, held, created + 30h), std::nullopt);
    EXPECT_TRUE(reason_to_give_up(rule, held, created + 34h).has_value());
}

TEST(BackOff, AnOldOneThatWasHardlyTriedIsTriedAgain) {
    const BackOff rule;
    const WallTime created = parse_rfc3339("2026-11-23T16:00:00Z").value();
    EXPECT_EQ(reason_to_give_up(rule, item(1, created), created + 100h), std::nullopt);
    EXPECT_TRUE(reason_to_give_up(rule, item(5, created), created + 100h).has_value());
}

TEST(BackOff, GivesUpAfterTooManyAttempts) {
    const BackOff rule;
    const WallTime created = parse_rfc3339("2026-11-23T16:00:00Z").value();
    EXPECT_EQ(reason_to_give_up(rule, item(299, created), created), std::nullopt);
    EXPECT_EQ(reason_to_give_up(rule, item(300, created), created), "gave up after 300 attempts");
}

}  // namespace
}  // namespace carevoice::notify
