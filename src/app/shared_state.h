// What instances share while they run: the session store, live events through it, and the rate of new calls.
#pragma once

#include "api/event_feed.h"
#include "api/event_publisher.h"
#include "app/settings.h"
#include "async/blocking_pool.h"
#include "async/task_group.h"
#include "calls/shared_dial_rate.h"
#include "storage/session_store.h"

#include <functional>
#include <memory>

namespace carevoice::app {

/// All outlive the state.
struct SharedStateDeps {
    const Clock& clock;
    Random& random;
    Metrics& metrics;
};

/// Without REDIS_URL it is this process's own. Whoever runs in the group of start() ends before it does.
class SharedState {
public:
    /// unavailable when Redis does not answer now, invalid_input when its URL is none.
    static Result<std::unique_ptr<SharedState>> open(const Settings& settings, SharedStateDeps deps);

    void start(const async::Executor& executor, async::TaskGroup& group);

    [[nodiscard]] api::EventFeed& events() noexcept { return feed_; }
    [[nodiscard]] calls::CallWatcher& watcher() noexcept { return publisher_; }
    /// nullptr: this instance is alone and keeps its own.
    [[nodiscard]] calls::DialRate* rate() noexcept { return rate_.get(); }
    /// Whether Redis works; empty when there is none.
    [[nodiscard]] std::function<bool()> works();

private:
    SharedState(std::unique_ptr<storage::SessionStore> store, SharedStateDeps deps);

    std::unique_ptr<storage::SessionStore> store_;
    async::BlockingPool asking_;
    async::BlockingPool hearing_;
    api::EventFeed feed_;
    api::EventPublisher publisher_;
    std::unique_ptr<calls::DialRate> rate_;
};

}  // namespace carevoice::app
