// The schema's history: numbered SQL files that are part of the program, applied once each, in order, never back.
#pragma once

#include "core/error.h"
#include "storage/repositories.h"
#include "storage/sql/connections.h"

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::storage::sql {

struct Migration {
    long long version = 0;  ///< 1, 2, 3 …
    std::string name;       ///< "0001_initial"
    std::string_view script;
    std::string checksum;  ///< SHA-256 of the script, hex
};

/// migrations/NNNN_name.sql of the program, by version. internal when they are not numbered from 1 without gaps.
Result<std::vector<Migration>> program_migrations();

/// Applies what is pending, all of it or nothing; safe beside another program that does the same. corrupt when the
/// database holds a migration that this program does not know, or knows with other content.
Result<> migrate(Connections& connections);

/// What is applied and what is pending, without changing anything. Errors as migrate().
Result<MigrationState> look_at_migrations(const Dialect& dialect);

}  // namespace carevoice::storage::sql
