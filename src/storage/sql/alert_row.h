// How an alert and the words behind it lie in the database.
#pragma once

#include "core/error.h"
#include "domain/alert.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::storage::sql {

struct AlertRow {
    static constexpr std::string_view table = "alerts";

    std::string alert_id;
    std::string call_session_id;
    std::string patient_id;
    std::string alert_type;
    long long severity = 0;
    std::string status;
    long long raised_at = 0;
    long long updated_at = 0;
    std::optional<long long> acknowledged_at;
    std::string acknowledged_by;
    long long escalation_level = 0;
    std::optional<long long> escalate_at;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("alert_id", row.alert_id);
        visit("call_session_id", row.call_session_id);
        visit("patient_id", row.patient_id);
        visit("alert_type", row.alert_type);
        visit("severity", row.severity);
        visit("status", row.status);
        visit("raised_at", row.raised_at);
        visit("updated_at", row.updated_at);
        visit("acknowledged_at", row.acknowledged_at);
        visit("acknowledged_by", row.acknowledged_by);
        visit("escalation_level", row.escalation_level);
        visit("escalate_at", row.escalate_at);
    }
};

struct EvidenceRow {
    static constexpr std::string_view table = "alert_evidence";

    std::string alert_id;
    long long position = 0;
    std::string words;
    std::optional<long long> audio_ms;
    std::string rule;
    long long rule_version = 0;
    std::string reader;
    std::string basis;
    std::string source;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("alert_id", row.alert_id);
        visit("position", row.position);
        visit("words", row.words);
        visit("audio_ms", row.audio_ms);
        visit("rule", row.rule);
        visit("rule_version", row.rule_version);
        visit("reader", row.reader);
        visit("basis", row.basis);
        visit("source", row.source);
    }
};

struct AlertActionRow {
    static constexpr std::string_view table = "alert_actions";

    std::string alert_id;
    long long position = 0;
    long long acted_at = 0;
    std::string acted_by;
    std::string status;  ///< empty: a note alone
    std::string note;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("alert_id", row.alert_id);
        visit("position", row.position);
        visit("acted_at", row.acted_at);
        visit("acted_by", row.acted_by);
        visit("status", row.status);
        visit("note", row.note);
    }
};

/// The number of a severity in the database.
long long severity_rank(domain::Severity severity) noexcept;
std::optional<domain::Severity> severity_of_rank(long long rank) noexcept;

AlertRow to_row(const domain::Alert& alert);
/// Without its evidence and history. corrupt when a column breaks its rule.
Result<domain::Alert> to_alert(const AlertRow& row);

EvidenceRow to_row(const domain::Alert& alert, std::size_t position);
Result<domain::Evidence> to_evidence(const EvidenceRow& row);

/// The last of its history.
AlertActionRow last_action_row(const domain::Alert& alert);
Result<domain::AlertAction> to_action(const AlertActionRow& row);

}  // namespace carevoice::storage::sql
