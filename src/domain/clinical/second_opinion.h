// What other readers found, weighed against what the rules read in the same words.
#pragma once

#include "domain/clinical/lexicon.h"
#include "domain/clinical/reading.h"
#include "domain/clinical/rules.h"
#include "domain/concepts.h"
#include "domain/understanding.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace carevoice::domain::clinical {

/// The concepts, with their conditions ready to be asked.
class SecondOpinion {
public:
    /// Every entry and condition that a concept names must make sense: Errc::corrupt. Adds conditions to `rules`.
    static Result<SecondOpinion> make(ConceptBook concepts, const Lexicon& lexicon, RuleBook& rules);

    [[nodiscard]] const ConceptBook& concepts() const noexcept { return concepts_; }

    /// Adds alerts to `understood`, or raises them; sets `to_check`. Never removes or lowers.
    void add(const Reading& reading, const RuleBook& rules, const Findings& findings,
             std::span<const ConceptFinding> others, Understanding& understood) const;

    /// The words for it were said, and none of them is meant: "I did not hit my head".
    [[nodiscard]] static bool is_denied(const Reading& reading, const Concept& found);

private:
    ConceptBook concepts_;
    std::map<std::string, std::uint32_t, std::less<>> unless_;  ///< by concept
};

}  // namespace carevoice::domain::clinical
