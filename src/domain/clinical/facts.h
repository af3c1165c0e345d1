// Facts by the names of fact.h, out of what was read.
#pragma once

#include "domain/clinical/reading.h"
#include "domain/clinical/rules.h"
#include "domain/understanding.h"

namespace carevoice::domain::clinical {

/// What the words themselves say. `findings.held` is complete.
Facts facts_of(const Reading& reading, const Findings& findings);

/// What the answer says because of the question: no fall named in the answer about falls is no fall. Call once
/// alerts, unclear, consent and yes_no are known.
void add_facts_of_question(const Reading& reading, Understanding& understood);

}  // namespace carevoice::domain::clinical
