// What other readers found, weighed against what the rules read in the same words.
#pragma once

#include "domain/clinical/lexicon.h"
#include "domain/clinical/reading.h"
#include "domain/concepts.h"
#include "domain/understanding.h"

#include <span>

namespace carevoice::domain::clinical {

/// Every entry that a concept names must be in the lexicon: Errc::corrupt.
Result<> check_concepts(const ConceptBook& concepts, const Lexicon& lexicon);

/// Adds alerts to `understood`, or raises them; sets `to_check`. Never removes or lowers.
void add_second_opinion(const Reading& reading, const ConceptBook& concepts, std::span<const ConceptFinding> others,
                        Understanding& understood);

}  // namespace carevoice::domain::clinical
