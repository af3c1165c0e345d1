#include "domain/clinical/second_opinion.h"

#include "core/text.h"

#include <algorithm>
#include <string>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

bool is_emergency(const RaisedAlert& alert) {
    return alert.type == AlertType::emergency && alert.severity >= Severity::urgent;
}

}  // namespace

bool SecondOpinion::is_denied(const Reading& reading, const Concept& found) {
    const auto& entries = found.denied_by;
    const bool said = std::ranges::any_of(entries, [&](const auto& entry) { return reading.mentions_any(entry); });
    return said && std::ranges::none_of(entries, [&](const auto& entry) { return reading.holds(entry); });
}

Result<SecondOpinion> SecondOpinion::make(ConceptBook concepts, const Lexicon& lexicon, RuleBook& rules) {
    SecondOpinion opinion;
    opinion.concepts_ = std::move(concepts);
    const auto fault = [](const Concept& one, const std::string& why) {
        return Error{Errc::corrupt, "protocols/concepts.json: " + one.id + ": " + why, one.id};
    };
    for (const Concept& one : opinion.concepts_.all()) {
        for (const std::string& entry : one.denied_by)
            if (!lexicon.find(entry)) return fault(one, "the lexicon has no \"" + entry + "\"");
        if (one.unless.empty()) continue;
        const auto condition = rules.add_condition(one.unless, lexicon);
        if (!condition) return fault(one, "unless: " + condition.error().detail);
        opinion.unless_.emplace(one.id, *condition);
    }
    return opinion;
}

void SecondOpinion::add(const Reading& reading, const RuleBook& rules, const Findings& findings,
                        std::span<const ConceptFinding> others, Understanding& understood) const {
    const bool rules_saw_emergency = std::ranges::any_of(understood.alerts, is_emergency);
    Severity gravest = Severity::low;
    for (const ConceptFinding& other : others) {
        const Concept* found = concepts_.find(other.concept_id);
        if (found == nullptr || is_denied(reading, *found)) continue;
        const auto unless = unless_.find(found->id);
        if (unless != unless_.end() && rules.holds(unless->second, findings)) continue;
        const bool quotes = other.reader == Reader::model && !other.basis.empty();
        RaisedAlert alert{found->type, found->severity,
                          Evidence{quotes ? other.basis : std::string(trim(reading.utterance())),
                                   reading.context().audio_ms, found->rule, 1, other.reader, other.basis}};
        const auto same = std::ranges::find(understood.alerts, found->type, &RaisedAlert::type);
        if (same != understood.alerts.end() && same->severity >= alert.severity) continue;
        if (is_emergency(alert) && !rules_saw_emergency && alert.severity > gravest) {
            gravest = alert.severity;
            understood.to_check = found->id;
        }
        if (same == understood.alerts.end()) {
            understood.alerts.push_back(std::move(alert));
        } else {
            *same = std::move(alert);
        }
    }
    std::ranges::stable_sort(understood.alerts, {}, &RaisedAlert::type);
}

}  // namespace carevoice::domain::clinical
