// What stands between a call that is due and Twilio: how many a second, how many at once, a pause when calls keep
// failing, and the month's budget. None of it touches alerts.
#pragma once

#include "async/task.h"
#include "calls/call_settings.h"
#include "core/ids.h"
#include "core/time.h"
#include "domain/call_plan.h"
#include "storage/call_plan.h"

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::calls {

/// New calls per second, over all instances that share it. Thread-safe.
class DialRate {
public:
    virtual ~DialRate() = default;
    /// True: one call may be dialled now. False: none at the moment. Errors (unavailable): nobody knows, do not dial.
    virtual async::Task<Result<bool>> take() = 0;
};

/// The rate of one process: calls are at least 1/rate seconds apart, so no second ever sees more than the rate.
class LocalDialRate final : public DialRate {
public:
    /// `clock` outlives it.
    LocalDialRate(double calls_per_second, const Clock& clock);
    async::Task<Result<bool>> take() override;

private:
    const Clock& clock_;
    const std::chrono::steady_clock::duration apart_;
    std::mutex mutex_;
    std::optional<SteadyTime> last_;
};

/// Stops a campaign that fails: opens when at least ten calls were dialled within ten minutes and half of them failed
/// on our side or Twilio's, pauses for five minutes, then lets one call through. That one decides. Not thread-safe;
/// time is passed in.
class CampaignBreaker {
public:
    static constexpr std::size_t calls_min = 10;
    static constexpr milliseconds window{10 * 60 * 1000};
    static constexpr milliseconds pause{5 * 60 * 1000};
    /// A probe that says nothing for so long is given up, and another one may go.
    static constexpr milliseconds probe_patience{60 * 1000};

    /// Whether a call may be dialled; a yes in the state of probing is the probe.
    bool admit(SteadyTime now);
    void dialled(SteadyTime now, const CallSessionId& id);
    /// Twilio has taken the call.
    void accepted(SteadyTime now, const CallSessionId& id);
    /// The call failed, at once or later. Ignored for a call that was not dialled here within the window.
    void failed(SteadyTime now, const CallSessionId& id);

    [[nodiscard]] bool is_open(SteadyTime now) const noexcept { return open_until_ && now < *open_until_; }

private:
    struct Dial {
        SteadyTime at;
        CallSessionId id;
        bool failed = false;
    };
    void forget_old(SteadyTime now);

    std::deque<Dial> dials_;
    std::optional<SteadyTime> open_until_;
    std::optional<SteadyTime> probe_at_;
};

enum class DialHold { none, live_calls, breaker, budget };
std::string_view to_string(DialHold hold) noexcept;

/// Twilio's refusals that are about the number called, not about us (twilio.md section 10).
bool is_about_the_number(int twilio_code) noexcept;

/// The first moment of the month of `now`, UTC: that is how Twilio bills.
WallTime month_begin(WallTime now);

/// Thread-safe.
class DialGate {
public:
    /// All outlive it.
    DialGate(const CallSettings& settings, const domain::CostEstimate& cost, const Clock& clock)
        : settings_(settings), cost_(cost), clock_(clock) {}

    /// Why no call may be dialled now. A `none` while the breaker probes is the probe: ask once for each call.
    DialHold admit(std::size_t live_calls);
    /// The same for people, without any effect: one sentence, empty when calls are dialled.
    [[nodiscard]] std::string explain(std::size_t live_calls) const;

    void set_costs(const storage::CallCosts& costs);
    /// What this month's calls cost, those not yet billed as estimated.
    [[nodiscard]] double month_usd() const;

    // How a dial goes on.
    void dialled(const CallSessionId& id);
    void accepted(const CallSessionId& id);
    void failed(const CallSessionId& id);
    /// The call is over, or was never made: it no longer rings.
    void over(const CallSessionId& id);

private:
    [[nodiscard]] bool too_many(std::size_t live_calls) const;
    [[nodiscard]] bool budget_spent() const;
    [[nodiscard]] double month_usd_locked() const;

    const CallSettings& settings_;
    const domain::CostEstimate& cost_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    CampaignBreaker breaker_;
    storage::CallCosts costs_;
    std::size_t dialled_since_costs_ = 0;
    mutable std::map<CallSessionId, SteadyTime> ringing_;  ///< until when: nobody is waited for any longer
};

}  // namespace carevoice::calls
