// The session store that several instances share.
#pragma once

#include "core/metrics.h"
#include "storage/event_hub.h"
#include "storage/redis/redis_connections.h"
#include "storage/redis/redis_listener.h"
#include "storage/session_store.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carevoice::storage::redis {

/// What must happen at once runs as a script inside Redis, by the clock of Redis.
class RedisSessions final : public SessionStore {
public:
    RedisSessions(RedisTarget target, const SessionOptions& options, Metrics& metrics);

    Result<> publish(const std::string& topic, const std::string& message) override;
    Result<std::unique_ptr<EventSubscription>> subscribe(const std::string& topic, std::size_t queue_max) override;
    Result<RateAnswer> take(const std::string& key, double rate, double burst) override;
    Result<> ping() override;

private:
    Result<Reply> run(const char* script, const std::vector<std::string>& keys,
                      const std::vector<std::string>& arguments);

    RedisTarget target_;
    SessionOptions options_;
    RedisConnections connections_;
    EventHub hub_;
    std::mutex listener_mutex_;
    std::unique_ptr<RedisListener> listener_;  ///< from the first subscription on
};

}  // namespace carevoice::storage::redis
