// Patients in SQL.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlPatients final : public PatientRepository {
public:
    explicit SqlPatients(Connections& connections) : connections_(connections) {}

    Result<domain::Patient> find(const PatientId& id) override;
    Result<> insert(const domain::Patient& patient) override;
    Result<domain::Patient> update(const PatientId& id, const std::function<void(domain::Patient&)>& change) override;
    Result<> erase(const PatientId& id) override;
    Result<Page<domain::Patient>> list(const PageRequest& page) override;

private:
    Connections& connections_;
};

/// Writes what `record` changes of the patient inside the transaction of `session`; what is empty or false stays as it
/// is.
void apply_wishes(soci::session& session, const std::string& patient_id, const TurnRecord& record);

}  // namespace carevoice::storage::sql
