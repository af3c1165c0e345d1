// Hears live events: one connection of its own, on a thread of its own, for all topics.
#pragma once

#include "core/metrics.h"
#include "core/time.h"
#include "storage/event_hub.h"
#include "storage/redis/redis_connections.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace carevoice::storage::redis {

/// Thread-safe. Hands what it hears to `hub`, and tells it when something may have passed unheard.
class RedisListener {
public:
    /// Hears the channels that begin with `channel_prefix`. `hub` outlives it.
    RedisListener(RedisTarget target, milliseconds patience, std::string channel_prefix, EventHub& hub);
    ~RedisListener();
    RedisListener(const RedisListener&) = delete;
    RedisListener& operator=(const RedisListener&) = delete;

    /// Comes back when events are heard; unavailable when they are not within the patience.
    Result<> wait_until_listening();

private:
    void run();
    /// Connects and asks for the events; nullptr when that fails.
    Context begin();
    /// Hears events until the connection dies or the listener ends.
    void hear(redisContext& context);
    /// Takes what has come; false when the connection is dead.
    bool take_replies(redisContext& context);
    void set_listening(bool listening);
    /// False when the listener ends before the time is over.
    bool pause(milliseconds span);

    RedisTarget target_;
    milliseconds patience_;
    std::string channel_prefix_;
    EventHub& hub_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_listening_ = false;
    bool ends_ = false;
    int end_signal_;  ///< an eventfd that wakes the thread out of its wait for the socket
    std::thread thread_;
};

}  // namespace carevoice::storage::redis
