// Alerts: what a human must look at, how soon, and why we think so.
#pragma once

#include "core/ids.h"
#include "core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

enum class AlertType { high_pain, wound_problem, mobility_issue, medication_issue, patient_concern, emergency };
enum class Severity { low, moderate, high, urgent, critical };
enum class AlertStatus { open, acknowledged, resolved };
/// Who found it: the rules, the sentence embeddings, a chat model.
enum class Reader { rules, semantic, model };
/// Where it was heard: in the call while it went on, or in its recording afterwards.
enum class EvidenceSource { call, recording };

std::string_view to_string(AlertType) noexcept;
std::string_view to_string(Severity) noexcept;
std::string_view to_string(AlertStatus) noexcept;
std::string_view to_string(Reader) noexcept;
std::string_view to_string(EvidenceSource) noexcept;
std::optional<AlertType> parse_alert_type(std::string_view) noexcept;
std::optional<Severity> parse_severity(std::string_view) noexcept;
std::optional<AlertStatus> parse_alert_status(std::string_view) noexcept;
std::optional<Reader> parse_reader(std::string_view) noexcept;
std::optional<EvidenceSource> parse_evidence_source(std::string_view) noexcept;

/// The words that raised it, verbatim.
struct Evidence {
    std::string text;
    std::optional<std::int64_t> audio_ms;  ///< start of the utterance within the call's audio
    std::string rule;                      ///< "W1"
    int rule_version = 1;
    Reader reader = Reader::rules;
    std::string basis =
        {};  ///< why another reader than the rules thinks so: its nearest example, or the words it points at
    EvidenceSource source = EvidenceSource::call;  ///< with `recording`, audio_ms is within the recording
    friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// A rule that fired on one utterance; not yet stored.
struct RaisedAlert {
    AlertType type = AlertType::patient_concern;
    Severity severity = Severity::low;
    Evidence evidence;
    friend bool operator==(const RaisedAlert&, const RaisedAlert&) = default;
};

/// What a person did about an alert.
struct AlertAction {
    WallTime at{};
    std::string by;                     ///< as the API knows them; empty: it was not told
    std::optional<AlertStatus> status;  ///< what the alert became; nullopt: a note alone
    std::string note;
    friend bool operator==(const AlertAction&, const AlertAction&) = default;
};

/// One per type and call: severity is the highest seen and never falls, every quote is kept. One that somebody has
/// acknowledged or resolved is open again when its severity rises.
struct Alert {
    AlertId id;
    CallSessionId call_session_id;
    PatientId patient_id;
    AlertType type = AlertType::patient_concern;
    Severity severity = Severity::low;
    std::vector<Evidence> evidence;
    AlertStatus status = AlertStatus::open;
    WallTime raised_at{};
    WallTime updated_at{};
    std::optional<WallTime> acknowledged_at = {};
    std::string acknowledged_by = {};          ///< as the API knows them
    int escalation_level = 0;                  ///< how often nobody acknowledged it in time
    std::optional<WallTime> escalate_at = {};  ///< when the next person is told; nullopt: never
    std::vector<AlertAction> history = {};     ///< oldest first
};

/// Takes `raised` into `alert` of the same type. True when the severity rose.
bool absorb(Alert& alert, const RaisedAlert& raised, WallTime now);

/// Channels by severity, the customer's table: "in_app", "email", "sms", "webhook".
std::vector<std::string_view> channels_for(Severity severity);

}  // namespace carevoice::domain
