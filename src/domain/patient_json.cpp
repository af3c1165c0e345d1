#include "domain/patient_json.h"

#include "core/time.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

Error fault(std::string field, std::string detail) {
    return Error{.code = Errc::invalid_input, .detail = std::move(detail), .field = std::move(field)};
}

/// Reads the fields of one object, remembers the first fault, and in the end refuses fields that nobody asked for.
class ObjectReader {
public:
    ObjectReader(const json::object& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {}

    void text(std::string_view name, std::string& out, bool required = false) {
        if (const auto* value = find(name, required)) {
            if (const auto* string = value->if_string())
                out.assign(string->begin(), string->end());
            else
                fail(name, "Must be a string.");
        }
    }

    void flag(std::string_view name, bool& out) {
        if (const auto* value = find(name, false)) {
            if (const auto* flag = value->if_bool())
                out = *flag;
            else
                fail(name, "Must be true or false.");
        }
    }

    void date(std::string_view name, std::optional<std::chrono::year_month_day>& out, bool required = false) {
        std::string text_value;
        const auto* value = find(name, required);
        if (value == nullptr) return;
        text(name, text_value, required);
        if (auto parsed = parse_date(text_value))
            out = *parsed;
        else
            fail(name, "Must be a date as YYYY-MM-DD.");
    }

    void texts(std::string_view name, std::vector<std::string>& out) {
        const auto* value = find(name, false);
        if (value == nullptr) return;
        const auto* array = value->if_array();
        if (array == nullptr) return fail(name, "Must be a list of strings.");
        for (const auto& entry : *array) {
            const auto* string = entry.if_string();
            if (string == nullptr) return fail(name, "Must be a list of strings.");
            out.emplace_back(string->begin(), string->end());
        }
    }

    /// nullptr when missing or null.
    const json::object* object(std::string_view name) {
        const auto* value = find(name, false);
        if (value == nullptr) return nullptr;
        if (!value->is_object()) fail(name, "Must be an object.");
        return value->if_object();
    }

    void fail(std::string_view name, std::string_view detail) {
        if (!error_) error_ = fault(prefix_ + std::string(name), std::string(detail));
    }

    std::optional<Error> finish() {
        for (const auto& member : object_)
            if (std::ranges::find(known_, std::string_view(member.key())) == known_.end())
                fail(member.key(), "Is not a field of a patient.");
        return error_;
    }

private:
    const json::value* find(std::string_view name, bool required) {
        known_.push_back(name);
        const auto* value = object_.if_contains(name);
        if (value != nullptr && !value->is_null()) return value;
        if (required) fail(name, "Is required.");
        return nullptr;
    }

    const json::object& object_;
    std::string prefix_;
    std::vector<std::string_view> known_;
    std::optional<Error> error_;
};

std::optional<Error> read_consents(const json::object* object, Consents& out) {
    if (object == nullptr) return std::nullopt;
    ObjectReader reader(*object, "consents.");
    reader.flag("calls", out.calls);
    reader.flag("recording", out.recording);
    reader.flag("voicemail", out.voicemail);
    return reader.finish();
}

std::optional<Error> read_caregiver(const json::object* object, std::optional<Caregiver>& out) {
    if (object == nullptr) return std::nullopt;
    ObjectReader reader(*object, "caregiver.");
    Caregiver caregiver;
    reader.text("name", caregiver.name, true);
    reader.text("phone", caregiver.phone, true);
    reader.flag("authorised", caregiver.authorised);
    out = std::move(caregiver);
    return reader.finish();
}

std::optional<Error> read_care_team(const json::object* object, std::optional<CareTeam>& out) {
    if (object == nullptr) return std::nullopt;
    ObjectReader reader(*object, "care_team.");
    CareTeam team;
    reader.text("name", team.name, true);
    reader.text("email", team.email);
    reader.text("phone", team.phone);
    out = std::move(team);
    return reader.finish();
}

json::array to_array(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts) out.emplace_back(text);
    return out;
}

json::value date_or_null(const std::optional<std::chrono::year_month_day>& date) {
    if (!date) return nullptr;
    return json::value(format_date(*date));
}

}  // namespace

Result<Patient> patient_from_json(const json::value& body) {
    const auto* object = body.if_object();
    if (object == nullptr) return fault("", "The body must be a JSON object.");
    Patient patient;
    ObjectReader reader(*object, "");
    std::string id;
    std::string family = "generic";
    std::optional<std::chrono::year_month_day> birth;
    reader.text("patient_id", id, true);
    reader.text("first_name", patient.first_name, true);
    reader.text("last_name", patient.last_name, true);
    reader.date("date_of_birth", birth, true);
    reader.text("phone", patient.phone, true);
    reader.text("procedure", patient.procedure);
    reader.text("procedure_family", family);
    reader.date("surgery_date", patient.surgery_date);
    reader.text("time_zone", patient.time_zone);
    reader.text("language", patient.language);
    reader.texts("medications", patient.medications);
    reader.flag("lives_alone", patient.lives_alone);
    reader.flag("opted_out", patient.opted_out);
    const auto* consents = reader.object("consents");
    const auto* caregiver = reader.object("caregiver");
    const auto* care_team = reader.object("care_team");
    const auto parsed_family = parse_procedure_family(family);
    if (!parsed_family) reader.fail("procedure_family", "Must be joint, abdominal, cardiac or generic.");
    if (auto error = reader.finish()) return *error;
    if (auto error = read_consents(consents, patient.consents)) return *error;
    if (auto error = read_caregiver(caregiver, patient.caregiver)) return *error;
    if (auto error = read_care_team(care_team, patient.care_team)) return *error;
    patient.patient_id = PatientId(std::move(id));
    patient.date_of_birth = *birth;
    patient.procedure_family = *parsed_family;
    if (auto checked = validate(patient); !checked) return checked.error();
    return patient;
}

json::object to_json(const Patient& patient) {
    json::object out{{"patient_id", patient.patient_id.str()},
                     {"first_name", patient.first_name},
                     {"last_name", patient.last_name},
                     {"date_of_birth", format_date(patient.date_of_birth)},
                     {"phone", patient.phone},
                     {"procedure", patient.procedure},
                     {"procedure_family", to_string(patient.procedure_family)},
                     {"surgery_date", date_or_null(patient.surgery_date)},
                     {"time_zone", patient.time_zone},
                     {"language", patient.language},
                     {"medications", to_array(patient.medications)},
                     {"lives_alone", patient.lives_alone},
                     {"consents",
                      {{"calls", patient.consents.calls},
                       {"recording", patient.consents.recording},
                       {"voicemail", patient.consents.voicemail}}},
                     {"opted_out", patient.opted_out}};
    if (const auto& caregiver = patient.caregiver)
        out["caregiver"] = {
            {"name", caregiver->name}, {"phone", caregiver->phone}, {"authorised", caregiver->authorised}};
    if (const auto& team = patient.care_team)
        out["care_team"] = {{"name", team->name}, {"email", team->email}, {"phone", team->phone}};
    return out;
}

json::object to_partial_json(const Patient& patient) {
    return {{"patient_id", patient.patient_id.str()},
            {"first_name", patient.first_name},
            {"last_name", patient.last_name},
            {"procedure", patient.procedure},
            {"procedure_family", to_string(patient.procedure_family)},
            {"surgery_date", date_or_null(patient.surgery_date)},
            {"opted_out", patient.opted_out}};
}

}  // namespace carevoice::domain
