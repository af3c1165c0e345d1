#include "storage/sql/call_row.h"

#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

namespace {

/// parse_answered_by takes anything; what we stored is one of our own four words.
std::optional<domain::AnsweredBy> stored_answered_by(std::string_view text) {
    const domain::AnsweredBy value = domain::parse_answered_by(text);
    if (to_string(value) != text) return std::nullopt;
    return value;
}

}  // namespace

CallRow to_row(const domain::Call& call) {
    CallRow row;
    row.call_session_id = call.call_session_id.str();
    if (!call.call_sid.empty()) row.call_sid = call.call_sid.str();
    row.patient_id = call.patient_id.str();
    row.call_type = to_string(call.call_type);
    row.mode = to_string(call.mode);
    row.status = to_string(call.status);
    if (call.answered_by) row.answered_by = to_string(*call.answered_by);
    row.outcome = to_string(call.outcome);
    row.request_body = call.request_body;
    row.prior_pain_scores = to_json(call.prior_pain_scores);
    row.stream_token = call.stream_token;
    row.dialogue_state = call.dialogue_state;
    row.current_topic = call.current_topic;
    row.topics = to_json(call.topics);
    row.summary = call.summary;
    row.failure = call.failure;
    row.created_at = from_time(call.created_at);
    row.scheduled_at = from_time(call.scheduled_at);
    row.answered_at = from_time(call.answered_at);
    row.ended_at = from_time(call.ended_at);
    row.cost_usd = call.cost_usd;
    if (!call.retry_of.empty()) row.retry_of = call.retry_of.str();
    row.attempt = call.attempt;
    row.dialled_at = from_time(call.dialled_at);
    row.plan_open = call.plan_open ? 1 : 0;
    row.owner = call.owner;
    row.owner_epoch = call.owner_epoch;
    return row;
}

Result<domain::Call> to_call(const CallRow& row) {
    RowCheck check("calls");
    domain::Call call;
    call.call_session_id = CallSessionId(row.call_session_id);
    call.call_sid = CallSid(row.call_sid.value_or(""));
    call.patient_id = PatientId(row.patient_id);
    call.call_type = check.take("call_type", domain::parse_call_type(row.call_type));
    call.mode = check.take("mode", domain::parse_call_mode(row.mode));
    call.status = check.take("status", domain::parse_call_status(row.status));
    if (row.answered_by) call.answered_by = check.take("answered_by", stored_answered_by(*row.answered_by));
    call.outcome = check.take("outcome", domain::parse_call_outcome(row.outcome));
    call.request_body = row.request_body;
    call.prior_pain_scores = check.take("prior_pain_scores", numbers_from_json(row.prior_pain_scores));
    call.stream_token = row.stream_token;
    call.dialogue_state = row.dialogue_state;
    call.current_topic = row.current_topic;
    call.topics = check.take("topics", topics_from_json(row.topics));
    call.summary = row.summary;
    call.failure = row.failure;
    call.created_at = to_time(row.created_at);
    call.scheduled_at = to_time(row.scheduled_at);
    call.answered_at = to_time(row.answered_at);
    call.ended_at = to_time(row.ended_at);
    call.cost_usd = row.cost_usd;
    call.retry_of = CallSessionId(row.retry_of.value_or(""));
    call.attempt = static_cast<int>(row.attempt);
    call.dialled_at = to_time(row.dialled_at);
    call.plan_open = row.plan_open != 0;
    call.owner = row.owner;
    call.owner_epoch = row.owner_epoch;
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return call;
}

}  // namespace carevoice::storage::sql
