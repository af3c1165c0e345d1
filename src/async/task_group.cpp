#include "async/task_group.h"

#include "core/log.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <cassert>
#include <list>
#include <mutex>
#include <vector>

namespace carevoice::async {

namespace {

/// One piece of running work. The signal may be emitted only on `where`: a coroutine and its slot share no lock.
struct Running {
    explicit Running(Executor where_) : where(std::move(where_)) {}
    Executor where;
    asio::cancellation_signal signal;
};

}  // namespace

struct TaskGroup::Shared {
    explicit Shared(const char* name_) : name(name_) {}

    const char* name;
    mutable std::mutex mutex;
    bool stopping = false;
    std::list<std::shared_ptr<Running>> running;
    std::vector<std::shared_ptr<asio::steady_timer>> waiters;

    void ended(const std::shared_ptr<Running>& work, const std::exception_ptr& failure) {
        if (failure) report(failure);
        std::vector<std::shared_ptr<asio::steady_timer>> wake;
        {
            const std::lock_guard lock(mutex);
            running.remove(work);
            if (running.empty()) wake.swap(waiters);
        }
        for (const auto& timer : wake) asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    }

    void report(const std::exception_ptr& failure) const {
        try {
            std::rethrow_exception(failure);
        } catch (const boost::system::system_error& error) {
            if (error.code() != asio::error::operation_aborted)
                log(LogLevel::error, "background work failed", {{"group", name}, {"what", error.what()}});
        } catch (const std::exception& error) {
            log(LogLevel::error, "background work failed", {{"group", name}, {"what", error.what()}});
        }
    }
};

TaskGroup::TaskGroup(const char* name) : shared_(std::make_shared<Shared>(name)) {}

TaskGroup::~TaskGroup() {
    assert(size() == 0 && "stop() a TaskGroup before it goes");
}

bool TaskGroup::spawn(const Executor& where, Task<> work) {
    auto entry = std::make_shared<Running>(where);
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->stopping) return false;
        shared_->running.push_back(entry);
    }
    auto on_end = [shared = shared_, entry](const std::exception_ptr& failure) { shared->ended(entry, failure); };
    asio::co_spawn(where, std::move(work), asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
    return true;
}

Task<> TaskGroup::stop() {
    std::list<std::shared_ptr<Running>> to_cancel;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
        to_cancel = shared_->running;
    }
    for (const auto& entry : to_cancel)
        asio::post(entry->where, [entry] { entry->signal.emit(asio::cancellation_type::terminal); });
    co_await wait_empty();
}

Task<> TaskGroup::wait_empty() {
    const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, SteadyTime::max());
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->running.empty()) co_return;
        shared_->waiters.push_back(timer);
    }
    // The post that cancels the timer runs on our own executor, hence never before this wait has begun.
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

std::size_t TaskGroup::size() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->running.size();
}

}  // namespace carevoice::async
