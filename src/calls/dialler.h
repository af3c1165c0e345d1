// Asking Twilio for a stored call: once, whatever dies in between.
//
// A call is claimed in the database before Twilio is asked; from then on it is `unknown`, which is looked up at Twilio
// until it is found, or proven never to have been made. Only then may it be dialled again.
#pragma once

#include "async/task.h"
#include "calls/async_store.h"
#include "calls/call_settings.h"
#include "calls/dial_gate.h"
#include "core/metrics.h"
#include "domain/call_plan.h"
#include "twilio/telephony.h"

namespace carevoice::calls {

/// All outlive those who dial.
struct DialDeps {
    const CallSettings& settings;
    AsyncStore& store;
    const Clock& clock;
    Metrics& metrics;
    twilio::Telephony& telephony;
    const domain::CallPlan& plan;
    const domain::TimeZones& zones;
    DialGate& gate;

    [[nodiscard]] domain::DialWindow window() const { return {.plan = plan, .hours = settings.hours, .zones = zones}; }
};

/// Thread-safe: no state of its own.
class Dialler {
public:
    explicit Dialler(DialDeps deps) : deps_(deps) {}

    enum class Urgency {
        now,     ///< somebody waits for the answer: a failure ends the call
        planned  ///< what time mends is tried again: the hours, a patient on the telephone, an outage
    };

    /// The call as it is then: queued, unknown, or as it was when it is not to be dialled (taken by another instance,
    /// postponed). Errors when it is over now: those of Telephony, rejected when the patient may not be called (any
    /// more); errors of the database, after which the call may be claimed but was not dialled.
    async::Task<Result<domain::Call>> dial(CallSessionId id, Urgency urgency);

    /// Looks for an unknown call at Twilio, once. After proof_age without a trace it is back in the plan, or failed
    /// when the plan tries nothing again.
    async::Task<> look_up(domain::Call call);

    /// Twilio's list lags by seconds, and a request that we gave up may still be on its way for as long as its
    /// connection lives.
    static constexpr milliseconds proof_age{5 * 60 * 1000};
    /// When later calls to the same number stand before ours in Twilio's list, nothing can be proven: after this long
    /// the call fails, for the team to look at. It is not dialled again.
    static constexpr milliseconds fate_patience{60 * 60 * 1000};

private:
    async::Task<Result<domain::Call>> adopt(domain::Call call, twilio::RemoteCall remote);
    async::Task<Result<domain::Call>> take_sid(domain::Call call, CallSid sid);
    async::Task<Result<domain::Call>> take_failure(domain::Call call, Error failure, Urgency urgency);
    async::Task<Result<twilio::RemoteCall>> find_remote(domain::Call call, std::string phone);
    async::Task<> leave_to_people(domain::Call call);
    async::Task<> put_back(domain::Call call, domain::Patient patient, milliseconds wait);

    DialDeps deps_;
};

}  // namespace carevoice::calls
