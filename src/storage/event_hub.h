// Live events inside this process: one bounded queue for each subscription.
#pragma once

#include "core/metrics.h"
#include "storage/session_store.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace carevoice::storage {

/// Thread-safe. Subscriptions may outlive it.
class EventHub {
public:
    /// `metrics` outlives this and its subscriptions.
    explicit EventHub(Metrics& metrics) : shared_(std::make_shared<Shared>(metrics)) {}
    /// Ends every subscription.
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    std::unique_ptr<EventSubscription> subscribe(const std::string& topic, std::size_t queue_max);
    void deliver(const std::string& topic, const std::string& message);
    /// Events may have passed unseen: every subscription's next one says so.
    void note_gap();

private:
    struct Queue {
        std::size_t most = 0;
        std::deque<LiveEvent> events;
        bool has_gap = false;  ///< after the last of `events`
    };
    struct Shared {
        explicit Shared(Metrics& metrics_) : metrics(metrics_) {}
        Metrics& metrics;
        std::mutex mutex;
        std::condition_variable changed;
        std::multimap<std::string, std::shared_ptr<Queue>> queues;  ///< by topic
        bool ended = false;
    };
    class Subscription;

    std::shared_ptr<Shared> shared_;
};

}  // namespace carevoice::storage
