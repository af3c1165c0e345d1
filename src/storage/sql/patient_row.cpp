#include "storage/sql/patient_row.h"

#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

PatientRow to_row(const domain::Patient& patient) {
    PatientRow row;
    row.patient_id = patient.patient_id.str();
    row.first_name = patient.first_name;
    row.last_name = patient.last_name;
    row.date_of_birth = format_date(patient.date_of_birth);
    row.phone = patient.phone;
    row.procedure = patient.procedure;
    row.procedure_family = to_string(patient.procedure_family);
    if (patient.surgery_date) row.surgery_date = format_date(*patient.surgery_date);
    row.time_zone = patient.time_zone;
    row.language = patient.language;
    row.medications = to_json(patient.medications);
    row.lives_alone = patient.lives_alone ? 1 : 0;
    row.consent_calls = patient.consents.calls ? 1 : 0;
    row.consent_recording = patient.consents.recording ? 1 : 0;
    row.consent_voicemail = patient.consents.voicemail ? 1 : 0;
    if (patient.caregiver) row.caregiver = to_json(*patient.caregiver);
    if (patient.care_team) row.care_team = to_json(*patient.care_team);
    row.opted_out = patient.opted_out ? 1 : 0;
    return row;
}

Result<domain::Patient> to_patient(const PatientRow& row) {
    RowCheck check("patients");
    domain::Patient patient;
    patient.patient_id = PatientId(row.patient_id);
    patient.first_name = row.first_name;
    patient.last_name = row.last_name;
    patient.date_of_birth = check.take("date_of_birth", to_date(row.date_of_birth));
    patient.phone = row.phone;
    patient.procedure = row.procedure;
    patient.procedure_family = check.take("procedure_family", domain::parse_procedure_family(row.procedure_family));
    if (row.surgery_date) patient.surgery_date = check.take("surgery_date", to_date(*row.surgery_date));
    patient.time_zone = row.time_zone;
    patient.language = row.language;
    patient.medications = check.take("medications", words_from_json(row.medications));
    patient.lives_alone = row.lives_alone != 0;
    patient.consents.calls = row.consent_calls != 0;
    patient.consents.recording = row.consent_recording != 0;
    patient.consents.voicemail = row.consent_voicemail != 0;
    if (row.caregiver) patient.caregiver = check.take("caregiver", caregiver_from_json(*row.caregiver));
    if (row.care_team) patient.care_team = check.take("care_team", care_team_from_json(*row.care_team));
    patient.opted_out = row.opted_out != 0;
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return patient;
}

}  // namespace carevoice::storage::sql
