// Storing the rows of a CSV file of patients; for the HTTP API and the command line.
#pragma once

#include "core/error.h"
#include "domain/patient_csv.h"
#include "storage/repositories.h"

#include <cstddef>
#include <span>
#include <vector>

namespace carevoice::api {

struct ImportReport {
    std::size_t imported = 0;  ///< new patients
    std::size_t updated = 0;   ///< patients that were known, changed or not
    std::vector<domain::RowFault> rejected = {};

    void add(ImportReport part);
};

/// Row by row, each on its own: a row at fault does not stop the others, and the same rows may be stored again. An
/// error of the database (unavailable, internal) ends it; rows before it stay stored. Blocks: runs on a pool.
Result<ImportReport> import_patients(storage::Database& database, std::span<const domain::PatientRow> rows);

}  // namespace carevoice::api
