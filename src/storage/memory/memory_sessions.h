// The session store of a service that runs alone.
#pragma once

#include "core/metrics.h"
#include "core/time.h"
#include "storage/event_hub.h"
#include "storage/session_store.h"

#include <map>
#include <mutex>
#include <string>

namespace carevoice::storage {

/// Never fails, and never waits. `clock`, whose steady time counts, and `metrics` outlive it.
class MemorySessions final : public SessionStore {
public:
    MemorySessions(const Clock& clock, Metrics& metrics) : clock_(clock), hub_(metrics) {}

    Result<> publish(const std::string& topic, const std::string& message) override;
    Result<std::unique_ptr<EventSubscription>> subscribe(const std::string& topic, std::size_t queue_max) override;
    Result<RateAnswer> take(const std::string& key, double rate, double burst) override;
    Result<> ping() override { return {}; }

private:
    struct Bucket {
        double tokens;
        SteadyTime at;
        SteadyTime full_at;  ///< from then on it is as good as none
    };

    /// Now and then, drops what has expired.
    void sweep(SteadyTime now);

    const Clock& clock_;
    EventHub hub_;
    std::mutex mutex_;
    std::map<std::string, Bucket> buckets_;
    SteadyTime next_sweep_{};
};

}  // namespace carevoice::storage
