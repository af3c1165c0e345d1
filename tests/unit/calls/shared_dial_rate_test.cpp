#include "calls/shared_dial_rate.h"

#include "support/plan_house.h"
#include "support/run_coroutine.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;

TEST(SharedDialRate, IsOneForAllInstances) {
    tests::VirtualClock clock;
    NoMetrics metrics;
    const auto sessions = storage::open_sessions("", storage::SessionOptions{}, clock, metrics).value();
    async::BlockingPool pool(1, 8);
    SharedDialRate first(2, *sessions, pool);
    SharedDialRate second(2, *sessions, pool);
    int taken = 0;
    for (int i = 0; i < 100; ++i) {
        for (auto* one : {&first, &second})
            if (tests::run(one->take()).value()) ++taken;
        clock.advance(100ms);
    }
    EXPECT_EQ(taken, 20) << "ten seconds at two a second";
}

}  // namespace
}  // namespace carevoice::calls
