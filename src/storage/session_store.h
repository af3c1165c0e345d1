// What instances share while they run: live events, and common rates. In this process's memory when it runs alone, in
// Redis when there are several. Losing all of it loses no record: what must last, and who follows a call, is in the
// database. Every function blocks for at most the store's patience: call on a BlockingPool. Thread-safe.
// Errors: unavailable (the store is away, or too busy), corrupt, internal.
#pragma once

#include "core/error.h"
#include "core/metrics.h"
#include "core/time.h"

#include <cstddef>
#include <memory>
#include <string>

namespace carevoice::storage {

struct RateAnswer {
    bool granted = false;
    milliseconds retry_after{0};  ///< when there will be a token, if nobody else takes it; 0 when granted
};

struct LiveEvent {
    std::string message;
    bool lost_some = false;  ///< between the event before and this one: the reader was too slow, or the store away
};

/// Live events of one topic from subscribe() on. One reader at a time.
class EventSubscription {
public:
    virtual ~EventSubscription() = default;
    /// The next event; timed_out when none came by the deadline, cancelled once the store is gone.
    virtual Result<LiveEvent> next(Deadline deadline) = 0;
};

class SessionStore {
public:
    virtual ~SessionStore() = default;
    /// To all who subscribe at this moment, in every instance; at most once each. Messages of one publisher keep order.
    virtual Result<> publish(const std::string& topic, const std::string& message) = 0;
    /// Holds at most `queue_max` events for a slow reader, then drops the oldest and says so.
    virtual Result<std::unique_ptr<EventSubscription>> subscribe(const std::string& topic, std::size_t queue_max) = 0;

    /// Takes one token from the bucket `key`, which holds `burst` at most (and at first) and gains `rate` a second.
    /// invalid_input unless the rate is above 0 and the burst at least 1.
    virtual Result<RateAnswer> take(const std::string& key, double rate, double burst) = 0;
    virtual Result<> ping() = 0;
};

struct SessionOptions {
    std::size_t connections = 4;       ///< 1 to 256, of Redis
    milliseconds patience{1'000};      ///< bounds each question to Redis; connecting may take as long again
    std::string prefix = "carevoice";  ///< of every key, so that services can share a server
};

/// `url` is empty for this process's memory, "redis://[user[:password]@]host[:port][/number]", or "unix://PATH". Redis
/// must answer now; when it goes away later it is unavailable until it is back. `clock` is asked by the memory only.
/// Both outlive the store. Counts carevoice_sessions_* : seconds, errors_total, reconnects_total, events_lost_total.
Result<std::unique_ptr<SessionStore>> open_sessions(const std::string& url, const SessionOptions& options,
                                                    const Clock& clock, Metrics& metrics);

}  // namespace carevoice::storage
