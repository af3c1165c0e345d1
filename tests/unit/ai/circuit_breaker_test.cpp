#include "ai/circuit_breaker.h"

#include "support/counting_metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace carevoice::ai {
namespace {

using namespace std::chrono_literals;

class HandSetClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override { return {}; }
    [[nodiscard]] SteadyTime steady_now() const override { return now; }
    SteadyTime now{1h};
};

class BreakerTest : public testing::Test {
protected:
    /// False when the breaker lets nobody pass.
    bool call(bool fails) {
        auto permit = breaker_.enter();
        if (!permit) return false;
        if (fails)
            permit->fail();
        else
            permit->succeed();
        return true;
    }
    void fail(int times) {
        for (int i = 0; i < times; ++i) ASSERT_TRUE(call(true));
    }

    HandSetClock clock_;
    SeededRandom random_{1};
    tests::CountingMetrics metrics_;
    CircuitBreaker breaker_{
        "m", {.failures_max = 3, .window = 10s, .open_first = 4s, .open_longest = 10s}, clock_, random_, metrics_};
};

TEST_F(BreakerTest, OpensAfterFailuresAndLetsOneProbePass) {
    fail(3);
    EXPECT_TRUE(breaker_.is_open());
    EXPECT_FALSE(call(false));
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_open{model=m}"), 1);
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_opened_total{model=m}"), 1);
    clock_.now += 5s;  // 4 s and a quarter at most
    auto probe = breaker_.enter();
    ASSERT_TRUE(probe);
    EXPECT_FALSE(breaker_.enter()) << "one at a time";
    probe->succeed();
    EXPECT_FALSE(breaker_.is_open());
    EXPECT_TRUE(call(false));
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_open{model=m}"), 0);
    fail(2);
    EXPECT_FALSE(breaker_.is_open()) << "old failures are forgotten";
}

TEST_F(BreakerTest, WaitsNotLessThanThreeQuarters) {
    fail(3);
    clock_.now += 2'999ms;
    EXPECT_FALSE(call(false));
}

TEST_F(BreakerTest, AFailedProbeDoublesTheWaitUpToALimit) {
    fail(3);
    for (const milliseconds wait : {4s, 8s, 10s, 10s}) {
        clock_.now += wait * 3 / 4 - 1ms;
        EXPECT_FALSE(call(true)) << wait.count();
        clock_.now += wait / 2 + 2ms;
        EXPECT_TRUE(call(true)) << wait.count();
    }
    EXPECT_EQ(metrics_.value("carevoice_chat_breaker_opened_total{model=m}"), 1);
}

TEST_F(BreakerTest, FailuresOutsideTheWindowDoNotCount) {
    fail(2);
    clock_.now += 11s;
    fail(2);
    EXPECT_FALSE(breaker_.is_open());
}

TEST_F(BreakerTest, FewFailuresAmongManySuccessesAreNormal) {
    for (int i = 0; i < 50; ++i) {
        call(i % 5 == 0);
        ASSERT_FALSE(breaker_.is_open());
    }
}

TEST_F(BreakerTest, AProbeThatSaysNothingFreesItsPlace) {
    fail(3);
    clock_.now += 5s;
    { const auto abandoned = breaker_.enter(); }
    EXPECT_TRUE(breaker_.is_open());
    EXPECT_TRUE(call(false));
    EXPECT_FALSE(breaker_.is_open());
}

TEST_F(BreakerTest, CallsFromBeforeDoNotDecideForTheProbe) {
    auto early = breaker_.enter();
    fail(3);
    early->succeed();
    EXPECT_TRUE(breaker_.is_open());
}

TEST_F(BreakerTest, HoldsUnderManyThreads) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([this, i] {
            for (int j = 0; j < 1'000; ++j) call((i + j) % 2 == 0);
        });
    threads.clear();
    clock_.now += 1h;
    EXPECT_TRUE(call(false));
}

}  // namespace
}  // namespace carevoice::ai
