#include "api/patient_import.h"

#include <optional>
#include <utility>

namespace carevoice::api {

namespace {

/// What became of one row.
struct Taken {
    bool is_new = false;
    std::optional<domain::RowFault> fault = {};
};

domain::RowFault fault_of(const domain::PatientRow& row, const Error& error) {
    return {row.number, error.field, error.detail};
}

/// Changes the patient whom the row names, in one transaction, so that nothing a call stores meanwhile is lost.
Result<Taken> change_patient(storage::Database& database, const domain::PatientRow& row) {
    Taken taken;
    const auto written = database.patients().update(row.patient_id, [&](domain::Patient& stored) {
        taken.fault.reset();
        auto patient = domain::apply_row(row, &stored);
        if (patient.has_value())
            stored = std::move(*patient);
        else
            taken.fault = fault_of(row, patient.error());
    });
    if (written.has_error()) return written.error();
    return taken;
}

Result<Taken> insert_patient(storage::Database& database, const domain::PatientRow& row) {
    const auto patient = domain::apply_row(row, nullptr);
    if (patient.has_error()) return Taken{.fault = fault_of(row, patient.error())};
    const auto inserted = database.patients().insert(*patient);
    if (inserted.has_error()) return inserted.error();
    return Taken{.is_new = true};
}

/// An error is the database's.
Result<> import_row(storage::Database& database, const domain::PatientRow& row, ImportReport& report) {
    auto taken = change_patient(database, row);
    if (taken.has_error() && taken.error().code == Errc::not_found) taken = insert_patient(database, row);
    // Somebody else inserted them in this moment.
    if (taken.has_error() && taken.error().code == Errc::conflict) taken = change_patient(database, row);
    if (taken.has_error()) return taken.error();
    if (taken->fault)
        report.rejected.push_back(std::move(*taken->fault));
    else
        ++(taken->is_new ? report.imported : report.updated);
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
