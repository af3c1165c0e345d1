// Threads for work that blocks or computes for long (SQL, files, Whisper), so that I/O threads never do.
#pragma once

#include "async/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace carevoice::async {

/// A fixed number of threads behind a bounded queue. Thread-safe. The destructor finishes the work that runs and drops
/// what waits.
class BlockingPool {
public:
    BlockingPool(std::size_t threads, std::size_t queue_max) : pool_(threads), limit_(threads + queue_max) {}
    ~BlockingPool() {
        pool_.stop();
        pool_.join();
    }
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// Runs `work` (a callable that returns some Result<T>) on a pool thread; the caller goes on on its own executor.
    /// Errc::unavailable at once when the queue is full. Cancellation interrupts no work, and takes none from the
    /// queue.
    template <class Work>
    Task<std::invoke_result_t<Work&>> run(Work work) {
        if (pending_.fetch_add(1, std::memory_order_relaxed) >= limit_) {
            pending_.fetch_sub(1, std::memory_order_relaxed);
            co_return Error{Errc::unavailable, "the work queue is full"};
        }
        auto task = on_pool(pending_, std::move(work));
        // Asio 1.81 ends the process when a coroutine that never waited learns on another thread, while it works, that
        // it is cancelled. So this one never learns of it; the caller does, at its own next wait.
        auto token = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
        co_return co_await asio::co_spawn(pool_.get_executor(), std::move(task), std::move(token));
    }

    /// Work that runs or waits.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_.load(std::memory_order_relaxed); }

private:
    struct CountDown {
        std::atomic<std::size_t>& count;
        ~CountDown() { count.fetch_sub(1, std::memory_order_relaxed); }
    };

    template <class Work>
    static Task<std::invoke_result_t<Work&>> on_pool(std::atomic<std::size_t>& pending, Work work) {
        const CountDown done{pending};
        co_return work();
    }

    asio::thread_pool pool_;
    std::size_t limit_;
    std::atomic<std::size_t> pending_{0};
};

}  // namespace carevoice::async
