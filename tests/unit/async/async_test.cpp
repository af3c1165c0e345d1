#include "async/blocking_pool.h"
#include "async/bounded_queue.h"
#include "async/task.h"
#include "async/task_group.h"

#include "support/run_coroutine.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace carevoice::async {
namespace {

using namespace std::chrono_literals;

using tests::run;

Task<Result<int>> answer() {
    co_return 42;
}

Task<Result<int>> never_answer() {
    const auto slept = co_await sleep_for(1h);
    if (slept.has_error()) co_return slept.error();
    co_return 1;
}

TEST(ByDeadline, GivesTheResultWhenItComesInTime) {
    EXPECT_EQ(run(by_deadline(answer(), Deadline::in(10s))).value(), 42);
}

TEST(ByDeadline, TimesOutAndCancelsTheWork) {
    const auto result = run(by_deadline(never_answer(), Deadline::in(1ms)));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, Errc::timed_out);
}

TEST(TaskGroup, StopCancelsRunningWorkAndWaitsForIt) {
    asio::io_context context;
    TaskGroup group("test");
    bool ended = false;
    auto work = [](bool& flag) -> Task<> {
        (void)co_await never_answer();
        flag = true;
    };
    ASSERT_TRUE(group.spawn(context.get_executor(), work(ended)));
    auto stopper = [](TaskGroup& which, bool& flag, bool& was_ended) -> Task<> {
        co_await which.stop();
        was_ended = flag;
    };
    bool ended_before_stop_returned = false;
    asio::co_spawn(context, stopper(group, ended, ended_before_stop_returned), asio::detached);
    context.run();
    EXPECT_TRUE(ended_before_stop_returned);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_FALSE(group.spawn(context.get_executor(), work(ended)));
}

TEST(TaskGroup, StopWaitsForWorkOnOtherThreads) {
    asio::io_context context;
    TaskGroup group("test");
    std::atomic<int> ended{0};
    auto work = [](std::atomic<int>& count) -> Task<> {
        (void)co_await never_answer();
        ++count;
    };
    for (int i = 0; i < 32; ++i) ASSERT_TRUE(group.spawn(asio::make_strand(context), work(ended)));
    auto stopper = [](TaskGroup& which) -> Task<> { co_await which.stop(); };
    auto done = asio::co_spawn(asio::make_strand(context), stopper(group), asio::use_future);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
    done.get();
    EXPECT_EQ(ended.load(), 32);
}

TEST(TaskGroup, AnExceptionEndsOnlyItsOwnWork) {
    asio::io_context context;
    TaskGroup group("test");
    bool ran = false;
    auto bug = []() -> Task<> {
        throw std::logic_error("bug");
        co_return;
    };
    auto fine = [](bool& flag) -> Task<> {
        flag = true;
        co_return;
    };
    group.spawn(context.get_executor(), bug());
    group.spawn(context.get_executor(), fine(ran));
    context.run();
    EXPECT_TRUE(ran);
    EXPECT_EQ(group.size(), 0U);
}

TEST(BlockingPool, RunsOffTheCallersThreadAndComesBack) {
    BlockingPool pool(1, 4);
    const auto here = std::this_thread::get_id();
    auto work = [](BlockingPool& on, std::thread::id caller) -> Task<Result<bool>> {
        auto job = [caller]() -> Result<bool> { return std::this_thread::get_id() != caller; };
        auto elsewhere = co_await on.run(std::move(job));
        EXPECT_EQ(std::this_thread::get_id(), caller);
        co_return elsewhere;
    };
    EXPECT_TRUE(run(work(pool, here)).value());
    EXPECT_EQ(pool.pending(), 0U);
}

