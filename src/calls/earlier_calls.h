// What a patient's earlier calls left behind: the next one asks and judges with it in mind.
#pragma once

#include "core/error.h"
#include "domain/call.h"
#include "domain/fact.h"
#include "storage/repositories.h"

#include <string>
#include <vector>

namespace carevoice::calls {

struct EarlierCalls {
    std::vector<int> pain_scores;         ///< of the last three calls that have one, oldest first
    domain::Facts last_facts;             ///< of the last call in which anything was learned
    std::vector<std::string> open_rules;  ///< "W3": what raised that call's alerts that are not resolved since
};

/// Looks at the patient's last few calls before `call`. Blocks on the database; its errors are the database's.
Result<EarlierCalls> find_earlier_calls(storage::Database& database, const domain::Call& call);

}  // namespace carevoice::calls
