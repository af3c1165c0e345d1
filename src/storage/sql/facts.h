// Facts of a call, inside a transaction of the caller.
#pragma once

#include "storage/repositories.h"

#include <soci/soci.h>

namespace carevoice::storage::sql {

Result<domain::Facts> load_facts(soci::session& session, const CallSessionId& id);

/// Where and when facts were learned.
struct Lesson {
    std::int64_t turn_sequence = 0;
    WallTime learned_at{};
};

/// Merges `learned` into what is known of the call and keeps it in the history. invalid_input for a number that is not
/// finite, corrupt.
Result<> store_facts(soci::session& session, const CallSessionId& id, const domain::Facts& learned,
                     const Lesson& lesson);

}  // namespace carevoice::storage::sql
