// The call plan at work: dials what is due, settles what has ended, and looks for calls whose fate is unknown.
//
// Any number of instances may do so on one database. Nothing here is remembered beyond the database but what only saves
// work, so that an instance may die at any point.
#pragma once

#include "async/bounded_queue.h"
#include "calls/call_watcher.h"
#include "calls/dialler.h"
#include "core/random.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::calls {

/// All outlive it.
struct SchedulerDeps {
    const CallSettings& settings;
    AsyncStore& store;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    twilio::Telephony& telephony;
    const domain::CallPlan& plan;
    const domain::TimeZones& zones;
    DialRate& rate;
    std::function<std::size_t()> live_calls;  ///< of this process
    /// Who is told that a patient could not be reached; empty: only the wall.
    std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> plan_alert = {};
    CallWatcher* watcher = nullptr;  ///< nullptr: nobody looks
};

/// Thread-safe, run() and pass() excepted: one of them, on one strand.
class Scheduler {
public:
    explicit Scheduler(SchedulerDeps deps);

    /// Works until its group is stopped.
    async::Task<> run();

    /// One look at the plan, with all the work that it shows. How long nothing more is to be done.
    async::Task<milliseconds> pass();

    /// From now on other instances dial; what has ended is still settled.
    void stop_dialling() noexcept { dials_ = false; }

    /// Something has changed: look at once.
    void nudge() { nudges_.push_dropping_oldest(true); }

    /// Dials a stored call for somebody who waits for the answer. When the rate leaves no place for it within two
    /// seconds, it stays in the plan, due now. Errors of Dialler::dial().
    async::Task<Result<domain::Call>> dial_now(domain::Call call);

    /// A call has got a final status.
    void call_ended(const CallSessionId& id, domain::CallStatus status);

    /// ok, or unavailable with the reason why nothing is dialled. A probe of the breaker counts as ok.
    Result<> admit();
    /// The same without effect, for health: empty when calls are dialled.
    [[nodiscard]] std::string hold() const { return gate_.explain(deps_.live_calls()); }

    [[nodiscard]] domain::DialWindow window() const {
        return {.plan = deps_.plan, .hours = deps_.settings.hours, .zones = deps_.zones};
    }

private:
    struct Survey;
    static Result<Survey> survey(storage::Database& database, WallTime now, bool with_costs);

    async::Task<> settle(domain::Call call);
    /// What a call that needs no other attempt leads to: the next follow-up, or nothing.
    async::Task<> settle_for_good(domain::Call call);
    async::Task<> close(CallSessionId id, std::optional<domain::Call> next);
    async::Task<Result<>> give_up(domain::Call call, domain::Patient patient, domain::AttemptEnd end,
                                  std::size_t attempts);
    [[nodiscard]] domain::Call next_attempt(const domain::Call& call, const domain::NextStep& step) const;
    async::Task<> look_up(std::vector<domain::Call> unknown);
    /// False when some had to stay.
    async::Task<bool> dial_due(std::vector<CallSessionId> due);
    async::Task<> tell_watcher(CallSessionId id);

    SchedulerDeps deps_;
    DialGate gate_;
    Dialler dialler_;
    async::BoundedQueue<bool> nudges_{1};
    std::atomic<bool> dials_{true};

    struct LookUp {
        WallTime at{};
        milliseconds wait{0};
    };
    std::map<CallSessionId, LookUp> look_ups_;
    std::optional<WallTime> costs_at_;
    std::string_view hold_reason_;  ///< of the last pass
};

}  // namespace carevoice::calls
