#include "api/call_json.h"

#include "domain/notification.h"

#include <boost/json/array.hpp>

#include <cmath>

namespace carevoice::api {

namespace json = boost::json;

namespace {

json::value time_or_null(const std::optional<WallTime>& time) {
    if (!time) return nullptr;
    return json::value(format_rfc3339(*time));
}

template <class Value>
json::value or_null(const std::optional<Value>& value) {
    if (!value) return nullptr;
    return json::value(*value);
}

json::value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

/// Whole numbers without a fraction: a pain score of 3 reads 3, not 3.0.
json::value number_json(double number) {
    if (std::nearbyint(number) == number && std::abs(number) < 1e15) return static_cast<std::int64_t>(number);
    return number;
}

json::value fact_json(const domain::FactValue& value) {
    if (const auto* const flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* const number = std::get_if<double>(&value)) return number_json(*number);
    if (const auto* const text = std::get_if<std::string>(&value)) return json::value(*text);
    json::array items;
    for (const auto& item : std::get<std::vector<std::string>>(value)) items.emplace_back(item);
    return items;
}

json::object counts_json(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
    json::object out;
    for (const auto& [name, count] : counts) out[name] = count;
    return out;
}

/// `part` of `whole`; null of nothing.
json::value rate_json(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return nullptr;
    return static_cast<double>(part) / static_cast<double>(whole);
}

json::object topic_figures_json(const storage::TopicFigures& figures) {
    json::object out;
    out["topic"] = figures.topic;
    out["planned"] = figures.planned;
    out["asked"] = figures.asked;
    out["answered"] = figures.answered;
    out["unclear"] = figures.unclear;
    out["declined"] = figures.declined;
    out["unclear_rate"] = rate_json(figures.unclear, figures.asked);
    out["coverage"] = rate_json(figures.answered, figures.planned);
    return out;
}

json::value wording_json(const std::optional<domain::Wording>& wording) {
    if (!wording) return nullptr;
    json::object out;
    out["source"] = to_string(wording->source);
    out["fallback"] = wording->fallback ? json::value(to_string(*wording->fallback)) : json::value(nullptr);
    out["guard_rail"] = text_or_null(wording->breach);
    out["model_ms"] = or_null(wording->model_ms);
    return out;
}

json::object evidence_json(const domain::Evidence& evidence) {
    json::object out;
    out["text"] = evidence.text;
    out["audio_ms"] = or_null(evidence.audio_ms);
    out["rule"] = evidence.rule;
    out["rule_version"] = evidence.rule_version;
    out["reader"] = to_string(evidence.reader);
    out["source"] = to_string(evidence.source);
    out["nearest"] = evidence.basis.empty() ? json::value(nullptr) : json::value(evidence.basis);
    return out;
}

json::object action_json(const domain::AlertAction& action) {
    json::object out;
    out["at"] = format_rfc3339(action.at);
    out["by"] = text_or_null(action.by);
    out["status"] = action.status ? json::value(to_string(*action.status)) : json::value(nullptr);
    out["note"] = text_or_null(action.note);
    return out;
}

/// When somebody should have taken it on; nullopt: it may wait for the next visit.
std::optional<WallTime> respond_by(const domain::Alert& alert) {
    const auto target = domain::response_target(alert.severity);
    if (!target) return std::nullopt;
    return alert.raised_at + *target;
}

json::object recording_json(const storage::Recording& recording) {
    json::object out;
    out["state"] = to_string(recording.state);
    out["duration_seconds"] = or_null(recording.duration_seconds);
    out["word_agreement"] = or_null(recording.word_agreement);
    out["error"] = text_or_null(recording.last_error);
    return out;
}

}  // namespace

json::object facts_json(const domain::Facts& facts) {
    json::object out;
    for (const auto& [name, value] : facts) out[name] = fact_json(value);
    return out;
}

json::object alert_json(const domain::Alert& alert) {
    json::object out;
    out["id"] = alert.id.str();
    out["call_session_id"] = alert.call_session_id.str();
    out["patient_id"] = alert.patient_id.str();
    out["type"] = to_string(alert.type);
    out["severity"] = to_string(alert.severity);
    out["rule"] = alert.evidence.empty() ? json::value(nullptr) : json::value(alert.evidence.front().rule);
    out["evidence"] =
        alert.evidence.empty() ? json::value(nullptr) : json::value(evidence_json(alert.evidence.front()));
    json::array quotes;
    for (const auto& evidence : alert.evidence) quotes.push_back(evidence_json(evidence));
    out["quotes"] = std::move(quotes);
    out["status"] = to_string(alert.status);
    json::array channels;
    for (const auto channel : domain::channels_for(alert.severity)) channels.emplace_back(channel);
    out["channels"] = std::move(channels);
    out["raised_at"] = format_rfc3339(alert.raised_at);
    out["updated_at"] = format_rfc3339(alert.updated_at);
    out["acknowledged_at"] = time_or_null(alert.acknowledged_at);
    out["acknowledged_by"] = text_or_null(alert.acknowledged_by);
    out["escalation_level"] = alert.escalation_level;
    out["escalates_at"] = time_or_null(alert.escalate_at);
    out["respond_by"] = time_or_null(respond_by(alert));
    json::array history;
    for (const auto& action : alert.history) history.push_back(action_json(action));
    out["history"] = std::move(history);
    return out;
}

json::object call_json(const domain::Call& call) {
    json::object out;
    out["call_session_id"] = call.call_session_id.str();
    out["call_sid"] = text_or_null(call.call_sid.str());
    out["patient_id"] = call.patient_id.str();
    out["call_type"] = to_string(call.call_type);
    out["mode"] = to_string(call.mode);
    out["status"] = to_string(call.status);
    out["answered_by"] = call.answered_by ? json::value(to_string(*call.answered_by)) : json::value(nullptr);
    out["outcome"] =
        call.outcome == domain::CallOutcome::none ? json::value(nullptr) : json::value(to_string(call.outcome));
    out["failure"] = text_or_null(call.failure);
    out["created_at"] = format_rfc3339(call.created_at);
    out["scheduled_at"] = time_or_null(call.scheduled_at);
    out["answered_at"] = time_or_null(call.answered_at);
    out["ended_at"] = time_or_null(call.ended_at);
    out["duration_seconds"] = or_null(domain::duration_seconds(call));
    out["cost"] = or_null(call.cost_usd);
    return out;
}

json::object call_status_json(const calls::CallDetails& details) {
    auto out = call_json(details.call);
    out["current_topic"] = text_or_null(details.call.current_topic);
    json::array topics;
    for (const auto& progress : details.call.topics) {
        // What was not reached yet, or left out on purpose, was not asked.
        if (progress.state == domain::TopicState::pending || progress.state == domain::TopicState::skipped) continue;
        topics.push_back(json::object{{"topic", progress.topic}, {"state", to_string(progress.state)}});
    }
    out["topics"] = std::move(topics);
    out["clinical_data"] = facts_json(details.facts);
    json::array alerts;
    for (const auto& alert : details.alerts) alerts.push_back(alert_json(alert));
    out["alerts"] = std::move(alerts);
    out["recording"] = details.recording ? json::value(recording_json(*details.recording)) : json::value(nullptr);
    return out;
}

json::object turn_json(const domain::Turn& turn) {
    json::object out;
    out["sequence"] = turn.sequence;
    out["speaker"] = to_string(turn.speaker);
    out["topic"] = text_or_null(turn.topic);
    out["text"] = turn.text;
    out["started_at"] = format_rfc3339(turn.started_at);
    out["ended_at"] = format_rfc3339(turn.ended_at);
    out["confidence"] = or_null(turn.confidence);
    out["audio_ms"] = or_null(turn.audio_ms);
    out["interrupted"] = turn.interrupted;
    out["wording"] = wording_json(turn.wording);
    return out;
}

json::object transcript_json(const calls::CallDetails& details) {
    json::array turns;
    for (const auto& turn : details.turns) turns.push_back(turn_json(turn));
    json::object out;
    out["call_session_id"] = details.call.call_session_id.str();
    out["turns"] = std::move(turns);
    out["summary"] = text_or_null(details.call.summary);
    return out;
}

json::object figures_json(const storage::CallFigures& figures) {
    json::object out;
    out["total_calls"] = figures.total;
    out["active_calls"] = figures.active;
    out["by_status"] = counts_json(figures.by_status);
    out["by_outcome"] = counts_json(figures.by_outcome);
    out["alerts_by_type"] = counts_json(figures.alerts_by_type);
    out["alerts_by_severity"] = counts_json(figures.alerts_by_severity);
    out["mean_duration_seconds"] = figures.mean_duration_seconds;
    out["completion_rate"] = figures.completion_rate;
    out["mean_transcription_confidence"] = figures.mean_confidence;
    out["recordings_read"] = figures.recordings_read;
    out["mean_word_agreement"] = figures.mean_word_agreement;
    out["cost_usd"] = figures.cost_usd;
    const auto& wording = figures.wording;
    const bool asked = wording.model_asked > 0;
    json::object latency;
    latency["asked"] = wording.model_asked;
    latency["p50_ms"] = asked ? json::value(wording.model_ms_p50) : json::value(nullptr);
    latency["p95_ms"] = asked ? json::value(wording.model_ms_p95) : json::value(nullptr);
    out["ai_latency"] = std::move(latency);
    out["wording"] = counts_json(wording.by_source);
    out["ai_fallbacks"] = counts_json(wording.fallbacks);
    out["guard_rails"] = counts_json(wording.guard_rails);
    json::array topics;
    for (const auto& topic : figures.topics) topics.push_back(topic_figures_json(topic));
    out["topics"] = std::move(topics);
    return out;
}

}  // namespace carevoice::api
