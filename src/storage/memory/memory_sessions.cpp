#include "storage/memory/memory_sessions.h"

#include <algorithm>
#include <cmath>

namespace carevoice::storage {

namespace {

constexpr std::chrono::seconds pause_between_sweeps{30};

SteadyTime after(SteadyTime now, double seconds) {
    return now + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

void MemorySessions::sweep(SteadyTime now) {
    if (now < next_sweep_) return;
    next_sweep_ = now + pause_between_sweeps;
    std::erase_if(buckets_, [now](const auto& entry) { return entry.second.full_at <= now; });
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
