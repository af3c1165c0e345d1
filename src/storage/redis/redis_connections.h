// Connections to Redis: opened when first needed, checked before use, replaced when they die.
#pragma once

#include "core/error.h"
#include "core/metrics.h"
#include "core/time.h"
#include "storage/redis/redis_target.h"

#include <hiredis/hiredis.h>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carevoice::storage::redis {

struct FreeContext {
    void operator()(redisContext* context) const { ::redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

struct FreeReply {
    void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};
/// Never nullptr in a Result, and never an error of Redis.
using Reply = std::unique_ptr<redisReply, FreeReply>;

/// Connects and logs in, each step within `patience`. unavailable with the reason.
Result<Context> connect(const RedisTarget& target, milliseconds patience);
/// Sends one command and waits for its answer. After an error the context is of no more use, unless `context->err` is
/// 0.
Result<Reply> ask(redisContext* context, const std::vector<std::string>& command);

/// Whether a command may be sent again when nobody knows what became of it.
enum class Repeat { harmless, forbidden };

/// Thread-safe. A question waits for at most the patience for a free connection, then for connecting, then for the
/// answer. While the server cannot be reached, that is tried twice a second and everybody else is refused at once.
class RedisConnections {
public:
    /// `metrics` outlives it.
    RedisConnections(RedisTarget target, std::size_t most, milliseconds patience, Metrics& metrics)
        : target_(std::move(target)), patience_(patience), metrics_(metrics), free_places_(most) {}

    Result<Reply> ask(const std::vector<std::string>& command, Repeat repeat = Repeat::harmless);

private:
    class Place;

    Result<Reply> ask_in(Place& place, const std::vector<std::string>& command, Repeat repeat);
    Result<> reconnect(Place& place);

    RedisTarget target_;
    milliseconds patience_;
    Metrics& metrics_;
    std::mutex mutex_;
    std::condition_variable place_is_free_;
    std::size_t free_places_;
    std::vector<Context> idle_;
    SteadyTime connects_again_at_ = SteadyTime::min();  ///< while the server is away
    bool has_connected_ = false;
};

}  // namespace carevoice::storage::redis
