#include "storage/redis/redis_sessions.h"

#include <cstdio>

namespace carevoice::storage::redis {

namespace {

constexpr const char* take_script = R"(
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000)
local granted, wait = 0, 0
if tokens >= 1 then
  tokens = tokens - 1
  granted = 1
else
  wait = math.ceil((1 - tokens) / rate * 1000)
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return {granted, wait}
)";

Error strange_answer() {
    return {.code = Errc::corrupt, .detail = "Redis gave an answer of another kind than was asked for"};
}

std::string in_words(double number) {
    std::string text(32, '\0');
    const int length = std::snprintf(text.data(), text.size(), "%.6f", number);
    text.resize(static_cast<std::size_t>(length));
    return text;
}

}  // namespace

RedisSessions::RedisSessions(RedisTarget target, const SessionOptions& options, Metrics& metrics)
    : target_(target),
      options_(options),
      connections_(std::move(target), options.connections, options.patience, metrics),
      hub_(metrics) {}

Result<Reply> RedisSessions::run(const char* script, const std::vector<std::string>& keys,
                                 const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"EVAL", script, std::to_string(keys.size())};
    command.insert(command.end(), keys.begin(), keys.end());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return connections_.ask(command);
}

Result<> RedisSessions::publish(const std::string& topic, const std::string& message) {
    const auto reply = connections_.ask({"PUBLISH", options_.prefix + ":events:" + topic, message}, Repeat::forbidden);
    if (!reply) return reply.error();
    return {};
}

Result<std::unique_ptr<EventSubscription>> RedisSessions::subscribe(const std::string& topic, std::size_t queue_max) {
    RedisListener* listener = nullptr;
    {
        const std::lock_guard lock(listener_mutex_);
        if (!listener_)
            listener_ = std::make_unique<RedisListener>(target_, options_.patience, options_.prefix + ":events:", hub_);
        listener = listener_.get();
    }
    if (const auto listening = listener->wait_until_listening(); !listening) return listening.error();
    return hub_.subscribe(topic, queue_max);
}

Result<RateAnswer> RedisSessions::take(const std::string& key, double rate, double burst) {
    if (!(rate > 0) || !(burst >= 1))
        return Error{.code = Errc::invalid_input, .detail = "no such rate", .field = "rate"};
    const auto reply = run(take_script, {options_.prefix + ":rate:" + key}, {in_words(rate), in_words(burst)});
    if (!reply) return reply.error();
    const redisReply& pair = **reply;
    if (pair.type != REDIS_REPLY_ARRAY || pair.elements != 2 || pair.element[0]->type != REDIS_REPLY_INTEGER ||
        pair.element[1]->type != REDIS_REPLY_INTEGER) {
        return strange_answer();
    }
    return RateAnswer{.granted = pair.element[0]->integer == 1, .retry_after = milliseconds(pair.element[1]->integer)};
}

Result<> RedisSessions::ping() {
    const auto reply = connections_.ask({"PING"});
    if (!reply) return reply.error();
    return {};
}

}  // namespace carevoice::storage::redis
