#include "net/write_turns.h"

#include <algorithm>

namespace carevoice::net {

namespace asio = boost::asio;

struct WriteTurns::Waiter {
    Waiter(const async::Executor& executor, WriteTurns& turns_) : timer(executor, SteadyTime::max()), turns(turns_) {
        turns.waiting_.push_back(this);
    }
    ~Waiter() {
        std::erase(turns.waiting_, this);
        if (owns_turn) turns.next();
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    asio::steady_timer timer;
    WriteTurns& turns;
    bool owns_turn = false;
};

async::Task<Result<WriteTurns::Turn>> WriteTurns::take() {
    if (closed_) co_return Error{Errc::unavailable, "the connection is gone"};
    if (!taken_) {
        taken_ = true;
        co_return Turn(*this);
    }
    if (waiting_.size() >= waiting_max_) co_return Error{Errc::unavailable, "too many writes wait already"};
    Waiter waiter(co_await asio::this_coro::executor, *this);
    co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (waiter.owns_turn) {
        waiter.owns_turn = false;
        co_return Turn(*this);
    }
    if (closed_) co_return Error{Errc::unavailable, "the connection is gone"};
    co_return Error{Errc::cancelled, "stopped while waiting to write"};
}

void WriteTurns::close() {
    closed_ = true;
    for (auto* waiter : waiting_) waiter->timer.cancel();
    waiting_.clear();
}

void WriteTurns::next() {
    if (waiting_.empty()) {
        taken_ = false;
        return;
    }
    Waiter* waiter = waiting_.front();
    waiting_.pop_front();
    waiter->owns_turn = true;
    waiter->timer.cancel();
}

}  // namespace carevoice::net
