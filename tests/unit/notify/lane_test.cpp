#include "notify/lane.h"

#include "notification_samples.h"

#include <gtest/gtest.h>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;
using Leave = Lane::Leave;

Claimed claimed(std::string id, domain::Severity severity = domain::Severity::high) {
    Claimed one;
    one.item.notification = sample_notification(domain::Channel::sms, "+14155550111", std::move(id));
    one.item.notification.severity = severity;
    return one;
}

std::string id_of(const std::optional<Claimed>& one) {
    return one ? one->item.notification.id.str() : "none";
}

TEST(Lane, LetsFewBeginAtOnce) {
    Lane lane({.at_once = 2});
    for (const auto* const id : {"a", "b", "c"}) EXPECT_EQ(lane.take(claimed(id)), std::nullopt) << id;
    EXPECT_EQ(id_of(lane.begin()), "a");
    EXPECT_EQ(id_of(lane.begin()), "b");
    EXPECT_EQ(id_of(lane.begin()), "none");
    lane.end();
    EXPECT_EQ(id_of(lane.begin()), "c");
}

TEST(Lane, TheMostSevereGoesFirst) {
    Lane lane({.at_once = 9});
    (void)lane.take(claimed("a", domain::Severity::moderate));
    (void)lane.take(claimed("b", domain::Severity::critical));
    (void)lane.take(claimed("c", domain::Severity::moderate));
    (void)lane.take(claimed("d", domain::Severity::critical));
    std::string order;
    while (const auto next = lane.begin()) order += id_of(next);
    EXPECT_EQ(order, "bdac");
}

TEST(Lane, WhenItIsFullTheLeastSevereGoesBack) {
    Lane lane({.waiting_max = 2});
    (void)lane.take(claimed("a", domain::Severity::moderate));
    (void)lane.take(claimed("b", domain::Severity::high));
    EXPECT_EQ(id_of(lane.take(claimed("c", domain::Severity::critical))), "a");
    EXPECT_EQ(id_of(lane.take(claimed("d", domain::Severity::low))), "d");
    EXPECT_EQ(lane.take_waiting().size(), 2U);
    EXPECT_EQ(id_of(lane.begin()), "none");
}

TEST(Lane, RestsAfterFailuresInARow) {
    Lane lane({.failures_max = 3, .rest_first = 10s});
    const SteadyTime now{};
    EXPECT_FALSE(lane.fails(Leave::normal, now, 0.5));
    EXPECT_FALSE(lane.fails(Leave::normal, now, 0.5));
    lane.works();
    EXPECT_FALSE(lane.fails(Leave::normal, now, 0.5));
    EXPECT_FALSE(lane.fails(Leave::normal, now, 0.5));
    EXPECT_EQ(lane.ask_leave(now), Leave::normal);
    EXPECT_TRUE(lane.fails(Leave::normal, now, 0.5));
    EXPECT_EQ(lane.ask_leave(now + 9s), Leave::refused);
    EXPECT_EQ(lane.rests_until(), now + 10s);
}

TEST(Lane, OneProbeDecides) {
    Lane lane({.failures_max = 1, .rest_first = 10s, .rest_longest = 15s});
    SteadyTime now{};
    EXPECT_TRUE(lane.fails(Leave::normal, now, 0.5));
    now += 10s;
    EXPECT_EQ(lane.ask_leave(now), Leave::probe);
    EXPECT_EQ(lane.ask_leave(now), Leave::refused);
    EXPECT_FALSE(lane.fails(Leave::normal, now, 0.5)) << "one from before judges nothing";
    EXPECT_EQ(lane.ask_leave(now), Leave::refused);
    EXPECT_TRUE(lane.fails(Leave::probe, now, 0.5));
    EXPECT_EQ(lane.ask_leave(now + 14s), Leave::refused);
    EXPECT_EQ(lane.ask_leave(now + 15s), Leave::probe);
    lane.was_not_asked(Leave::probe);
    EXPECT_EQ(lane.ask_leave(now + 15s), Leave::probe);
    lane.works();
    EXPECT_EQ(lane.ask_leave(now + 15s), Leave::normal);
    EXPECT_TRUE(lane.is_idle());
}

TEST(Lane, ProbesOfSeveralProcessesAreSpread) {
    for (const double chance : {0.0, 0.5, 0.99}) {
        Lane lane({.failures_max = 1, .rest_first = 10s});
        EXPECT_TRUE(lane.fails(Leave::normal, SteadyTime{}, chance));
        EXPECT_EQ(lane.rests_until(), SteadyTime{} + milliseconds(static_cast<int>(10'000 * (0.75 + chance / 2))));
    }
}

}  // namespace
}  // namespace carevoice::notify
