#include "storage/sql/patients.h"

#include "storage/sql/paging.h"
#include "storage/sql/patient_row.h"
#include "storage/sql/query.h"
#include "storage/sql/recordings.h"
#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

namespace {

Error no_such_patient() {
    return {.code = Errc::not_found, .detail = "no patient has this id", .field = "patient_id"};
}

Result<domain::Patient> load_patient(soci::session& session, const PatientId& id, std::string_view lock) {
    PatientRow row;
    Query query(session, select_sql<PatientRow>("WHERE patient_id = :patient_id") + std::string(lock));
    query.bind("patient_id", id.str()).into_row(row);
    if (!query.next()) return no_such_patient();
    return to_patient(row);
}

}  // namespace

Result<domain::Patient> SqlPatients::find(const PatientId& id) {
    return connections_.read([&](soci::session& session) { return load_patient(session, id, ""); });
}

Result<> SqlPatients::insert(const domain::Patient& patient) {
    Result<> done = connections_.write([&](soci::session& session) -> Result<> {
        Query(session, insert_sql<PatientRow>()).bind_row(to_row(patient)).run();
        return {};
    });
    if (!done && done.error().code == Errc::conflict) {
        return Error{.code = Errc::conflict, .detail = "a patient with this id exists", .field = "patient_id"};
    }
    return done;
}

Result<domain::Patient> SqlPatients::update(const PatientId& id, const std::function<void(domain::Patient&)>& change) {
    return connections_.write([&](soci::session& session) -> Result<domain::Patient> {
        Result<domain::Patient> patient = load_patient(session, id, connections_.dialect().for_update());
        if (!patient) return patient;
        change(*patient);
        patient->patient_id = id;
        Query(session, update_sql<PatientRow>("WHERE patient_id = :patient_id")).bind_row(to_row(*patient)).run();
        return patient;
    });
}

Result<> SqlPatients::erase(const PatientId& id) {
    return connections_.write([&](soci::session& session) -> Result<> {
        // Whoever records a turn takes the call first and then its patient; the other order would block both for good.
        long long one = 0;
        Query calls(session, "SELECT 1 FROM calls WHERE patient_id = :patient_id ORDER BY call_session_id" +
                                 std::string(connections_.dialect().for_update()));
        calls.bind("patient_id", id.str()).into(one);
        while (calls.next()) {
        }
        condemn_recordings(session, id);
        Query query(session, "DELETE FROM patients WHERE patient_id = :patient_id");
        if (query.bind("patient_id", id.str()).run() == 0) return no_such_patient();
        return {};
    });
}

Result<Page<domain::Patient>> SqlPatients::list(const PageRequest& page) {
    if (const auto checked = check_limit(page); !checked) return checked.error();
    const auto after = read_id_cursor(page.cursor);
    if (!after) return after.error();

    return connections_.read([&](soci::session& session) -> Result<Page<domain::Patient>> {
        PatientRow row;
        Query query(session, select_sql<PatientRow>("WHERE patient_id > :after ORDER BY patient_id LIMIT :limit"));
        query.bind("after", *after).bind("limit", page.limit + 1).into_row(row);
        Page<domain::Patient> found;
        while (query.next()) {
            if (found.items.size() == static_cast<std::size_t>(page.limit)) {
                found.cursor = id_cursor(found.items.back().patient_id.str());
                break;
            }
            Result<domain::Patient> patient = to_patient(row);
            if (!patient) return patient.error();
            found.items.push_back(std::move(*patient));
        }
        return found;
    });
}

void apply_wishes(soci::session& session, const std::string& patient_id, const TurnRecord& record) {
    if (record.opt_out) {
        Query(session, "UPDATE patients SET opted_out = 1 WHERE patient_id = :patient_id")
            .bind("patient_id", patient_id)
            .run();
    }
    if (const auto& consents = record.consents) {
        Query(session,
              "UPDATE patients SET consent_calls = :calls, consent_recording = :recording, "
              "consent_voicemail = :voicemail WHERE patient_id = :patient_id")
            .bind("calls", consents->calls)
            .bind("recording", consents->recording)
            .bind("voicemail", consents->voicemail)
            .bind("patient_id", patient_id)
            .run();
    }
    if (record.caregiver) {
        Query(session, "UPDATE patients SET caregiver = :caregiver WHERE patient_id = :patient_id")
            .bind("caregiver", to_json(*record.caregiver))
            .bind("patient_id", patient_id)
            .run();
    }
    if (record.language) {
        Query(session, "UPDATE patients SET language = :language WHERE patient_id = :patient_id")
            .bind("language", *record.language)
            .bind("patient_id", patient_id)
            .run();
    }
}

}  // namespace carevoice::storage::sql
