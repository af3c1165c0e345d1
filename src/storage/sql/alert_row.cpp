#include "storage/sql/alert_row.h"

#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <limits>
#include <utility>

namespace carevoice::storage::sql {

// Stored numbers must keep their meaning when the domain's list grows.
static_assert(static_cast<int>(domain::Severity::low) == 0);
static_assert(static_cast<int>(domain::Severity::moderate) == 1);
static_assert(static_cast<int>(domain::Severity::high) == 2);
static_assert(static_cast<int>(domain::Severity::urgent) == 3);
static_assert(static_cast<int>(domain::Severity::critical) == 4);

namespace {

std::optional<int> small_number(long long stored) {
    if (stored < 0 || stored > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(stored);
}

}  // namespace

long long severity_rank(domain::Severity severity) noexcept {
    return static_cast<long long>(severity);
}

std::optional<domain::Severity> severity_of_rank(long long rank) noexcept {
    if (rank < 0 || rank > severity_rank(domain::Severity::critical)) return std::nullopt;
    return static_cast<domain::Severity>(rank);
}

AlertRow to_row(const domain::Alert& alert) {
    return {.alert_id = alert.id.str(),
            .call_session_id = alert.call_session_id.str(),
            .patient_id = alert.patient_id.str(),
            .alert_type = std::string(to_string(alert.type)),
            .severity = severity_rank(alert.severity),
            .status = std::string(to_string(alert.status)),
            .raised_at = from_time(alert.raised_at),
            .updated_at = from_time(alert.updated_at),
            .acknowledged_at = from_time(alert.acknowledged_at),
            .acknowledged_by = alert.acknowledged_by,
            .escalation_level = alert.escalation_level,
            .escalate_at = from_time(alert.escalate_at)};
}

Result<domain::Alert> to_alert(const AlertRow& row) {
    RowCheck check("alerts");
    domain::Alert alert;
    alert.id = AlertId(row.alert_id);
    alert.call_session_id = CallSessionId(row.call_session_id);
    alert.patient_id = PatientId(row.patient_id);
    alert.type = check.take("alert_type", domain::parse_alert_type(row.alert_type));
    alert.severity = check.take("severity", severity_of_rank(row.severity));
    alert.status = check.take("status", domain::parse_alert_status(row.status));
    alert.raised_at = to_time(row.raised_at);
    alert.updated_at = to_time(row.updated_at);
    alert.acknowledged_at = to_time(row.acknowledged_at);
    alert.acknowledged_by = row.acknowledged_by;
    alert.escalation_level = check.take("escalation_level", small_number(row.escalation_level));
    alert.escalate_at = to_time(row.escalate_at);
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return alert;
}

EvidenceRow to_row(const domain::Alert& alert, std::size_t position) {
    const domain::Evidence& evidence = alert.evidence.at(position);
    return {.alert_id = alert.id.str(),
            .position = static_cast<long long>(position),
            .words = evidence.text,
            .audio_ms = evidence.audio_ms,
            .rule = evidence.rule,
            .rule_version = evidence.rule_version,
            .reader = std::string(to_string(evidence.reader)),
            .basis = evidence.basis,
            .source = std::string(to_string(evidence.source))};
}

Result<domain::Evidence> to_evidence(const EvidenceRow& row) {
    RowCheck check("alert_evidence");
    domain::Evidence evidence{.text = row.words,
                              .audio_ms = row.audio_ms,
                              .rule = row.rule,
                              .rule_version = check.take("rule_version", small_number(row.rule_version)),
                              .reader = check.take("reader", domain::parse_reader(row.reader)),
                              .basis = row.basis,
                              .source = check.take("source", domain::parse_evidence_source(row.source))};
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return evidence;
}

AlertActionRow last_action_row(const domain::Alert& alert) {
    const domain::AlertAction& action = alert.history.back();
    return {.alert_id = alert.id.str(),
            .position = static_cast<long long>(alert.history.size()),
            .acted_at = from_time(action.at),
            .acted_by = storable_text(action.by),
            .status = action.status ? std::string(to_string(*action.status)) : std::string(),
            .note = storable_text(action.note)};
}

Result<domain::AlertAction> to_action(const AlertActionRow& row) {
    RowCheck check("alert_actions");
    domain::AlertAction action{.at = to_time(row.acted_at), .by = row.acted_by, .status = {}, .note = row.note};
    if (!row.status.empty()) action.status = check.take("status", domain::parse_alert_status(row.status));
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return action;
}

}  // namespace carevoice::storage::sql
