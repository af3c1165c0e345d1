#include "calls/dial_gate.h"

#include "support/plan_house.h"
#include "support/run_coroutine.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;

CallSessionId id(int number) {
    return CallSessionId("c" + std::to_string(number));
}

TEST(LocalDialRate, KeepsCallsApart) {
    tests::VirtualClock clock;
    LocalDialRate rate(4, clock);
    int taken = 0;
    for (int i = 0; i < 10'000; i += 10) {
        if (tests::run(rate.take()).value()) ++taken;
        clock.advance(10ms);
    }
    EXPECT_EQ(taken, 40);
}

TEST(CampaignBreaker, OpensWhenHalfOfAtLeastTenFailed) {
    CampaignBreaker breaker;
    SteadyTime now{1h};
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(breaker.admit(now)) << i;
        breaker.dialled(now, id(i));
        breaker.accepted(now, id(i));
        now += 1s;
    }
    for (int i = 0; i < 9; ++i) breaker.failed(now, id(i));
    EXPECT_TRUE(breaker.admit(now));
    breaker.failed(now, id(8));
    EXPECT_TRUE(breaker.admit(now)) << "a failure counts once";
    breaker.failed(now, id(9));
    EXPECT_FALSE(breaker.admit(now));
    EXPECT_TRUE(breaker.is_open(now));
}

TEST(CampaignBreaker, TakesFewFailuresForChance) {
    CampaignBreaker breaker;
    const SteadyTime now{1h};
    for (int i = 0; i < 9; ++i) {
        breaker.dialled(now, id(i));
        breaker.failed(now, id(i));
    }
    EXPECT_TRUE(breaker.admit(now));
}

TEST(CampaignBreaker, ForgetsWhatWasLongAgo) {
    CampaignBreaker breaker;
    SteadyTime now{1h};
    for (int i = 0; i < 9; ++i) {
        breaker.dialled(now, id(i));
        breaker.failed(now, id(i));
    }
    now += CampaignBreaker::window + 1s;
    breaker.dialled(now, id(9));
    breaker.failed(now, id(9));
    EXPECT_TRUE(breaker.admit(now));
}

class OpenBreaker : public ::testing::Test {
protected:
    OpenBreaker() {
        for (int i = 0; i < 10; ++i) {
            breaker.dialled(now, id(i));
            breaker.failed(now, id(i));
        }
        EXPECT_FALSE(breaker.admit(now));
        now += CampaignBreaker::pause;
    }
    CampaignBreaker breaker;
    SteadyTime now{1h};
};

TEST_F(OpenBreaker, LetsOneProbeThrough) {
    EXPECT_TRUE(breaker.admit(now));
    EXPECT_FALSE(breaker.admit(now));
    EXPECT_TRUE(breaker.admit(now + CampaignBreaker::probe_patience)) << "the first one was never heard of again";
}

TEST_F(OpenBreaker, ClosesWhenTheProbeIsTaken) {
    ASSERT_TRUE(breaker.admit(now));
    breaker.dialled(now, id(99));
    breaker.accepted(now, id(99));
    EXPECT_TRUE(breaker.admit(now));
    EXPECT_TRUE(breaker.admit(now));
}

TEST_F(OpenBreaker, OpensAgainWhenTheProbeFails) {
    ASSERT_TRUE(breaker.admit(now));
    breaker.dialled(now, id(99));
    breaker.failed(now, id(99));
    EXPECT_FALSE(breaker.admit(now + CampaignBreaker::pause - 1ms));
    EXPECT_TRUE(breaker.admit(now + CampaignBreaker::pause));
}

TEST(DialGate, CountsWhatRingsAsLive) {
    tests::VirtualClock clock;
    CallSettings settings;
    settings.live_calls_max = 3;
    const domain::CostEstimate cost;
    DialGate gate(settings, cost, clock);
    gate.dialled(id(1));
    EXPECT_EQ(gate.admit(1), DialHold::none);
    EXPECT_EQ(gate.admit(2), DialHold::live_calls);
    gate.over(id(1));
    EXPECT_EQ(gate.admit(2), DialHold::none);
    gate.dialled(id(2));
    clock.advance(1min);
    EXPECT_EQ(gate.admit(2), DialHold::none) << "nothing rings for so long";
}

TEST(DialGate, CountsWhatIsNotYetBilledAgainstTheBudget) {
    tests::VirtualClock clock;
    CallSettings settings;
    settings.monthly_budget_usd = 10;
    const domain::CostEstimate cost{.call_usd = 0.1, .minute_usd = 0.2, .minutes = 2};
    DialGate gate(settings, cost, clock);
    gate.set_costs({.billed_usd = 8.4, .unbilled = 1});
    EXPECT_DOUBLE_EQ(gate.month_usd(), 8.9);
    EXPECT_EQ(gate.admit(0), DialHold::none);
    gate.dialled(id(1));
    gate.dialled(id(2));
    EXPECT_EQ(gate.admit(0), DialHold::budget) << "9.90 are spent, and one more costs 0.50";
}

TEST(DialGate, KnowsWhichRefusalsAreAboutTheNumber) {
    EXPECT_TRUE(is_about_the_number(21211));
    EXPECT_FALSE(is_about_the_number(20003));
    EXPECT_EQ(month_begin(parse_rfc3339("2026-06-10T17:00:00Z").value()),
              parse_rfc3339("2026-06-01T00:00:00Z").value());
}

}  // namespace
}  // namespace carevoice::calls
