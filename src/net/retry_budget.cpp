#include "net/retry_budget.h"

namespace carevoice::net {

namespace {

constexpr int retries_always = 3;
constexpr int requests_per_retry = 10;

std::int64_t second_of(SteadyTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

RetryBudget::Second& RetryBudget::at(SteadyTime now) {
    const auto number = second_of(now);
    auto& second = window_[static_cast<std::size_t>(number) % seconds];
    if (second.number != number) second = {.number = number};
    return second;
}

void RetryBudget::count_request(SteadyTime now) {
    const std::lock_guard lock(mutex_);
    ++at(now).requests;
}

bool RetryBudget::take(SteadyTime now) {
    const std::lock_guard lock(mutex_);
    const auto oldest = second_of(now) - static_cast<std::int64_t>(seconds) + 1;
    int requests = 0;
    int retries = 0;
    for (const auto& second : window_) {
        if (second.number < oldest) continue;
        requests += second.requests;
        retries += second.retries;
    }
    if (retries >= retries_always + requests / requests_per_retry) return false;
    ++at(now).retries;
    return true;
}

}  // namespace carevoice::net
