// Loads the real protocols and the real clinical reader, and plays patients in text.
#pragma once

#include "core/resources.h"
#include "domain/dialogue.h"
#include "domain/understanding.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::test {

inline const ClinicalReader& real_reader() {
    static const auto reader = [] {
        auto loaded = ClinicalReader::load(find_embedded_resource("protocols/rules.json").value_or(""),
                                           find_embedded_resource("protocols/lexicon.json").value_or(""),
                                           find_embedded_resource("protocols/concepts.json").value_or(""));
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return reader;
}

inline std::map<std::string, std::string_view> protocol_files() {
    std::map<std::string, std::string_view> files;
    for (const auto* name : {"followup.json", "enrollment.json", "education.json", "wording.json"})
        files[name] = find_embedded_resource("protocols/" + std::string(name)).value_or("");
    return files;
}

inline const Dialogue& real_dialogue() {
    static const auto dialogue = [] {
        auto loaded = Dialogue::load(protocol_files(), real_reader());
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return dialogue;
}

inline Patient ruth() {
    Patient patient;
    patient.patient_id = PatientId("p-1");
    patient.first_name = "Ruth";
    patient.last_name = "Albrecht";
    patient.date_of_birth = std::chrono::year{1957} / 3 / 14;
    patient.phone = "+15550100200";
    patient.procedure = "total knee replacement";
    patient.procedure_family = ProcedureFamily::joint;
    patient.surgery_date = std::chrono::year{2026} / 11 / 15;
    patient.time_zone = "America/Chicago";
    patient.medications = {"apixaban", "acetaminophen"};
    patient.consents = {true, true, false};
    return patient;
}

/// One call in text. Keeps everything that was said and raised.
class PlayedCall {
public:
    explicit PlayedCall(Patient patient = ruth(), CallType type = CallType::followup, std::uint32_t seed = 1,
                        std::vector<int> prior = {}, std::optional<int> day = 7)
        : patient_(std::move(patient)) {
        context.patient = &patient_;
        context.call_type = type;
        context.post_operative_day = day;
        context.prior_pain_scores = std::move(prior);
        context.organisation = "Riverside Hospital";
        context.callback_number = "+15550100100";
        state = real_dialogue().begin(context, seed);
    }
    PlayedCall(const PlayedCall&) = delete;
    PlayedCall& operator=(const PlayedCall&) = delete;

    const Move& take(DialogueEventKind kind, std::string text = {}, std::vector<ConceptFinding> findings = {}) {
        DialogueEvent event;
        event.kind = kind;
        event.text = std::move(text);
        event.findings = std::move(findings);
        last = real_dialogue().step(state, event, context);
        if (!state.identity_verified || !verified_before_) said_before_identity += before_reveal(last.move.speak);
        verified_before_ = state.identity_verified;
        said += last.move.speak + "\n";
        turns.push_back(last.move.speak);
        for (const auto& alert : last.alerts) alerts.push_back(alert);
        opted_out = opted_out || last.opt_out;
        return last.move;
    }
    const Move& start() { return take(DialogueEventKind::answered); }
    const Move& say(std::string text) { return take(DialogueEventKind::utterance, std::move(text)); }
    /// With what a second reader found in the words.
    const Move& say(std::string text, std::vector<ConceptFinding> findings) {
        return take(DialogueEventKind::utterance, std::move(text), std::move(findings));
    }
    /// Up to and with the recording consent.
    const Move& start_verified() {
        start();
        say("This is Ruth Albrecht, March fourteenth, fifty-seven.");
        return say("Yes, that's fine.");
    }

    DialogueContext context;
    DialogueState state;
    DialogueStep last;
    std::string said;
    std::string said_before_identity;
    std::vector<std::string> turns;
    std::vector<RaisedAlert> alerts;
    bool opted_out = false;

private:
    /// The turn that follows the identifiers may speak of the operation.
    [[nodiscard]] std::string before_reveal(const std::string& speak) const {
        return state.identity_verified ? std::string() : speak + "\n";
    }

    Patient patient_;
    bool verified_before_ = false;
};

}  // namespace carevoice::domain::test
