// Patients as a CSV file gives them (RFC 4180): a header row that names fields, then one patient a row.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "domain/patient.h"

#include <boost/json/object.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

constexpr std::size_t patient_csv_rows_max = 10'000;

/// The columns that a file may have, in any order: the fields of a patient, those inside another written with an
/// underscore (consents_calls, caregiver_name, care_team_phone). Needed: patient_id.
std::span<const std::string_view> patient_csv_columns() noexcept;

/// What one row says about one patient: only cells with something in them.
struct PatientRow {
    std::size_t number = 0;  ///< as a spreadsheet counts: the header is row 1
    PatientId patient_id;
    boost::json::object fields;  ///< shaped like the JSON of a patient
};

/// Why a row cannot be taken. Never repeats what the row holds.
struct RowFault {
    std::size_t row = 0;
    std::string field;  ///< the column; empty when the row as a whole is wrong
    std::string detail;
    friend bool operator==(const RowFault&, const RowFault&) = default;
};

struct PatientCsv {
    std::vector<PatientRow> rows;
    std::vector<RowFault> faults;  ///< by row
};

/// Splits and reads the whole file. UTF-8, with or without a byte order mark; lines end with CRLF or LF; empty lines
/// are passed over; medications are separated by ';'; flags are true, false, yes or no. A row at fault does not stop
/// the others. Errors concern the file as a whole: invalid_input (not UTF-8, quotes that do not match, unknown or
/// repeated columns), too_large (more than patient_csv_rows_max rows).
Result<PatientCsv> parse_patient_csv(std::string_view text);

/// The patient that `row` makes of `stored` (nullptr: a new one). An empty cell says nothing: a known patient keeps
/// what is stored, a new one gets the default. The error's field is the column.
Result<Patient> apply_row(const PatientRow& row, const Patient* stored);

}  // namespace carevoice::domain
