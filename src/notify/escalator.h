// Tells the next person of an alert that nobody has acknowledged in time. Many processes may run one on the same
// outbox.
#pragma once

#include "async/task_group.h"
#include "core/metrics.h"
#include "notify/async_outbox.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <cstddef>
#include <functional>

namespace carevoice::notify {

struct EscalatorSettings {
    milliseconds poll{1'000};
    milliseconds poll_longest{30'000};  ///< while the database is away; the wait doubles up to this
    int batch = 50;                     ///< alerts at once
};

struct EscalatorDeps {
    async::Executor executor;
    AsyncOutbox& outbox;
    const Clock& clock;
    Metrics& metrics;
    std::function<void()> on_queued;  ///< notifications were queued: Dispatcher::nudge(). Any thread.
};

/// Thread-safe. All that it is given outlives it. `co_await stop()` before destruction. Counts
/// carevoice_escalations_total{severity,level}.
class Escalator {
public:
    Escalator(EscalatorDeps deps, EscalatorSettings settings);

    /// Works until stop(). Call it once.
    void start();
    async::Task<> stop();

    /// One round of it: how many alerts went one level up. An alert whose ladder nobody knows now waits for the next
    /// round and holds up no other.
    async::Task<Result<std::size_t>> escalate_due();

private:
    async::Task<> run();

    EscalatorDeps deps_;
    EscalatorSettings settings_;
    async::asio::strand<async::Executor> strand_;
    async::TaskGroup group_{"escalations"};
};

}  // namespace carevoice::notify
