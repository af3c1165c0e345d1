#include "calls/dial_gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;

/// Twilio may ring about five seconds longer than asked, and its callback needs a moment.
constexpr milliseconds ring_slack = 15s;

std::string dollars(double amount) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f USD", amount);
    return text.data();
}

}  // namespace

std::string_view to_string(DialHold hold) noexcept {
    switch (hold) {
        case DialHold::none: return "none";
        case DialHold::live_calls: return "live_calls";
        case DialHold::breaker: return "breaker";
        case DialHold::budget: return "budget";
    }
    return "?";
}

bool is_about_the_number(int twilio_code) noexcept {
    constexpr std::array codes{13223, 13224, 13225, 13226, 13227, 21211, 21214, 21215, 21216, 21217, 21219};
    return std::ranges::find(codes, twilio_code) != codes.end();
}

WallTime month_begin(WallTime now) {
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    return std::chrono::sys_days{today.year() / today.month() / std::chrono::day{1}};
}

// ---- Rate

LocalDialRate::LocalDialRate(double calls_per_second, const Clock& clock)
    : clock_(clock),
      apart_(std::chrono::ceil<std::chrono::steady_clock::duration>(
          std::chrono::duration<double>(1.0 / calls_per_second))) {}

async::Task<Result<bool>> LocalDialRate::take() {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady_now();
    if (last_ && now - *last_ < apart_) co_return false;
    last_ = now;
    co_return true;
}

// ---- Breaker

void CampaignBreaker::forget_old(SteadyTime now) {
    while (!dials_.empty() && now - dials_.front().at > window) dials_.pop_front();
}

bool CampaignBreaker::admit(SteadyTime now) {
    if (!open_until_) return true;
    if (now < *open_until_) return false;
    if (probe_at_ && now - *probe_at_ < probe_patience) return false;
    probe_at_ = now;
    return true;
}

void CampaignBreaker::dialled(SteadyTime now, const CallSessionId& id) {
    forget_old(now);
    dials_.push_back({.at = now, .id = id});
}

void CampaignBreaker::accepted(SteadyTime now, const CallSessionId& id) {
    const bool is_probe = probe_at_ && !dials_.empty() && dials_.back().id == id;
    if (!is_probe || is_open(now)) return;
    open_until_.reset();
    probe_at_.reset();
    dials_.clear();
}

void CampaignBreaker::failed(SteadyTime now, const CallSessionId& id) {
    forget_old(now);
    const auto dial = std::ranges::find(dials_.rbegin(), dials_.rend(), id, &Dial::id);
    if (dial == dials_.rend() || dial->failed) return;
    dial->failed = true;
    const auto failures = static_cast<std::size_t>(std::ranges::count(dials_, true, &Dial::failed));
    const bool probe_failed = probe_at_ && dial->at >= *probe_at_;
    if (!probe_failed && (dials_.size() < calls_min || failures * 2 < dials_.size())) return;
    if (is_open(now)) return;
    open_until_ = now + pause;
    probe_at_.reset();
}

// ---- Gate

bool DialGate::too_many(std::size_t live_calls) const {
    const auto now = clock_.steady_now();
    std::erase_if(ringing_, [now](const auto& ringing) { return ringing.second <= now; });
    return live_calls + ringing_.size() >= settings_.live_calls_max;
}

double DialGate::month_usd_locked() const {
    const auto unbilled = static_cast<double>(costs_.unbilled) + static_cast<double>(dialled_since_costs_);
    return costs_.billed_usd + unbilled * cost_.of_a_call();
}

bool DialGate::budget_spent() const {
    if (settings_.monthly_budget_usd <= 0) return false;
    return month_usd_locked() + cost_.of_a_call() > settings_.monthly_budget_usd;
}

DialHold DialGate::admit(std::size_t live_calls) {
    const std::lock_guard lock(mutex_);
    if (budget_spent()) return DialHold::budget;
    if (too_many(live_calls)) return DialHold::live_calls;
    return breaker_.admit(clock_.steady_now()) ? DialHold::none : DialHold::breaker;
}

std::string DialGate::explain(std::size_t live_calls) const {
    const std::lock_guard lock(mutex_);
    if (budget_spent())
        return "this month's calls cost " + dollars(month_usd_locked()) + " of a budget of " +
               dollars(settings_.monthly_budget_usd) + "; MONTHLY_BUDGET_USD raises it";
    if (too_many(live_calls)) return "as many calls as this service can follow are going on";
    if (breaker_.is_open(clock_.steady_now()))
        return "half of the last calls failed on our side or Twilio's; one is tried again in a few minutes";
    return {};
}

void DialGate::set_costs(const storage::CallCosts& costs) {
    const std::lock_guard lock(mutex_);
    costs_ = costs;
    dialled_since_costs_ = 0;
}

double DialGate::month_usd() const {
    const std::lock_guard lock(mutex_);
    return month_usd_locked();
}

void DialGate::dialled(const CallSessionId& id) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady_now();
    breaker_.dialled(now, id);
    ringing_[id] = now + std::chrono::seconds(settings_.ring_seconds) + ring_slack;
    ++dialled_since_costs_;
}

void DialGate::accepted(const CallSessionId& id) {
    const std::lock_guard lock(mutex_);
    breaker_.accepted(clock_.steady_now(), id);
}

void DialGate::failed(const CallSessionId& id) {
    const std::lock_guard lock(mutex_);
    breaker_.failed(clock_.steady_now(), id);
    ringing_.erase(id);
}

void DialGate::over(const CallSessionId& id) {
    const std::lock_guard lock(mutex_);
    ringing_.erase(id);
}

}  // namespace carevoice::calls
