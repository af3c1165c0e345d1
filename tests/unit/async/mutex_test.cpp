#include "async/mutex.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <vector>

namespace carevoice::async {
namespace {

using namespace std::chrono_literals;

Task<> work(Mutex& mutex, std::vector<int>& order, int id) {
    const auto hold = co_await mutex.lock();
    order.push_back(id);
    co_await sleep_for(1ms);
    order.push_back(id);
}

Task<> impatient(Mutex& mutex, Errc& code) {
    const auto hold = co_await mutex.lock(Deadline::in(1ms));
    if (hold.has_error()) code = hold.error().code;
}

TEST(Mutex, HoldersDoNotInterleaveAndComeInOrder) {
    asio::io_context context;
    Mutex mutex;
    std::vector<int> order;
    for (int id = 1; id <= 3; ++id) asio::co_spawn(context, work(mutex, order, id), asio::detached);
    context.run();
    EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 2, 3, 3}));
}

TEST(Mutex, AWaiterGivesUpAtItsDeadlineAndTheNextStillGetsIt) {
    asio::io_context context;
    Mutex mutex;
    auto code = Errc::internal;
    std::vector<int> order;
    auto slow = [](Mutex& of) -> Task<> {
        const auto hold = co_await of.lock();
        co_await sleep_for(20ms);
    };
    asio::co_spawn(context, slow(mutex), asio::detached);
    asio::co_spawn(context, impatient(mutex, code), asio::detached);
    asio::co_spawn(context, work(mutex, order, 1), asio::detached);
    context.run();
    EXPECT_EQ(code, Errc::timed_out);
    EXPECT_EQ(order, (std::vector<int>{1, 1}));
}

}  // namespace
}  // namespace carevoice::async
