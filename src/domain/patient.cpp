#include "domain/patient.h"

#include "core/text.h"
#include "domain/time_zone.h"

#include <algorithm>
#include <cctype>

namespace carevoice::domain {
namespace {

using std::chrono::year;

constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t text_bytes_max = 200;
constexpr std::size_t medications_max = 100;

Error fault(std::string field, std::string detail) {
    return Error{.code = Errc::invalid_input, .detail = std::move(detail), .field = std::move(field)};
}

bool is_plain_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max || !is_valid_utf8(text)) return false;
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_name(std::string_view text, std::size_t bytes_max) {
    return !trim(text).empty() && is_plain_text(text, bytes_max);
}

/// "en", "es", "en-US": a primary tag of two or three letters and short subtags (BCP 47).
bool is_language(std::string_view text) {
    if (text.size() < 2 || text.size() > 20) return false;
    const auto dash = text.find('-');
    const auto primary = text.substr(0, dash);
    const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    const auto letter_or_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; };
    return primary.size() >= 2 && primary.size() <= 3 && std::ranges::all_of(primary, letter) &&
           std::ranges::all_of(text, letter_or_digit) && text.back() != '-';
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return is_plain_text(text, text_bytes_max) && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos && text.find(' ') == std::string_view::npos;
}

Result<> check_person(const Patient& patient) {
    if (!is_valid_public_id(patient.patient_id.str()))
        return fault("patient_id", "Must be 1 to 64 letters, digits or . _ - :");
    if (!is_name(patient.first_name, name_bytes_max)) return fault("first_name", "Must be a name of 1 to 100 bytes.");
    if (!is_name(patient.last_name, name_bytes_max)) return fault("last_name", "Must be a name of 1 to 100 bytes.");
    if (!patient.date_of_birth.ok() || patient.date_of_birth.year() < year{1900} ||
        patient.date_of_birth.year() > year{2100})
        return fault("date_of_birth", "Must be a real day from 1900 on.");
    if (!is_e164(patient.phone)) return fault("phone", "Must be a telephone number in E.164 form.");
    if (!patient.time_zone.empty() && !is_known_time_zone(patient.time_zone))
        return fault("time_zone", "Must be a time zone name of the IANA database.");
    if (!is_language(patient.language)) return fault("language", "Must be a language tag such as \"en\".");
    return {};
}

Result<> check_treatment(const Patient& patient) {
    if (!is_plain_text(patient.procedure, text_bytes_max))
        return fault("procedure", "Must be text of at most 200 bytes.");
    if (patient.surgery_date && (!patient.surgery_date->ok() || *patient.surgery_date < patient.date_of_birth ||
                                 patient.surgery_date->year() > year{2100}))
        return fault("surgery_date", "Must be a real day after the date of birth.");
    if (patient.medications.size() > medications_max) return fault("medications", "Must be at most 100 names.");
    for (std::size_t i = 0; i < patient.medications.size(); ++i)
        if (!is_name(patient.medications[i], text_bytes_max))
            return fault("medications[" + std::to_string(i) + "]", "Must be a name of 1 to 200 bytes.");
    return {};
}

Result<> check_contacts(const Patient& patient) {
    if (patient.caregiver) {
        if (!is_name(patient.caregiver->name, name_bytes_max))
            return fault("caregiver.name", "Must be a name of 1 to 100 bytes.");
        if (!is_e164(patient.caregiver->phone))
            return fault("caregiver.phone", "Must be a telephone number in E.164 form.");
    }
    if (patient.care_team) {
        if (!is_name(patient.care_team->name, name_bytes_max))
            return fault("care_team.name", "Must be a name of 1 to 100 bytes.");
        if (!patient.care_team->email.empty() && !is_email(patient.care_team->email))
            return fault("care_team.email", "Must be an e-mail address.");
        if (!patient.care_team->phone.empty() && !is_e164(patient.care_team->phone))
            return fault("care_team.phone", "Must be a telephone number in E.164 form.");
    }
    return {};
}

}  // namespace

std::string_view to_string(ProcedureFamily family) noexcept {
    switch (family) {
        case ProcedureFamily::joint: return "joint";
        case ProcedureFamily::abdominal: return "abdominal";
        case ProcedureFamily::cardiac: return "cardiac";
        case ProcedureFamily::generic: return "generic";
    }
    return "?";
}

std::optional<ProcedureFamily> parse_procedure_family(std::string_view text) noexcept {
    for (const auto family :
         {ProcedureFamily::joint, ProcedureFamily::abdominal, ProcedureFamily::cardiac, ProcedureFamily::generic})
        if (to_string(family) == text) return family;
    return std::nullopt;
}

Result<> validate(const Patient& patient) {
    if (auto checked = check_person(patient); !checked) return checked;
    if (auto checked = check_treatment(patient); !checked) return checked;
    return check_contacts(patient);
}

std::optional<int> post_operative_day(const Patient& patient, std::chrono::year_month_day today) {
    if (!patient.surgery_date || !patient.surgery_date->ok() || !today.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days{today} - std::chrono::sys_days{*patient.surgery_date};
    return static_cast<int>(days.count());
}

std::optional<int> age_in_years(const Patient& patient, std::chrono::year_month_day today) {
    const auto born = patient.date_of_birth;
    if (!born.ok() || !today.ok() || born > today) return std::nullopt;
    const bool had_birthday =
        today.month() > born.month() || (today.month() == born.month() && today.day() >= born.day());
    return static_cast<int>(today.year()) - static_cast<int>(born.year()) - (had_birthday ? 0 : 1);
}

}  // namespace carevoice::domain
