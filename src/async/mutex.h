// Mutual exclusion across suspension points, for coroutines that share one strand.
#pragma once

#include "async/task.h"

#include <boost/asio/post.hpp>

#include <deque>
#include <memory>
#include <utility>

namespace carevoice::async {

/// First come, first served. Not thread-safe: every use on one strand. Must outlive its holds.
class Mutex {
public:
    /// Releases on destruction.
    class Hold {
    public:
        explicit Hold(Mutex& mutex) : mutex_(&mutex) {}
        Hold(Hold&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
        Hold& operator=(Hold&&) = delete;
        ~Hold() {
            if (mutex_ != nullptr) mutex_->release();
        }

    private:
        Mutex* mutex_;
    };

    /// Errc::timed_out when others held it until the deadline; Errc::cancelled when the owner stopped.
    Task<Result<Hold>> lock(Deadline deadline = Deadline(SteadyTime::max())) {
        if (!held_) {
            held_ = true;
            co_return Hold(*this);
        }
        const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor, deadline);
        waiters_.push_back(waiter);
        co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (waiter->granted) co_return Hold(*this);
        std::erase(waiters_, waiter);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            co_return Error{Errc::cancelled, "stopped while waiting"};
        co_return Error{Errc::timed_out, "somebody else is busy with it"};
    }

private:
    struct Waiter {
        Waiter(const Executor& executor, Deadline deadline) : timer(executor, deadline.at()) {}
        asio::steady_timer timer;
        bool granted = false;
    };

    void release() {
        if (waiters_.empty()) {
            held_ = false;
            return;
        }
        // The mutex passes on without becoming free, so that nobody overtakes.
        const auto next = std::move(waiters_.front());
        waiters_.pop_front();
        next->granted = true;
        next->timer.cancel();
    }

    bool held_ = false;
    std::deque<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace carevoice::async