TEST(BlockingPool, OutlivesTheCancellationOfWhoWaitsForIt) {
    BlockingPool pool(4, 64);
    asio::io_context context;
    TaskGroup group{"test"};
    std::promise<void> begun;
    std::promise<void> released;
    std::atomic<int> ended{0};
    auto work = [](BlockingPool& on, std::promise<void>& begins, std::promise<void>& goes_on,
                   std::atomic<int>& ends) -> Task<> {
        auto job = [&begins, &goes_on, &ends]() -> Result<bool> {
            begins.set_value();
            goes_on.get_future().wait();
            ++ends;
            return true;
        };
        (void)co_await on.run(std::move(job));
    };
    group.spawn(asio::make_strand(context), work(pool, begun, released, ended));
    auto stop = [](TaskGroup& all) -> Task<int> {
        co_await all.stop();
        co_return 0;
    };
    auto stopped = asio::co_spawn(asio::make_strand(context), stop(group), asio::use_future);
    std::jthread thread([&] { context.run(); });
    begun.get_future().wait();
    // The cancellation is on its way to the pool, whose other threads have nothing else to do.
    EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout) << "who waits for work waits to its end";
    released.set_value();
    EXPECT_EQ(stopped.get(), 0);
    EXPECT_EQ(ended, 1);
}

TEST(BlockingPool, RefusesWhenTheQueueIsFull) {
    BlockingPool pool(1, 0);
    std::promise<void> release;
    auto gate = release.get_future().share();
    asio::io_context context;
    auto job = [gate]() -> Result<int> {
        gate.wait();
        return 1;
    };
    auto first = asio::co_spawn(context, pool.run(job), asio::use_future);
    auto second = asio::co_spawn(context, pool.run(job), asio::use_future);
    context.poll();
    release.set_value();
    context.run();
    EXPECT_EQ(first.get().value(), 1);
    EXPECT_EQ(second.get().error().code, Errc::unavailable);
}

TEST(BoundedQueue, KeepsOrderAndRefusesWhenFull) {
    BoundedQueue<int> queue(2);
    EXPECT_TRUE(queue.try_push(1));
    EXPECT_TRUE(queue.try_push(2));
    EXPECT_FALSE(queue.try_push(3));
    EXPECT_EQ(queue.try_pop(), 1);
    EXPECT_EQ(queue.try_pop(), 2);
    EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST(BoundedQueue, DropsTheOldestWhenAsked) {
    BoundedQueue<int> queue(2);
    EXPECT_FALSE(queue.push_dropping_oldest(1));
    EXPECT_FALSE(queue.push_dropping_oldest(2));
    EXPECT_TRUE(queue.push_dropping_oldest(3));
    EXPECT_EQ(queue.try_pop(), 2);
}

TEST(BoundedQueue, PopTimesOut) {
    BoundedQueue<int> queue(2);
    EXPECT_EQ(run(queue.pop(Deadline::in(1ms))).error().code, Errc::timed_out);
}

TEST(BoundedQueue, CloseGivesWhatIsLeftThenEnds) {
    BoundedQueue<int> queue(2);
    queue.try_push(7);
    queue.close();
    EXPECT_FALSE(queue.try_push(8));
    EXPECT_EQ(run(queue.pop()).value(), 7);
    EXPECT_EQ(run(queue.pop()).error().code, Errc::cancelled);
}

TEST(BoundedQueue, AReaderGetsEveryItemOfManyWriters) {
    BoundedQueue<int> queue(1000);
    auto read_all = [](BoundedQueue<int>& from) -> Task<int> {
        int sum = 0;
        for (int i = 0; i < 300; ++i) sum += (co_await from.pop()).value();
        co_return sum;
    };
    asio::io_context context;
    auto sum = asio::co_spawn(context, read_all(queue), asio::use_future);
    std::vector<std::jthread> writers;
    for (int w = 0; w < 3; ++w)
        writers.emplace_back([&queue] {
            for (int i = 0; i < 100; ++i) EXPECT_TRUE(queue.try_push(1));
        });
    context.run();
    EXPECT_EQ(sum.get(), 300);
}

}  // namespace
}  // namespace carevoice::async
