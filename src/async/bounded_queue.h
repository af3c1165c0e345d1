// A queue between coroutines, with a size and a stated policy when it is full.
#pragma once

#include "async/task.h"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace carevoice::async {

/// Many writers, one reader. Thread-safe; the reader runs on a strand or on a context with one thread.
template <class Item>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False, and the item is gone, when the queue is full or closed.
    bool try_push(Item item) {
        const std::lock_guard lock(mutex_);
        if (closed_ || items_.size() >= capacity_) return false;
        items_.push_back(std::move(item));
        wake_reader();
        return true;
    }

    /// Makes room by dropping the oldest item: for what is worthless when late. True when something was dropped.
    bool push_dropping_oldest(Item item) {
        const std::lock_guard lock(mutex_);
        if (closed_) return true;
        const bool full = items_.size() >= capacity_;
        if (full) items_.pop_front();
        items_.push_back(std::move(item));
        wake_reader();
        return full;
    }

    /// The next item. Errc::timed_out when none came by the deadline, Errc::cancelled once the queue is closed and
    /// empty or the reader's owner stopped. No item is ever lost to a deadline.
    Task<Result<Item>> pop(Deadline deadline = Deadline(SteadyTime::max())) {
        for (;;) {
            std::shared_ptr<asio::steady_timer> timer;
            const auto executor = co_await asio::this_coro::executor;
            {
                const std::lock_guard lock(mutex_);
                if (!items_.empty()) co_return take_front();
                if (closed_) co_return Error{Errc::cancelled, "the queue is closed"};
                if (deadline.passed(std::chrono::steady_clock::now()))
                    co_return Error{Errc::timed_out, "nothing arrived in time"};
                timer = waiting_ = std::make_shared<asio::steady_timer>(executor, deadline.at());
            }
            co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
            stop_waiting();
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
                co_return Error{Errc::cancelled, "stopped while waiting"};
        }
    }

    /// Empty when nothing is there.
    std::optional<Item> try_pop() {
        const std::lock_guard lock(mutex_);
        if (items_.empty()) return std::nullopt;
        return take_front();
    }

    /// The reader gets what is left, then Errc::cancelled.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        wake_reader();
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }

private:
    Item take_front() {
        Item item = std::move(items_.front());
        items_.pop_front();
        return item;
    }

    void stop_waiting() {
        const std::lock_guard lock(mutex_);
        waiting_.reset();
    }

    void wake_reader() {
        // Posted to the reader's executor, so that it runs after the reader has begun to wait.
        if (waiting_) asio::post(waiting_->get_executor(), [timer = waiting_] { timer->cancel(); });
    }

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<Item> items_;
    bool closed_ = false;
    std::shared_ptr<asio::steady_timer> waiting_;
};

}  // namespace carevoice::async
