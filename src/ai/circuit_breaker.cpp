#include "ai/circuit_breaker.h"

#include <algorithm>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::size_t calls_remembered_max = 100;

}  // namespace

CircuitBreaker::Permit::Permit(Permit&& other) noexcept
    : breaker_(std::exchange(other.breaker_, nullptr)), is_probe_(other.is_probe_) {}

CircuitBreaker::Permit::~Permit() {
    if (breaker_ != nullptr && is_probe_) breaker_->forget_probe();
}

void CircuitBreaker::Permit::succeed() {
    if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->judge(is_probe_, false);
}

void CircuitBreaker::Permit::fail() {
    if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->judge(is_probe_, true);
}

CircuitBreaker::CircuitBreaker(std::string model, BreakerOptions options, const Clock& clock, Random& random,
                               Metrics& metrics)
    : model_(std::move(model)),
      options_(options),
      clock_(clock),
      random_(random),
      metrics_(metrics),
      open_for_(options.open_first) {
    metrics_.set("carevoice_chat_breaker_open", 0, {{"model", model_}});
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::enter() {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return std::optional<Permit>(std::in_place, *this, false);
    if (is_probing_ || clock_.steady_now() < open_until_) return std::nullopt;
    is_probing_ = true;
    return std::optional<Permit>(std::in_place, *this, true);
}

bool CircuitBreaker::is_open() const {
    const std::lock_guard lock(mutex_);
    return is_open_;
}

void CircuitBreaker::judge(bool is_probe, bool failed) {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    if (is_probe) {
        is_probing_ = false;
        if (failed) return open(now);
        is_open_ = false;
        open_for_ = options_.open_first;
        calls_.clear();
        metrics_.set("carevoice_chat_breaker_open", 0, {{"model", model_}});
        return;
    }
    if (is_open_) return;  // a call that began before: the probe decides
    calls_.push_back({now, failed});
    while (calls_.size() > calls_remembered_max || calls_.front().at + options_.window < now) calls_.pop_front();
    if (failed && is_too_much()) open(now);
}

void CircuitBreaker::forget_probe() {
    const std::lock_guard lock(mutex_);
    is_probing_ = false;
}

bool CircuitBreaker::is_too_much() const {
    const auto failures = std::count_if(calls_.begin(), calls_.end(), [](const Call& call) { return call.failed; });
    const auto count = static_cast<std::size_t>(failures);
    return count >= options_.failures_max && count * 2 >= calls_.size();
}

void CircuitBreaker::open(SteadyTime now) {
    const double chance = 0.75 + random_.next_unit() / 2;
    const auto span = static_cast<std::int64_t>(static_cast<double>(open_for_.count()) * chance);
    open_until_ = now + milliseconds(span);
    open_for_ = std::min(open_for_ * 2, options_.open_longest);
    if (!std::exchange(is_open_, true)) {
        metrics_.set("carevoice_chat_breaker_open", 1, {{"model", model_}});
        metrics_.add("carevoice_chat_breaker_opened_total", {{"model", model_}});
    }
}

}  // namespace carevoice::ai
