#include "domain/understanding.h"

#include "core/text.h"
#include "domain/clinical/answers.h"
#include "domain/clinical/facts.h"
#include "domain/clinical/lexicon.h"
#include "domain/clinical/numbers.h"
#include "domain/clinical/reading.h"
#include "domain/clinical/rules.h"
#include "domain/clinical/second_opinion.h"
#include "domain/clinical/span.h"

#include <algorithm>
#include <utility>

namespace carevoice::domain {

using clinical::Findings;
using clinical::Fired;
using clinical::Mention;
using clinical::Reading;

struct ClinicalReader::Tables {
    clinical::Lexicon lexicon;
    clinical::RuleBook rules;
    clinical::SecondOpinion second;
};

namespace {

// "I take Eliquis and apixaban, both": one drug under two names.
void find_double_brand(const Reading& reading, Findings& findings) {
    const auto entry = reading.lexicon().find("double_brand");
    const clinical::Tokens& tokens = reading.tokens();
    const clinical::Drug* earlier = nullptr;
    std::size_t at = 0;
    for (std::size_t i = 0; entry && i < tokens.size(); ++i) {
        const clinical::Drug* drug = reading.lexicon().drug(tokens[i].text);
        if (drug == nullptr) continue;
        const clinical::Assertion assertion = reading.assertions().of(i, i);
        if (assertion.denied || assertion.supposed || assertion.other || assertion.historical()) continue;
        const bool joined = std::any_of(
            tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin() + static_cast<std::ptrdiff_t>(i),
            [](const clinical::Token& t) { return t.text == "and" || t.text == "plus" || t.text == "with"; });
        if (drug == earlier && joined && tokens[at].text != tokens[i].text) {
            findings.held[*entry].emplace_back(at, i);
            findings.firm[*entry] = true;
        }
        earlier = drug;
        at = i;
    }
}

Findings find(const Reading& reading) {
    Findings findings;
    findings.context = &reading.context();
    findings.held.resize(reading.lexicon().size());
    findings.firm.resize(reading.lexicon().size());
    for (const Mention& mention : reading.mentions()) {
        const clinical::Assertion assertion = reading.assertions().of(mention);
        if (!assertion.holds(reading.lexicon().entry(mention.owner))) continue;
        findings.held[mention.owner].emplace_back(mention.first, mention.last);
        if (!assertion.doubtful) findings.firm[mention.owner] = true;
    }
    const clinical::NumberContext numbers{reading.lexicon(), reading.tokens(), reading.mentions(), reading.assertions(),
                                          reading.context().question};
    if (const auto score = clinical::read_pain_score(numbers)) {
        findings.pain_score = static_cast<int>(score->value);
        findings.pain_span = {score->first, score->last};
    }
    if (const auto temperature = clinical::read_temperature_f(numbers)) {
        findings.temperature_f = temperature->value;
        findings.temperature_span = {temperature->first, temperature->last};
    }
    if (reading.context().question == "weight") {
        const auto entry = reading.lexicon().find("weight_gain");
        if (const auto gain = clinical::read_weight_gain(numbers); gain && entry) {
            findings.held[*entry].emplace_back(gain->first, gain->last);
            findings.firm[*entry] = true;
        }
    }
    find_double_brand(reading, findings);
    findings.answer = clinical::bare_answer(reading);
    if (reading.context().question == "callback") findings.answer = clinical::wants_call_back(reading);
    for (const std::string& medicine : reading.context().medications) {
        if (const auto* drug = reading.lexicon().drug(medicine)) findings.drug_classes.push_back(drug->drug_class);
    }
    return findings;
}

// From the first to the last word that the rule rests on, as it was heard.
std::string quote(const Reading& reading, const Fired& fired) {
    if (fired.spans.empty()) return std::string(trim(reading.utterance()));
    std::size_t first = fired.spans.front().first;
    std::size_t last = fired.spans.front().second;
    for (const auto& [from, to] : fired.spans) {
        first = std::min(first, from);
        last = std::max(last, to);
    }
    return std::string(clinical::text_between(reading.utterance(), reading.tokens(), first, last));
}

std::vector<RaisedAlert> raise(const Reading& reading, const std::vector<Fired>& fired) {
    std::vector<RaisedAlert> alerts;
    for (const Fired& one : fired) {
        const auto same = std::find_if(alerts.begin(), alerts.end(), [&](auto& a) { return a.type == one.type; });
        if (same != alerts.end() && same->severity >= one.severity) continue;
        RaisedAlert alert{one.type, one.severity,
                          Evidence{quote(reading, one), reading.context().audio_ms, one.rule, one.version}};
        if (same == alerts.end()) {
            alerts.push_back(std::move(alert));
        } else {
            *same = std::move(alert);
        }
    }
    std::sort(alerts.begin(), alerts.end(), [](auto& a, auto& b) { return a.type < b.type; });
    return alerts;
}

// Whether a rule fired for another reason than the words that say "I cannot answer that".
bool fired_beside_no_answer(const Reading& reading, const std::vector<Fired>& fired) {
    return std::any_of(fired.begin(), fired.end(), [&](const Fired& one) {
        return std::any_of(one.spans.begin(), one.spans.end(), [&](const Findings::Span& span) {
            return std::none_of(reading.mentions().begin(), reading.mentions().end(), [&](const Mention& mention) {
                return reading.lexicon().entry(mention.owner).no_answer && mention.first == span.first;
            });
        });
    });
}

// People begin with the answer and end with what troubles them; a quarter of an hour of talk is read whole.
constexpr std::size_t utterance_bytes_max = 20'000;

std::string both_ends(std::string_view utterance) {
    constexpr std::size_t half = utterance_bytes_max / 2 - 1;
    return std::string(utterance.substr(0, half)) + " " + std::string(utterance.substr(utterance.size() - half));
}

}  // namespace

ClinicalReader::ClinicalReader(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
ClinicalReader::ClinicalReader(ClinicalReader&&) noexcept = default;
ClinicalReader& ClinicalReader::operator=(ClinicalReader&&) noexcept = default;
ClinicalReader::~ClinicalReader() = default;

Result<ClinicalReader> ClinicalReader::load(std::string_view rules_json, std::string_view lexicon_json,
                                            std::string_view concepts_json) {
    auto lexicon = clinical::Lexicon::load(lexicon_json);
    if (!lexicon) return lexicon.error();
    auto rules = clinical::RuleBook::load(rules_json, *lexicon);
    if (!rules) return rules.error();
    auto concepts = ConceptBook::load(concepts_json);
    if (!concepts) return concepts.error();
    auto second = clinical::SecondOpinion::make(std::move(*concepts), *lexicon, *rules);
    if (!second) return second.error();
    return ClinicalReader(
        std::make_unique<const Tables>(Tables{std::move(*lexicon), std::move(*rules), std::move(*second)}));
}

Result<SpanAssertion> ClinicalReader::assert_span(std::string_view sentence, std::string_view span) const {
    return clinical::assert_span(tables_->lexicon, sentence, span);
}

const ConceptBook& ClinicalReader::concepts() const noexcept {
    return tables_->second.concepts();
}

Understanding ClinicalReader::read(std::string_view utterance, const UtteranceContext& context,
                                   std::span<const ConceptFinding> others) const {
    if (utterance.size() > utterance_bytes_max) return read(both_ends(utterance), context, others);
    Understanding understood;
    const Reading reading(tables_->lexicon, utterance, context);
    if (!reading.is_speech()) {
        understood.unclear = true;
        return understood;
    }
    Findings findings = find(reading);
    const std::vector<Fired> fired = tables_->rules.run(findings);
    understood.alerts = raise(reading, fired);
    understood.facts = clinical::facts_of(reading, findings);
    understood.wish = clinical::wish_of(reading);
    understood.declined = reading.mentions_any("answer.decline");
    understood.yes_no = clinical::yes_or_no(reading);
    if (clinical::is_consent_question(context.question)) understood.consent = clinical::agreement(reading);
    understood.unclear = clinical::is_unclear(reading, understood, fired_beside_no_answer(reading, fired));
    clinical::add_facts_of_question(reading, understood);
    // Last, so that whether the question was answered is the rules' word alone.
    tables_->second.add(reading, tables_->rules, findings, others, understood);
    return understood;
}

bool ClinicalReader::denies(std::string_view utterance, const UtteranceContext& context,
                            std::string_view concept_id) const {
    const Concept* found = concepts().find(concept_id);
    return found != nullptr &&
           clinical::SecondOpinion::is_denied(Reading(tables_->lexicon, utterance, context), *found);
}

}  // namespace carevoice::domain
