#include "net/client_pool.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace carevoice::net {

namespace asio = boost::asio;

/// In the queue as long as it lives and owns no place. A place that it was given and did not use goes back.
struct ClientPool::Waiter {
    Waiter(std::shared_ptr<ClientPool> pool_, std::string origin_, const async::Executor& executor)
        : pool(std::move(pool_)),
          origin(std::move(origin_)),
          timer(std::make_shared<asio::steady_timer>(executor, SteadyTime::max())) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        if (take_place()) pool->give_back(origin, nullptr);
    }

    /// True when a place was given to this waiter, which then owns it no more; leaves the queue in any case.
    bool take_place() {
        const std::lock_guard lock(pool->mutex_);
        std::erase(pool->origins_[origin].waiting, this);
        return std::exchange(owns_place, false);
    }

    std::shared_ptr<ClientPool> pool;
    std::string origin;
    std::shared_ptr<asio::steady_timer> timer;
    bool owns_place = false;  // under the pool's mutex
};

async::Task<Result<ClientPool::Lease>> ClientPool::acquire(std::string origin) {
    Waiter waiter(shared_from_this(), origin, co_await asio::this_coro::executor);
    bool must_wait = false;
    {
        const std::lock_guard lock(mutex_);
        auto& places = origins_[origin];
        must_wait = places.taken >= places_max_;
        if (must_wait)
            places.waiting.push_back(&waiter);
        else
            ++places.taken;
    }
    if (must_wait) {
        co_await waiter.timer->async_wait(asio::as_tuple(asio::use_awaitable));
        if (!waiter.take_place()) co_return Error{Errc::cancelled, "stopped while waiting for a connection"};
    }
    std::deque<Idle> old;
    std::unique_ptr<ClientStream> kept;
    {
        const std::lock_guard lock(mutex_);
        auto& places = origins_[origin];
        old = remove_old(places);
        kept = take_idle(places);
    }
    co_return Lease(shared_from_this(), std::move(origin), std::move(kept));
}

std::unique_ptr<ClientStream> ClientPool::take_idle(Origin& origin) {
    while (!origin.idle.empty()) {
        auto stream = std::move(origin.idle.back().stream);
        origin.idle.pop_back();
        if (stream->is_quiet()) return stream;
    }
    return nullptr;
}

std::deque<ClientPool::Idle> ClientPool::remove_old(Origin& origin) const {
    std::deque<Idle> old;
    const auto oldest = std::chrono::steady_clock::now() - idle_max_;
    while (!origin.idle.empty() && origin.idle.front().since < oldest) {
        old.push_back(std::move(origin.idle.front()));
        origin.idle.pop_front();
    }
    return old;
}

void ClientPool::give_back(const std::string& origin, std::unique_ptr<ClientStream> stream) {
    std::deque<Idle> old;
    const std::lock_guard lock(mutex_);
    auto& places = origins_[origin];
    old = remove_old(places);
    if (stream && !closed_) places.idle.push_back({std::move(stream), std::chrono::steady_clock::now()});
    if (places.waiting.empty()) {
        --places.taken;
        return;
    }
    Waiter* next = places.waiting.front();
    places.waiting.pop_front();
    next->owns_place = true;
    asio::post(next->timer->get_executor(), [timer = next->timer] { timer->cancel(); });
}

void ClientPool::close() {
    std::deque<Idle> idle;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [name, origin] : origins_)
        while (!origin.idle.empty()) {
            idle.push_back(std::move(origin.idle.front()));
            origin.idle.pop_front();
        }
}

}  // namespace carevoice::net
