#include "calls/shared_dial_rate.h"

#include "support/plan_house.h"
#include "support/redis_server.h"
#include "support/run_coroutine.h"

#include <gtest/gtest.h>

#include <memory>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;

class SharedDialRates : public testing::Test {
protected:
    std::unique_ptr<storage::SessionStore> open(const std::string& url) {
        const storage::SessionOptions options{.connections = 2, .patience = 300ms, .prefix = random.hex(8)};
        return storage::open_sessions(url, options, clock, metrics).value();
    }
    SharedDialRateDeps deps(storage::SessionStore& store) {
        return {.store = store, .pool = pool, .clock = clock, .metrics = metrics, .instances = [this] {
                    return instances;
                }};
    }
    /// Both ask all the time, for ten seconds of our clock.
    int take_ten_seconds(SharedDialRate& first, SharedDialRate& second) {
        int taken = 0;
        for (int i = 0; i < 100; ++i) {
            for (auto* one : {&first, &second})
                if (tests::run(one->take()).value()) ++taken;
            clock.advance(100ms);
        }
        return taken;
    }

    tests::VirtualClock clock;
    SystemRandom random;
    NoMetrics metrics;
    async::BlockingPool pool{1, 8};
    std::size_t instances = 1;
};

TEST_F(SharedDialRates, AreOneForAllInstances) {
    const auto store = open("");
    SharedDialRate first(2, deps(*store));
    SharedDialRate second(2, deps(*store));
    EXPECT_EQ(take_ten_seconds(first, second), 20) << "ten seconds at two a second";
}

TEST_F(SharedDialRates, FallBackToSharesWhileTheStoreIsAwayAndAreOneAgainAfter) {
    tests::RedisServer server;
    const auto store = open(server.url());
    // One call in a thousand seconds of Redis's own clock: which of the two gets it is all that can be seen.
    SharedDialRate slow(0.001, deps(*store));
    EXPECT_TRUE(tests::run(slow.take()).value());
    clock.advance(1'001s);
    EXPECT_FALSE(tests::run(slow.take()).value()) << "Redis does not go by our clock";

    SharedDialRate first(2, deps(*store));
    SharedDialRate second(2, deps(*store));
    instances = 2;
    server.stop();
    EXPECT_EQ(take_ten_seconds(first, second), 20) << "one a second each";

    server.start();
    while (store->ping().has_error()) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(tests::run(slow.take()).value()) << "Redis remembers nothing of the time before";
    SharedDialRate other(0.001, deps(*store));
    EXPECT_FALSE(tests::run(other.take()).value()) << "and is one for all again";
}

TEST_F(SharedDialRates, DoNotTakeAStoreThatForgotForAFreeCall) {
    tests::RedisServer server;
    const auto store = open(server.url());
    SharedDialRate rate(0.001, deps(*store));
    server.stop();
    EXPECT_TRUE(tests::run(rate.take()).value());
    server.start();
    while (store->ping().has_error()) std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(tests::run(rate.take()).value()) << "the last call was dialled a moment ago";
}

}  // namespace
}  // namespace carevoice::calls
