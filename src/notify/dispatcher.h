// Carries notifications from the outbox to their recipients, at least once, whatever breaks.
//
// Many processes may run one on the same outbox. Each item is leased to one of them, tried, and settled: delivered, to
// be tried again later, or parked as a dead letter. A process that dies leaves a lease that expires. After the third
// failure of a way its backup is queued beside it, at once when the way will never work.
#pragma once

#include "notify/async_outbox.h"
#include "notify/back_off.h"
#include "notify/channel.h"
#include "notify/lane.h"
#include "notify/message.h"

#include "core/metrics.h"
#include "core/random.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace carevoice::notify {

struct DispatcherSettings {
    std::string worker;  ///< this process among all that share the outbox
    Wording wording;
    std::set<domain::Channel> covered;  ///< channels that may carry clinical detail
    /// Longer than a delivery, a wait for it and the report of it together.
    milliseconds lease{60'000};
    milliseconds delivery_max{20'000};
    milliseconds poll{1'000};  ///< how often to look when nobody nudges
    int claim_max = 32;
    int held_max = 256;  ///< items leased at once
    LaneLimits lane;     ///< for the mail server, Twilio, the wall and each webhook on its own
    BackOff back_off;
};

struct DispatcherDeps {
    async::Executor executor;
    AsyncOutbox& outbox;
    /// At most one of a kind. A notification for a kind that is missing is a dead letter, its backup queued at once.
    std::vector<Channel*> channels;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
};

/// Thread-safe. All that it is given outlives it. `co_await stop()` before destruction. Counts
/// carevoice_notifications_total{channel,outcome}: delivered, unavailable, timed_out, resting, rejected, dead,
/// given_back, lost (the lease was another's by the time of the report). Observes
/// carevoice_notification_seconds{channel} (an attempt) and carevoice_notification_delay_seconds{channel} (from its due
/// time to its acceptance). Sets carevoice_outbox_queued, carevoice_outbox_dead, carevoice_outbox_oldest_due_seconds.
class Dispatcher {
public:
    /// Throws std::invalid_argument when the lease is too short for a delivery.
    Dispatcher(DispatcherDeps deps, DispatcherSettings settings);
    ~Dispatcher();

    /// Works until stop(). Call it once.
    void start();
    /// Looks at once: something was queued.
    void nudge();
    /// Claims nothing more, gives back what has not begun, waits for the deliveries under way (at most delivery_max and
    /// the report) and returns.
    async::Task<> stop();

    /// Instead of start(), for tools and tests: claims one batch, settles all of it, and says how many there were.
    async::Task<Result<std::size_t>> deliver_due();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace carevoice::notify
