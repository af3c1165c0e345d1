#include "domain/alert.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::domain {

namespace {

constexpr std::array<std::string_view, 6> type_names = {"high_pain",        "wound_problem",   "mobility_issue",
                                                        "medication_issue", "patient_concern", "emergency"};
constexpr std::array<std::string_view, 5> severity_names = {"low", "moderate", "high", "urgent", "critical"};
constexpr std::array<std::string_view, 3> status_names = {"open", "acknowledged", "resolved"};
constexpr std::array<std::string_view, 3> reader_names = {"rules", "semantic", "model"};
constexpr std::array<std::string_view, 2> source_names = {"call", "recording"};

template <class Enum, std::size_t Size>
std::optional<Enum> parse(const std::array<std::string_view, Size>& names, std::string_view text) noexcept {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view to_string(AlertType type) noexcept {
    return type_names[static_cast<std::size_t>(type)];
}
std::string_view to_string(Severity severity) noexcept {
    return severity_names[static_cast<std::size_t>(severity)];
}
std::string_view to_string(AlertStatus status) noexcept {
    return status_names[static_cast<std::size_t>(status)];
}
std::string_view to_string(Reader reader) noexcept {
    return reader_names[static_cast<std::size_t>(reader)];
}
std::string_view to_string(EvidenceSource source) noexcept {
    return source_names[static_cast<std::size_t>(source)];
}

std::optional<AlertType> parse_alert_type(std::string_view text) noexcept {
    return parse<AlertType>(type_names, text);
}
std::optional<Severity> parse_severity(std::string_view text) noexcept {
    return parse<Severity>(severity_names, text);
}
std::optional<AlertStatus> parse_alert_status(std::string_view text) noexcept {
    return parse<AlertStatus>(status_names, text);
}
std::optional<Reader> parse_reader(std::string_view text) noexcept {
    return parse<Reader>(reader_names, text);
}
std::optional<EvidenceSource> parse_evidence_source(std::string_view text) noexcept {
    return parse<EvidenceSource>(source_names, text);
}

bool absorb(Alert& alert, const RaisedAlert& raised, WallTime now) {
    if (std::find(alert.evidence.begin(), alert.evidence.end(), raised.evidence) == alert.evidence.end()) {
        alert.evidence.push_back(raised.evidence);
        alert.updated_at = now;
    }
    if (raised.severity <= alert.severity) return false;
    alert.severity = raised.severity;
    alert.updated_at = now;
    // What was acknowledged was less than this.
    if (alert.status != AlertStatus::open) {
        alert.status = AlertStatus::open;
        alert.acknowledged_at.reset();
        alert.acknowledged_by.clear();
        alert.escalation_level = 0;
    }
    return true;
}

std::vector<std::string_view> channels_for(Severity severity) {
    std::vector<std::string_view> channels = {"in_app"};
    if (severity >= Severity::moderate) channels.emplace_back("email");
    if (severity >= Severity::high) channels.emplace_back("sms");
    if (severity >= Severity::urgent) channels.emplace_back("webhook");
    return channels;
}

}  // namespace carevoice::domain
