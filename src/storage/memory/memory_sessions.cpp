#include "storage/memory/memory_sessions.h"

#include <algorithm>
#include <cmath>

namespace carevoice::storage {

namespace {

constexpr std::chrono::seconds pause_between_sweeps{30};
/// Longer than an instance can be out of touch with a call and come back to it.
constexpr std::chrono::hours fence_memory{24};

SteadyTime after(SteadyTime now, double seconds) {
    return now + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

MemorySessions::Lease* MemorySessions::lease_of(const CallSessionId& call, SteadyTime now) {
    sweep(now);
    const auto found = leases_.find(call);
    return found == leases_.end() || found->second.until <= now ? nullptr : &found->second;
}

void MemorySessions::sweep(SteadyTime now) {
    if (now < next_sweep_) return;
    next_sweep_ = now + pause_between_sweeps;
    std::erase_if(leases_, [now](const auto& entry) { return entry.second.forgotten_at <= now; });
    std::erase_if(states_, [now](const auto& entry) { return entry.second.until <= now; });
    std::erase_if(buckets_, [now](const auto& entry) { return entry.second.full_at <= now; });
}

MemorySessions::Lease MemorySessions::lease_until(const CallOwner& owner, SteadyTime until) {
    return {.owner = owner, .until = until, .forgotten_at = until + fence_memory};
}

Result<CallOwner> MemorySessions::acquire(const CallSessionId& call, const std::string& owner, milliseconds ttl) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    Lease* lease = lease_of(call, now);
    if (lease == nullptr) {
        lease = &leases_[call];
        lease->owner = {.owner = owner, .fence = ++last_fence_};
    }
    if (lease->owner.owner == owner) *lease = lease_until(lease->owner, now + ttl);
    return lease->owner;
}

Result<bool> MemorySessions::renew(const CallSessionId& call, const CallOwner& owner, milliseconds ttl) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    Lease* lease = lease_of(call, now);
    if (lease == nullptr || lease->owner != owner) return false;
    *lease = lease_until(owner, now + ttl);
    return true;
}

Result<bool> MemorySessions::release(const CallSessionId& call, const CallOwner& owner) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    Lease* lease = lease_of(call, now);
    if (lease == nullptr || lease->owner != owner) return false;
    lease->until = now;
    return true;
}

Result<std::optional<CallOwner>> MemorySessions::owner_of(const CallSessionId& call) {
    const std::lock_guard lock(mutex_);
    const Lease* lease = lease_of(call, clock_.steady_now());
    return lease == nullptr ? std::nullopt : std::optional(lease->owner);
}

Result<> MemorySessions::put(const CallSessionId& call, const std::string& state, std::uint64_t fence,
                             milliseconds ttl) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    sweep(now);
    const auto lease = leases_.find(call);
    if (fence != 0 && lease != leases_.end() && lease->second.owner.fence > fence)
        return Error{.code = Errc::conflict, .detail = "another instance has this call"};
    states_[call] = {.text = state, .until = now + ttl};
    return {};
}

Result<std::optional<std::string>> MemorySessions::get(const CallSessionId& call) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(call);
    const bool is_there = found != states_.end() && found->second.until > clock_.steady_now();
    return is_there ? std::optional(found->second.text) : std::nullopt;
}

Result<> MemorySessions::erase(const CallSessionId& call) {
    const std::lock_guard lock(mutex_);
    states_.erase(call);
    return {};
}

Result<> MemorySessions::publish(const std::string& topic, const std::string& message) {
    hub_.deliver(topic, message);
    return {};
}

Result<std::unique_ptr<EventSubscription>> MemorySessions::subscribe(const std::string& topic, std::size_t queue_max) {
    return hub_.subscribe(topic, queue_max);
}

Result<RateAnswer> MemorySessions::take(const std::string& key, double rate, double burst) {
    if (!(rate > 0) || !(burst >= 1))
        return Error{.code = Errc::invalid_input, .detail = "no such rate", .field = "rate"};
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    sweep(now);
    const auto [place, is_new] = buckets_.try_emplace(key, Bucket{.tokens = burst, .at = now, .full_at = now});
    Bucket& bucket = place->second;
    const double passed = std::chrono::duration<double>(now - bucket.at).count();
    bucket.tokens = std::min(burst, bucket.tokens + std::max(0.0, passed) * rate);
    bucket.at = now;
    RateAnswer answer{.granted = bucket.tokens >= 1};
    if (answer.granted)
        bucket.tokens -= 1;
    else
        answer.retry_after = milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / rate * 1'000)));
    bucket.full_at = after(now, (burst - bucket.tokens) / rate);
    return answer;
}

}  // namespace carevoice::storage
