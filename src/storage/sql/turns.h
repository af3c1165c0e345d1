// Turns of a call, inside a transaction of the caller.
#pragma once

#include "storage/repositories.h"

#include <soci/soci.h>

#include <vector>

namespace carevoice::storage::sql {

Result<std::vector<domain::Turn>> load_turns(soci::session& session, const CallSessionId& id);

/// Stores `turns` as TurnRecord says and returns their numbers. conflict when a number would leave a gap.
Result<std::vector<std::int64_t>> store_turns(soci::session& session, const CallSessionId& id,
                                              const std::vector<domain::Turn>& turns);

/// 0 when the call has no turn.
std::int64_t last_sequence(soci::session& session, const CallSessionId& id);

}  // namespace carevoice::storage::sql
