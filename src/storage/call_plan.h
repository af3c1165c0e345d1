// Calls that wait for their time, and calls whose end still decides what follows. A plan entry is a call with status
// `scheduled`; each further attempt is a call of its own that names the first (retry_of) and has the next number. What
// keeps an entry from being dialled twice is claim(): however many instances try, one of them gets it. Blocking and
// thread-safe as all repositories; one contract suite holds every database to this text.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"
#include "domain/call.h"
#include "domain/patient.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::storage {

/// What shall become of a due entry.
struct DialDecision {
    enum class Kind { dial, withdraw, postpone };
    Kind kind = Kind::dial;
    std::string why;   ///< of withdraw: for the wall, no patient data
    WallTime until{};  ///< of postpone: later than now
};

/// By what it is decided, all read in the transaction of the claim: a consent withdrawn or an opt-out stored before it
/// is seen, and none is stored while it lasts.
struct DialCandidate {
    const domain::Call& call;
    const domain::Patient& patient;
    /// When another call of this patient was dialled that is not over, as far as we know; nullopt: there is none.
    std::optional<WallTime> on_the_phone_since;
};

struct Claim {
    /// taken: by another instance, or withdrawn, or not due any more. Then nothing was changed.
    enum class Kind { dial, withdrawn, postponed, taken };
    Kind kind = Kind::taken;
    domain::Call call;        ///< as it is now
    domain::Patient patient;  ///< of `dial` only
};

/// Costs of calls dialled since some moment.
struct CallCosts {
    double billed_usd = 0;
    std::int64_t unbilled = 0;  ///< calls that will cost something, or are going on
};

class CallPlanRepository {
public:
    virtual ~CallPlanRepository() = default;

    /// Entries that are due at `now`, the longest due first. Among them those without a time that were stored before
    /// `abandoned_before`: whoever was to dial them at once is gone.
    virtual Result<std::vector<CallSessionId>> due(WallTime now, WallTime abandoned_before, int limit) = 0;
    /// When the next entry that has a time becomes due; nullopt: none is planned.
    virtual Result<std::optional<WallTime>> next_due() = 0;
    /// Lets `decide` judge a scheduled call and does it in the same transaction: `dial` makes the call `unknown` and
    /// sets dialled_at, for from then on it may exist. `decide` is quick, pure, and may run again. not_found. After
    /// timed_out the caller must not dial: the claim may have been stored, and then the call is looked up as unknown.
    virtual Result<Claim> claim(const CallSessionId& id, WallTime now,
                                const std::function<DialDecision(const DialCandidate&)>& decide) = 0;
    /// Puts an unknown call that Twilio was proven never to have made back into the plan, for `at`; an empty `at`
    /// fails it with `why`. False, and nothing is changed, when it is known by now or was dialled since `dialled_at`.
    virtual Result<bool> never_made(const CallSessionId& id, WallTime dialled_at, std::optional<WallTime> at,
                                    const std::string& why, WallTime now) = 0;
    /// Calls asked of Twilio whose fate is not known, the oldest first.
    virtual Result<std::vector<domain::Call>> unknown(int limit) = 0;

    /// Withdraws every planned call of patients who opted out. Returns how many.
    virtual Result<std::int64_t> withdraw_opted_out(WallTime now) = 0;

    /// Ended calls whose plan is open, the longest ended first.
    virtual Result<std::vector<domain::Call>> unsettled(int limit) = 0;
    /// The call `first` and all further attempts, by attempt.
    virtual Result<std::vector<domain::Call>> attempts(const CallSessionId& first) = 0;
    /// Closes the plan of a call and stores the next attempt, if there is one, in one transaction. False, and nothing
    /// is changed, when it was closed before.
    virtual Result<bool> settle(const CallSessionId& id, const std::optional<domain::Call>& next) = 0;

    virtual Result<CallCosts> costs_since(WallTime from) = 0;
};

}  // namespace carevoice::storage
