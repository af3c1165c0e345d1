// One call as a record, and the rule by which its status moves.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

enum class CallType { followup, enrollment, education };
enum class CallMode { updates, stream, gather };

/// In the order in which a call moves. The last five are final.
enum class CallStatus {
    scheduled,  ///< stored by us, not yet asked of Twilio
    unknown,    ///< Calls.json timed out: the call may exist; looked up, never dialled again blindly
    queued,
    initiated,
    ringing,
    in_progress,
    completed,
    busy,
    no_answer,
    failed,
    canceled,
};

/// How the conversation ended, as a nurse would say it.
enum class CallOutcome {
    none,
    completed,
    partial,
    escalated,
    wrong_person,
    voicemail,
    refused,
    call_later,
    dropped,
    no_answer,
    failed
};

/// `unknown` is Twilio's verdict "cannot tell", to be treated as perhaps human.
enum class AnsweredBy { human, machine, fax, unknown };

enum class TopicState { pending, asked, answered, unclear, declined, skipped };

std::string_view to_string(CallType) noexcept;
std::string_view to_string(CallMode) noexcept;
std::string_view to_string(CallStatus) noexcept;  ///< Twilio's spelling where it has one: "in-progress", "no-answer"
std::string_view to_string(CallOutcome) noexcept;
std::string_view to_string(AnsweredBy) noexcept;
std::string_view to_string(TopicState) noexcept;
std::optional<CallType> parse_call_type(std::string_view) noexcept;
std::optional<CallMode> parse_call_mode(std::string_view) noexcept;
/// Twilio's values, "answered" for in-progress and the British "cancelled" included.
std::optional<CallStatus> parse_call_status(std::string_view) noexcept;
std::optional<CallOutcome> parse_call_outcome(std::string_view) noexcept;
/// Twilio's AnsweredBy, compared by prefix ("machine_end_beep" is a machine). Anything unheard of is `unknown`.
AnsweredBy parse_answered_by(std::string_view) noexcept;
std::optional<TopicState> parse_topic_state(std::string_view) noexcept;

bool is_final(CallStatus status) noexcept;

/// The status after hearing `reported` while at `current`: it only moves forward, and the first final one stays, so
/// that callbacks may come late, twice and in any order.
CallStatus advance(CallStatus current, CallStatus reported) noexcept;

struct TopicProgress {
    std::string topic;
    TopicState state = TopicState::pending;
    friend bool operator==(const TopicProgress&, const TopicProgress&) = default;
};

struct Call {
    CallSessionId call_session_id;
    CallSid call_sid;  ///< empty until Twilio answered
    PatientId patient_id;
    CallType call_type = CallType::followup;
    CallMode mode = CallMode::updates;
    CallStatus status = CallStatus::scheduled;
    std::optional<AnsweredBy> answered_by;
    CallOutcome outcome = CallOutcome::none;
    std::string request_body;  ///< canonical JSON of the initiate request: the same id with another body is a conflict
    std::vector<int> prior_pain_scores;  ///< oldest first, from context.prior
    std::string stream_token;            ///< one-use secret of the media WebSocket; empty once burned
    std::string dialogue_state;          ///< JSON of DialogueState after the last turn
    std::string current_topic;
    std::vector<TopicProgress> topics;
    std::string summary;
    std::string failure;  ///< why it failed, for the wall; no patient data
    WallTime created_at{};
    std::optional<WallTime> scheduled_at;
    std::optional<WallTime> answered_at;
    std::optional<WallTime> ended_at;
    std::optional<double> cost_usd;
    CallSessionId
        retry_of;  ///< the first call of the plan entry that this one is another attempt of; empty: it is first
    int attempt = 1;
    std::optional<WallTime> dialled_at;  ///< when Twilio was asked
    bool plan_open = false;  ///< its end still decides what follows: another attempt, a task for the team, nothing
    std::string owner;       ///< origin of the instance that follows the call; empty: none does
    std::int64_t owner_epoch = 0;  ///< grows with each owner, so that an old one is told from the present one
};

/// Seconds from answer to end; nullopt until both are known.
std::optional<std::int64_t> duration_seconds(const Call& call);

}  // namespace carevoice::domain
