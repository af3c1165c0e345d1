#include "domain/patient_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

constexpr auto whole = R"({"patient_id":"p-1","first_name":"Ruth","last_name":"Albrecht","date_of_birth":"1957-03-14",
    "phone":"+15550100200","procedure":"total knee replacement","procedure_family":"joint","surgery_date":"2026-11-15",
    "time_zone":"America/Chicago","language":"en","medications":["apixaban","oxycodone"],"lives_alone":true,
    "consents":{"calls":true,"recording":true,"voicemail":false},
    "caregiver":{"name":"Paul","phone":"+15550100201","authorised":true},
    "care_team":{"name":"Ward 3","email":"ward@example.org","phone":"+15550100202"}})";

TEST(PatientJson, ReadsAWholePatientAndWritesItBack) {
    const auto patient = patient_from_json(json::parse(whole));
    ASSERT_TRUE(patient) << patient.error().field;
    EXPECT_EQ(patient->procedure_family, ProcedureFamily::joint);
    EXPECT_TRUE(patient->consents.calls);
    EXPECT_TRUE(patient->caregiver->authorised);
    const auto again = patient_from_json(json::value(to_json(*patient)));
    ASSERT_TRUE(again) << again.error().field;
    EXPECT_EQ(*again, *patient);
}

TEST(PatientJson, NeedsLittle) {
    const auto patient = patient_from_json(json::parse(
        R"({"patient_id":"p","first_name":"A","last_name":"B","date_of_birth":"1980-01-01","phone":"+15550100200",
            "caregiver":null,"surgery_date":null})"));
    ASSERT_TRUE(patient) << patient.error().field;
    EXPECT_EQ(patient->procedure_family, ProcedureFamily::generic);
    EXPECT_FALSE(patient->caregiver);
    EXPECT_EQ(*patient_from_json(json::value(to_json(*patient))), *patient);
}

TEST(PatientJson, NamesTheFieldAtFault) {
    const auto field_of = [](std::string_view name, std::string_view value) {
        auto body = json::parse(whole).as_object();
        body[name] = json::parse(value);
        const auto patient = patient_from_json(body);
        return patient ? std::string("accepted") : patient.error().field;
    };
    EXPECT_EQ(field_of("surprise", "1"), "surprise");
    EXPECT_EQ(field_of("patient_id", "7"), "patient_id");
    EXPECT_EQ(field_of("first_name", "null"), "first_name");
    EXPECT_EQ(field_of("date_of_birth", R"("1957-02-30")"), "date_of_birth");
    EXPECT_EQ(field_of("procedure_family", R"("brain")"), "procedure_family");
    EXPECT_EQ(field_of("medications", R"("aspirin")"), "medications");
    EXPECT_EQ(field_of("medications", "[1]"), "medications");
    EXPECT_EQ(field_of("lives_alone", R"("yes")"), "lives_alone");
    EXPECT_EQ(field_of("consents", R"({"calls":true,"email":true})"), "consents.email");
    EXPECT_EQ(field_of("consents", "[]"), "consents");
    EXPECT_EQ(field_of("caregiver", R"({"name":"Paul"})"), "caregiver.phone");
    EXPECT_EQ(field_of("care_team", R"({"name":"Ward","email":"x"})"), "care_team.email");
    EXPECT_EQ(field_of("phone", R"("555")"), "phone");
    EXPECT_FALSE(patient_from_json(json::parse("[1,2]")));
}

TEST(PatientJson, ListsShowNoContactOrBirthDate) {
    const auto patient = patient_from_json(json::parse(whole));
    const auto text = json::serialize(to_partial_json(*patient));
    EXPECT_EQ(text.find("1957"), std::string::npos);
    EXPECT_EQ(text.find("+1555"), std::string::npos);
    EXPECT_NE(text.find("Albrecht"), std::string::npos);
}

}  // namespace
}  // namespace carevoice::domain
