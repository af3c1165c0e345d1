// From the words of one utterance to facts, alerts and whether the question was answered. Pure, deterministic, fast
// (at most 1 ms an utterance): the very code behind a live call and behind `carevoice analyze`.
#pragma once

#include "core/error.h"
#include "domain/alert.h"
#include "domain/call.h"
#include "domain/concepts.h"
#include "domain/fact.h"
#include "domain/patient.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

/// What surrounds an utterance. Everything but `question` may be left as it is (`analyze` does).
struct UtteranceContext {
    CallType call_type = CallType::followup;
    std::string question;  ///< the topic pending: "pain_score", "wound", "consent", …; empty when none
    ProcedureFamily family = ProcedureFamily::generic;
    std::optional<int> post_operative_day;
    std::vector<std::string> medications;
    std::vector<int> prior_pain_scores;  ///< earlier calls, oldest first
    std::optional<int> age;              ///< years
    bool lives_alone = false;
    bool by_caregiver = false;            ///< the speaker answers for the patient: "she", "my mother" are the patient
    std::vector<std::string> open_rules;  ///< "W3": what raised the last call's alerts that are not resolved since
    std::optional<std::int64_t> audio_ms;
};

/// A wish about the call itself, handled before anything else at any turn.
enum class Wish { none, repeat, slower, who_is_this, talk_to_person, call_later, stop_calling, wrong_person, goodbye };

struct Understanding {
    Facts facts;
    std::vector<RaisedAlert> alerts;  ///< at most one per type, the most severe; in order of AlertType
    bool unclear = false;             ///< the question asked still has no usable answer
    std::optional<bool> consent;      ///< a clear yes or no to a consent question, else nullopt
    std::optional<bool> yes_no;       ///< a bare or leading yes or no, whatever the question
    bool declined = false;            ///< "I'd rather not say"
    Wish wish = Wish::none;
    /// The gravest emergency among `alerts` when only another reader than the rules saw it: a concept's id, whose check
    /// question is to be asked. Empty otherwise.
    std::string to_check;
};

/// How a span of a sentence is meant.
struct SpanAssertion {
    bool negated = false;
    bool historical = false;
    bool hypothetical = false;
    bool of_other = false;  ///< somebody else than the patient
};

/// The rules, the lexicon and the engine that runs them. Immutable after load: share it between threads.
class ClinicalReader {
public:
    /// The texts of protocols/rules.json, lexicon.json and concepts.json. Checks them whole; Errc::corrupt names the
    /// file and the entry at fault.
    static Result<ClinicalReader> load(std::string_view rules_json, std::string_view lexicon_json,
                                       std::string_view concepts_json);

    ClinicalReader(ClinicalReader&&) noexcept;
    ClinicalReader& operator=(ClinicalReader&&) noexcept;
    ~ClinicalReader();

    /// Never fails: text that is no speech ("[BLANK_AUDIO]", "") is simply unclear. What other readers found in the
    /// same utterance (`others`) adds alerts or raises their severity, and changes nothing else. A finding is left out
    /// when the words it stands for were said and none of them is meant ("no chest pain").
    [[nodiscard]] Understanding read(std::string_view utterance, const UtteranceContext& context,
                                     std::span<const ConceptFinding> others = {}) const;

    /// NegEx and ConText for any words of any sentence, known to the lexicon or not. Errc::invalid_input with field
    /// "span" when it is not in the sentence.
    [[nodiscard]] Result<SpanAssertion> assert_span(std::string_view sentence, std::string_view span) const;

    [[nodiscard]] const ConceptBook& concepts() const noexcept;
    /// The utterance names what the concept stands for, and denies it: "no chest pain", "I did not hit my head".
    [[nodiscard]] bool denies(std::string_view utterance, const UtteranceContext& context,
                              std::string_view concept_id) const;

private:
    struct Tables;
    explicit ClinicalReader(std::unique_ptr<const Tables> tables);
    std::unique_ptr<const Tables> tables_;
};

}  // namespace carevoice::domain
