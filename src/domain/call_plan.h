// Whether, when and how often a patient is called. Pure functions over values; the figures are data with their reasons,
// protocols/call_plan.json. Attempts and days: clinical.md sections 3 and 9 (both marked as unsourced there).
#pragma once

#include "core/error.h"
#include "core/time.h"
#include "domain/alert.h"
#include "domain/call.h"
#include "domain/calling_hours.h"
#include "domain/patient.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

// ---- The data

/// How an attempt to reach a patient ended, as far as another one depends on it.
enum class AttemptEnd {
    settled,    ///< nothing follows: a conversation, a refusal, withdrawn
    undecided,  ///< the call is over and its outcome not yet written: ask again shortly
    busy,
    no_answer,
    machine,     ///< voicemail, call screening, fax
    dropped,     ///< the line went away in mid-conversation
    failed,      ///< the network could not connect it
    call_later,  ///< the patient asked for another time
    refused,     ///< Twilio will not call this number: no use in trying again
};
std::string_view to_string(AttemptEnd end) noexcept;
std::optional<AttemptEnd> parse_attempt_end(std::string_view text) noexcept;

struct RetryRule {
    AttemptEnd after = AttemptEnd::no_answer;
    milliseconds wait{0};
    int at_most = 0;            ///< times within one plan entry; 0: as often as the whole ladder allows
    bool another_time = false;  ///< once it is another day, choose another time of day
    bool goes_on = false;       ///< the next call goes on with the conversation of this one
    std::string reason;
};

struct SuggestedCall {
    int day = 1;  ///< after the operation
    CallType type = CallType::followup;
    std::vector<ProcedureFamily> families;  ///< empty: all
};

/// What a minute costs, for the budget as long as Twilio has not billed.
struct CostEstimate {
    double call_usd = 0;
    double minute_usd = 0;
    int minutes = 0;  ///< of a usual call
    [[nodiscard]] double of_a_call() const noexcept { return call_usd + minute_usd * minutes; }
};

/// Immutable once loaded. One made by hand has no retry rules: nothing is tried again.
struct CallPlan {
    std::vector<RetryRule> retries;
    int attempts_a_day = 3;  ///< of one plan entry, by the patient's calendar
    int attempts_in_all = 6;
    std::vector<int> times_of_day;  ///< minutes after midnight at which another day's attempt may begin
    Severity unreachable_severity = Severity::moderate;
    std::string unreachable_rule = "R1";
    CostEstimate cost;
    std::vector<SuggestedCall> suggested;  ///< by day
    ZonesByPrefix zones_by_prefix;

    /// The text of protocols/call_plan.json, checked whole; Errc::corrupt names the entry.
    static Result<CallPlan> load(std::string_view json);

    [[nodiscard]] const RetryRule* rule_after(AttemptEnd end) const noexcept;
};

/// Where and when calls are allowed, for the functions below. Refers; nothing is kept.
struct DialWindow {
    const CallPlan& plan;
    CallingHours hours;
    const TimeZones& zones;
};

// ---- May we?

enum class DialRefusal { phone, opted_out, no_consent, unknown_zone, outside_hours };
std::string_view to_string(DialRefusal refusal) noexcept;

/// nullopt: yes. Asked when a call is planned (for its time) and again at the moment of dialling.
std::optional<DialRefusal> may_dial(const Patient& patient, CallType type, WallTime when, const DialWindow& window);
/// Errc::rejected with the field at fault and one sentence for a person.
Error to_error(DialRefusal refusal, const Patient& patient, WallTime when, const DialWindow& window);
/// Errors that time mends: the hours. The others withdraw a planned call.
[[nodiscard]] inline bool passes_with_time(DialRefusal refusal) noexcept {
    return refusal == DialRefusal::outside_hours;
}

/// The first moment at or after `time` at which the patient's telephone may ring; nullopt when there is none.
std::optional<WallTime> next_dial_time(const Patient& patient, WallTime time, const DialWindow& window);

// ---- Again?

struct Attempt {
    WallTime dialled_at{};
    AttemptEnd end = AttemptEnd::no_answer;
    friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// How an ended call counts. `undecided` for at most `outcome_patience` after its end: then whoever should have written
/// the outcome is gone, and an answered call counts as dropped.
AttemptEnd attempt_end(const Call& call, WallTime now) noexcept;
inline constexpr milliseconds outcome_patience{10 * 60 * 1000};

struct NextStep {
    enum class Kind { nothing, try_again, give_up };
    Kind kind = Kind::nothing;
    WallTime at{};         ///< of try_again: within the hours
    bool goes_on = false;  ///< with the same conversation
    friend bool operator==(const NextStep&, const NextStep&) = default;
};

/// What follows the last of `attempts` (of one plan entry, in order, all of them dialled), which ended at `ended_at`.
/// Never more than plan.attempts_a_day on one of the patient's days, never more than plan.attempts_in_all.
NextStep next_step(const Patient& patient, const std::vector<Attempt>& attempts, WallTime ended_at,
                   const DialWindow& window);

/// The dialogue's state of a dropped call as the next one takes it up: what was answered stays answered, who is
/// speaking is asked anew. Empty when there is nothing worth going on with.
std::string continued_dialogue(const std::string& dialogue_state);

// ---- When in the first place?

struct Suggestion {
    int day = 1;
    CallType type = CallType::followup;
    WallTime at{};
    friend bool operator==(const Suggestion&, const Suggestion&) = default;
};

/// The next follow-up after a conversation that ended at `now`: the next suggested day, and the next day already when
/// the conversation raised an alert of moderate or more. nullopt when none is suggested.
std::optional<Suggestion> next_follow_up(const Patient& patient, WallTime now, bool alerted, const DialWindow& window);

/// The calls still ahead at `now`, by day, each within the hours. Empty without a surgery date or a known zone.
std::vector<Suggestion> suggest_calls(const Patient& patient, WallTime now, const DialWindow& window);

}  // namespace carevoice::domain
