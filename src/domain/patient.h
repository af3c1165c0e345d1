// The patient as the hospital gave them to us. A value; nothing here may be logged.
#pragma once

#include "core/error.h"
#include "core/ids.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

/// Decides the family-specific questions and the rules that apply (clinical.md section 3).
enum class ProcedureFamily { joint, abdominal, cardiac, generic };
std::string_view to_string(ProcedureFamily family) noexcept;
std::optional<ProcedureFamily> parse_procedure_family(std::string_view text) noexcept;

struct Consents {
    bool calls = false;
    bool recording = false;
    bool voicemail = false;
    friend bool operator==(const Consents&, const Consents&) = default;
};

struct Caregiver {
    std::string name;
    std::string phone;        ///< E.164
    bool authorised = false;  ///< may hear health content (45 CFR 164.510(b))
    friend bool operator==(const Caregiver&, const Caregiver&) = default;
};

struct CareTeam {
    std::string name;
    std::string email;
    std::string phone;  ///< E.164
    friend bool operator==(const CareTeam&, const CareTeam&) = default;
};

struct Patient {
    PatientId patient_id;
    std::string first_name;
    std::string last_name;
    std::chrono::year_month_day date_of_birth{};
    std::string phone;      ///< E.164
    std::string procedure;  ///< in words: "total knee replacement"
    ProcedureFamily procedure_family = ProcedureFamily::generic;
    std::optional<std::chrono::year_month_day> surgery_date;
    std::string time_zone;  ///< IANA name: "America/Chicago"
    std::string language = "en";
    std::vector<std::string> medications;
    bool lives_alone = false;
    Consents consents;
    std::optional<Caregiver> caregiver;
    std::optional<CareTeam> care_team;
    bool opted_out = false;  ///< said "stop calling me"; only a new enrollment by staff clears it
    friend bool operator==(const Patient&, const Patient&) = default;
};

/// Holds every rule on a patient's fields (required names, real dates, E.164 phones, known time zone, sizes).
/// Errc::invalid_input naming the first field at fault.
Result<> validate(const Patient& patient);

/// Whole days from surgery to `today`; negative before the operation; nullopt when no surgery date is known.
std::optional<int> post_operative_day(const Patient& patient, std::chrono::year_month_day today);
/// Whole years on `today`; nullopt when the date of birth is no date or lies ahead.
std::optional<int> age_in_years(const Patient& patient, std::chrono::year_month_day today);

}  // namespace carevoice::domain
