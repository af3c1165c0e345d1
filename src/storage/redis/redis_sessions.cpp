#include "storage/redis/redis_sessions.h"

#include "core/text.h"

#include <cstdio>

namespace carevoice::storage::redis {

namespace {

/// Longer than an instance can be out of touch with a call and come back to it.
constexpr milliseconds fence_memory = std::chrono::hours(24);

// A lease is "FENCE OWNER". Fences come from the clock, so that they grow even when Redis has forgotten everything.
constexpr const char* acquire_script = R"(
local held = redis.call('GET', KEYS[1])
if held then
  if string.match(held, '^%d+ (.*)$') == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return held
end
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if fence <= last then fence = last + 1 end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[2], text, 'PX', ARGV[3])
redis.call('SET', KEYS[1], text .. ' ' .. ARGV[1], 'PX', ARGV[2])
return text .. ' ' .. ARGV[1]
)";

constexpr const char* renew_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
)";

constexpr const char* release_script = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
)";

constexpr const char* put_script = R"(
local last = redis.call('GET', KEYS[2])
if ARGV[2] ~= '0' and last and tonumber(last) > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
)";

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

std::string in_milliseconds(milliseconds span) {
    return std::to_string(std::max<std::int64_t>(1, span.count()));
}

std::string in_words(double number) {
    std::string text(32, '\0');
    const int length = std::snprintf(text.data(), text.size(), "%.6f", number);
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string lease_text(const CallOwner& owner) {
    return std::to_string(owner.fence) + " " + owner.owner;
}

Result<CallOwner> to_owner(const redisReply& reply) {
    if (reply.type != REDIS_REPLY_STRING) return strange_answer();
    const std::string_view text(reply.str, reply.len);
    const std::size_t space = text.find(' ');
    const auto fence = parse_digits(text.substr(0, space));
    if (space == std::string_view::npos || !fence) return strange_answer();
    return CallOwner{.owner = std::string(text.substr(space + 1)), .fence = *fence};
}

}  // namespace

RedisSessions::RedisSessions(RedisTarget target, const SessionOptions& options, Metrics& metrics)
    : target_(target),
      options_(options),
      connections_(std::move(target), options.connections, options.patience, metrics),
      hub_(metrics) {}

std::string RedisSessions::call_key(const CallSessionId& call, const char* what) const {
    // The braces keep the keys of one call together in a cluster.
    return options_.prefix + ":call:{" + call.str() + "}:" + what;
}

Result<Reply> RedisSessions::run(const char* script, const std::vector<std::string>& keys,
                                 const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"EVAL", script, std::to_string(keys.size())};
    command.insert(command.end(), keys.begin(), keys.end());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return connections_.ask(command);
}

Result<bool> RedisSessions::decide(const char* script, const std::vector<std::string>& keys,
                                   const std::vector<std::string>& arguments) {
    const auto reply = run(script, keys, arguments);
    if (!reply) return reply.error();
    if ((*reply)->type != REDIS_REPLY_INTEGER) return strange_answer();
    return (*reply)->integer == 1;
}

Result<CallOwner> RedisSessions::acquire(const CallSessionId& call, const std::string& owner, milliseconds ttl) {
    const auto reply = run(acquire_script, {call_key(call, "owner"), call_key(call, "fence")},
                           {owner, in_milliseconds(ttl), in_milliseconds(ttl + fence_memory)});
    if (!reply) return reply.error();
    return to_owner(**reply);
}

Result<bool> RedisSessions::renew(const CallSessionId& call, const CallOwner& owner, milliseconds ttl) {
    return decide(renew_script, {call_key(call, "owner"), call_key(call, "fence")},
                  {lease_text(owner), in_milliseconds(ttl), in_milliseconds(ttl + fence_memory)});
}

Result<bool> RedisSessions::release(const CallSessionId& call, const CallOwner& owner) {
    return decide(release_script, {call_key(call, "owner")}, {lease_text(owner)});
}

Result<std::optional<CallOwner>> RedisSessions::owner_of(const CallSessionId& call) {
    const auto reply = connections_.ask({"GET", call_key(call, "owner")});
    if (!reply) return reply.error();
    if ((*reply)->type == REDIS_REPLY_NIL) return std::optional<CallOwner>();
    auto owner = to_owner(**reply);
    if (!owner) return owner.error();
    return std::optional(std::move(*owner));
}

Result<> RedisSessions::put(const CallSessionId& call, const std::string& state, std::uint64_t fence,
                            milliseconds ttl) {
    const auto stored = decide(put_script, {call_key(call, "state"), call_key(call, "fence")},
                               {state, std::to_string(fence), in_milliseconds(ttl)});
    if (!stored) return stored.error();
    if (!*stored) return Error{.code = Errc::conflict, .detail = "another instance has this call"};
    return {};
}

Result<std::optional<std::string>> RedisSessions::get(const CallSessionId& call) {
    const auto reply = connections_.ask({"GET", call_key(call, "state")});
    if (!reply) return reply.error();
    if ((*reply)->type == REDIS_REPLY_NIL) return std::optional<std::string>();
    if ((*reply)->type != REDIS_REPLY_STRING) return strange_answer();
    return std::optional(std::string((*reply)->str, (*reply)->len));
}

Result<> RedisSessions::erase(const CallSessionId& call) {
    const auto reply = connections_.ask({"DEL", call_key(call, "state")});
    if (!reply) return reply.error();
    return {};
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
