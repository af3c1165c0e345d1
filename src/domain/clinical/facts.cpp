#include "domain/clinical/facts.h"

#include "core/text.h"
#include "domain/clinical/answers.h"

#include <algorithm>
#include <string>
#include <vector>

namespace carevoice::domain::clinical {

namespace {

// The medicine that a missed or stopped dose is about: named near by, or the patient's own of that class.
std::vector<std::string> medicines_named(const Reading& reading) {
    std::vector<std::string> generics;
    const auto add = [&](const std::string& generic) {
        if (std::find(generics.begin(), generics.end(), generic) == generics.end()) generics.push_back(generic);
    };
    for (const Token& token : reading.tokens()) {
        if (const Drug* drug = reading.lexicon().drug(token.text)) add(drug->generic);
    }
    if (!generics.empty()) return generics;
    for (const auto& [spoken, drug_class] :
         {std::pair{"topic.blood_thinner", "anticoagulant"}, std::pair{"topic.antibiotic", "antibiotic"}}) {
        if (!reading.mentions_any(spoken)) continue;
        for (const std::string& medicine : reading.context().medications) {
            const Drug* drug = reading.lexicon().drug(medicine);
            if (drug != nullptr && drug->drug_class == drug_class) add(drug->generic);
        }
        if (generics.empty()) add(drug_class);
    }
    return generics;
}

bool about_pain(const Reading& reading) {
    const std::string& question = reading.context().question;
    return question == "pain_score" || question == "pain_change" || reading.mentions_any("pain.word");
}

}  // namespace

Facts facts_of(const Reading& reading, const Findings& findings) {
    Facts facts;
    for (const Mention& mention : reading.mentions()) {
        const Entry& entry = reading.lexicon().entry(mention.owner);
        if (entry.facts.empty() && entry.facts_when_denied.empty()) continue;
        const Assertion assertion = reading.assertions().of(mention);
        const bool held = !findings.held[mention.owner].empty();
        const bool denied_now = assertion.denied && !assertion.historical() && !assertion.other && !assertion.supposed;
        if (held) {
            merge(facts, entry.facts);
        } else if (denied_now) {
            Facts denied = entry.facts_when_denied;
            merge(denied, facts);  // what was affirmed elsewhere stays
            facts = std::move(denied);
        }
    }
    if (!about_pain(reading)) facts.erase("pain_change");
    if (findings.pain_score) facts["pain_score"] = static_cast<double>(*findings.pain_score);
    if (findings.temperature_f) facts["temperature_f"] = *findings.temperature_f;
    if (facts.contains("meds_missed")) facts["meds_missed"] = medicines_named(reading);
    return facts;
}

void add_facts_of_question(const Reading& reading, Understanding& understood) {
    Facts& facts = understood.facts;
    if (understood.wish == Wish::stop_calling) facts["opt_out"] = true;
    if (understood.consent) {
        facts[reading.context().question] = *understood.consent;
        if (reading.context().call_type == CallType::enrollment && reading.context().question == "consent") {
            facts["consent_calls"] = *understood.consent;
        }
    }
    if (understood.unclear) return;
    const std::string& question = reading.context().question;
    if (question == "wound") facts.try_emplace("wound_signs", std::vector<std::string>{});
    if (question == "mobility") facts.try_emplace("falls", false);
    if (question == "medication") {
        const bool issue =
            std::any_of(understood.alerts.begin(), understood.alerts.end(),
                        [](const RaisedAlert& alert) { return alert.type == AlertType::medication_issue; });
        if (!issue && understood.yes_no != false) facts.try_emplace("meds_adherent", true);
    }
    if (question == "bowel" && !facts.contains("bowel_moved")) {
        const bool fine = reading.mentions_any("answer.fine") && !reading.denies("answer.fine");
        if (understood.yes_no || fine) facts["bowel_moved"] = understood.yes_no.value_or(true);
    }
    if (question == "breathing" && understood.yes_no == false) {
        facts.try_emplace("red_flags", std::vector<std::string>{});
    }
    if (question == "callback") {
        if (const auto wanted = wants_call_back(reading)) facts["callback"] = *wanted;
    }
    if (question == "concerns" && understood.yes_no != false) {
        facts["concern"] = std::string(trim(reading.utterance()));
    }
}

}  // namespace carevoice::domain::clinical
