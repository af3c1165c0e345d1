// What readers beside the rules may find in an utterance: concepts such as "chest_breath" with the alert that each one
// raises. The readers propose, this table decides: no reader ever says a severity.
#pragma once

#include "core/error.h"
#include "domain/alert.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

struct Concept {
    std::string id;  ///< "chest_breath"
    AlertType type = AlertType::patient_concern;
    Severity severity = Severity::low;
    std::string rule;   ///< of protocols/rules.json, whose words and sources it shares: "E1"
    std::string means;  ///< for people and for a chat model: "chest pain or pressure; cannot breathe"
    /// Emergencies only: the plain question asked when no rule saw it; a clear no calls the emergency words off.
    std::string check;
    std::string unless;  ///< a condition of protocols/rules.json: where the rules know better ("temp <= 102.9")
    std::vector<std::string> denied_by;  ///< entries of the lexicon: said, but none of them meant, speaks against it
};

/// One concept that a reader found. Valid whatever it holds: unknown concepts are left out when it is applied.
struct ConceptFinding {
    std::string concept_id;
    Reader reader = Reader::semantic;
    double certainty = 0;  ///< 0 to 1, as the reader judges itself; for people, never for a decision here
    std::string basis;     ///< the nearest example, or the patient's words that a model pointed at
    friend bool operator==(const ConceptFinding&, const ConceptFinding&) = default;
};

/// Immutable after load: share it between threads.
class ConceptBook {
public:
    /// protocols/concepts.json. Errc::corrupt names the entry at fault.
    static Result<ConceptBook> load(std::string_view json);

    /// nullptr when there is none.
    [[nodiscard]] const Concept* find(std::string_view id) const noexcept;
    [[nodiscard]] std::span<const Concept> all() const noexcept { return concepts_; }

private:
    std::vector<Concept> concepts_;
};

/// A second opinion on every utterance. Thread-safe; blocks for up to some 10 ms, so not for I/O threads.
class SecondReader {
public:
    virtual ~SecondReader() = default;
    /// Present, current findings of the patient's own; empty when there is nothing or it cannot tell. `question`: the
    /// topic pending.
    [[nodiscard]] virtual std::vector<ConceptFinding> read(std::string_view utterance,
                                                           std::string_view question) const = 0;
};

}  // namespace carevoice::domain
