// The one place that knows how a patient lies in the database. What must be unreadable at rest is turned here.
#pragma once

#include "core/error.h"
#include "domain/patient.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::storage::sql {

struct PatientRow {
    static constexpr std::string_view table = "patients";

    std::string patient_id;
    std::string first_name;
    std::string last_name;
    std::string date_of_birth;
    std::string phone;
    std::string procedure;
    std::string procedure_family;
    std::optional<std::string> surgery_date;
    std::string time_zone;
    std::string language;
    std::string medications;
    long long lives_alone = 0;
    long long consent_calls = 0;
    long long consent_recording = 0;
    long long consent_voicemail = 0;
    std::optional<std::string> caregiver;
    std::optional<std::string> care_team;
    long long opted_out = 0;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("patient_id", row.patient_id);
        visit("first_name", row.first_name);
        visit("last_name", row.last_name);
        visit("date_of_birth", row.date_of_birth);
        visit("phone", row.phone);
        visit("procedure", row.procedure);
        visit("procedure_family", row.procedure_family);
        visit("surgery_date", row.surgery_date);
        visit("time_zone", row.time_zone);
        visit("language", row.language);
        visit("medications", row.medications);
        visit("lives_alone", row.lives_alone);
        visit("consent_calls", row.consent_calls);
        visit("consent_recording", row.consent_recording);
        visit("consent_voicemail", row.consent_voicemail);
        visit("caregiver", row.caregiver);
        visit("care_team", row.care_team);
        visit("opted_out", row.opted_out);
    }
};

PatientRow to_row(const domain::Patient& patient);
/// corrupt when a column breaks its rule.
Result<domain::Patient> to_patient(const PatientRow& row);

}  // namespace carevoice::storage::sql
