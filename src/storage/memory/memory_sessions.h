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

/// Never fails but for a stale fence, and never waits. `clock`, whose steady time counts, and `metrics` outlive it.
class MemorySessions final : public SessionStore {
public:
    MemorySessions(const Clock& clock, Metrics& metrics) : clock_(clock), hub_(metrics) {}

    Result<CallOwner> acquire(const CallSessionId& call, const std::string& owner, milliseconds ttl) override;
    Result<bool> renew(const CallSessionId& call, const CallOwner& owner, milliseconds ttl) override;
    Result<bool> release(const CallSessionId& call, const CallOwner& owner) override;
    Result<std::optional<CallOwner>> owner_of(const CallSessionId& call) override;
    Result<> put(const CallSessionId& call, const std::string& state, std::uint64_t fence, milliseconds ttl) override;
    Result<std::optional<std::string>> get(const CallSessionId& call) override;
    Result<> erase(const CallSessionId& call) override;
    Result<> publish(const std::string& topic, const std::string& message) override;
    Result<std::unique_ptr<EventSubscription>> subscribe(const std::string& topic, std::size_t queue_max) override;
    Result<RateAnswer> take(const std::string& key, double rate, double burst) override;
    Result<> ping() override { return {}; }

private:
    struct Lease {
        CallOwner owner;
        SteadyTime until;
        SteadyTime forgotten_at;  ///< its fence counts for longer than the lease
    };
    struct State {
        std::string text;
        SteadyTime until;
    };
    struct Bucket {
        double tokens;
        SteadyTime at;
        SteadyTime full_at;  ///< from then on it is as good as none
    };

    static Lease lease_until(const CallOwner& owner, SteadyTime until);
    /// nullptr when nobody has the call.
    Lease* lease_of(const CallSessionId& call, SteadyTime now);
    /// Now and then, drops what has expired.
    void sweep(SteadyTime now);

    const Clock& clock_;
    EventHub hub_;
    std::mutex mutex_;
    std::uint64_t last_fence_ = 0;
    std::map<CallSessionId, Lease> leases_;
    std::map<CallSessionId, State> states_;
    std::map<std::string, Bucket> buckets_;
    SteadyTime next_sweep_{};
};

}  // namespace carevoice::storage
