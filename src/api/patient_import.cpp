#include "api/patient_import.h"

#include <utility>

namespace carevoice::api {

namespace {

/// Takes one row into `report`; an error is the database's.
Result<> import_row(storage::Database& database, const domain::PatientRow& row, ImportReport& report) {
    const auto stored = database.patients().find(row.patient_id);
    const bool is_new = stored.has_error() && stored.error().code == Errc::not_found;
    if (stored.has_error() && !is_new) return stored.error();
    const auto patient = domain::apply_row(row, is_new ? nullptr : &*stored);
    if (patient.has_error()) {
        report.rejected.push_back({row.number, patient.error().field, patient.error().detail});
        return {};
    }
    const bool is_changed = is_new || *patient != *stored;
    if (is_changed) {
        const auto written = is_new ? database.patients().insert(*patient) : database.patients().update(*patient);
        if (written.has_error()) {
            const auto code = written.error().code;
            if (code != Errc::conflict && code != Errc::not_found) return written.error();
            report.rejected.push_back({row.number, "patient_id", "Somebody changed it in this moment; send it again."});
            return {};
        }
    }
    ++(is_new ? report.imported : report.updated);
    return {};
}

}  // namespace

void ImportReport::add(ImportReport part) {
    imported += part.imported;
    updated += part.updated;
    rejected.insert(rejected.end(), std::make_move_iterator(part.rejected.begin()),
                    std::make_move_iterator(part.rejected.end()));
}

Result<ImportReport> import_patients(storage::Database& database, std::span<const domain::PatientRow> rows) {
    ImportReport report;
    for (const auto& row : rows)
        if (const auto taken = import_row(database, row, report); taken.has_error()) return taken.error();
    return report;
}

}  // namespace carevoice::api
