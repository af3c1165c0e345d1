#include "domain/patient.h"

#include <gtest/gtest.h>

#include <functional>

namespace carevoice::domain {
namespace {

using std::chrono::year;

Patient good() {
    Patient patient;
    patient.patient_id = PatientId("p-1");
    patient.first_name = "Ruth";
    patient.last_name = "Albrecht";
    patient.date_of_birth = year{1957} / 3 / 14;
    patient.phone = "+15550100200";
    patient.surgery_date = year{2026} / 11 / 15;
    patient.time_zone = "America/Chicago";
    patient.medications = {"apixaban"};
    patient.caregiver = Caregiver{"Paul", "+15550100201", true};
    patient.care_team = CareTeam{"Ward 3", "ward@example.org", "+15550100202"};
    return patient;
}

TEST(Patient, IsAcceptedWhenEverythingHolds) {
    EXPECT_TRUE(validate(good()));
}

TEST(Patient, NamesTheFieldAtFault) {
    const std::vector<std::pair<std::string, std::function<void(Patient&)>>> faults{
        {"patient_id", [](Patient& p) { p.patient_id = PatientId("no spaces"); }},
        {"first_name", [](Patient& p) { p.first_name = "  "; }},
        {"first_name", [](Patient& p) { p.first_name = "Ruth\n"; }},
        {"last_name", [](Patient& p) { p.last_name = std::string(101, 'x'); }},
        {"last_name", [](Patient& p) { p.last_name = "\xff\xfe"; }},
        {"date_of_birth", [](Patient& p) { p.date_of_birth = year{1957} / 2 / 30; }},
        {"date_of_birth", [](Patient& p) { p.date_of_birth = year{1857} / 2 / 3; }},
        {"phone", [](Patient& p) { p.phone = "555-0142"; }},
        {"time_zone", [](Patient& p) { p.time_zone = "America/Nowhere"; }},
        {"time_zone", [](Patient& p) { p.time_zone = "America/Chicago America/Denver"; }},
        {"language", [](Patient& p) { p.language = "english please"; }},
        {"procedure", [](Patient& p) { p.procedure = std::string(201, 'x'); }},
        {"surgery_date", [](Patient& p) { p.surgery_date = year{1950} / 1 / 1; }},
        {"medications[1]",
         [](Patient& p) {
             p.medications = {"aspirin", ""};
         }},
        {"caregiver.phone", [](Patient& p) { p.caregiver->phone = "none"; }},
        {"care_team.email", [](Patient& p) { p.care_team->email = "nobody"; }},
    };
    for (const auto& [field, spoil] : faults) {
        auto patient = good();
        spoil(patient);
        const auto checked = validate(patient);
        ASSERT_FALSE(checked) << field;
        EXPECT_EQ(checked.error().code, Errc::invalid_input);
        EXPECT_EQ(checked.error().field, field);
    }
}

TEST(PostOperativeDay, CountsWholeDaysAndIsNegativeBefore) {
    auto patient = good();
    EXPECT_EQ(post_operative_day(patient, year{2026} / 11 / 22), 7);
    EXPECT_EQ(post_operative_day(patient, year{2026} / 11 / 15), 0);
    EXPECT_EQ(post_operative_day(patient, year{2026} / 11 / 8), -7);
    EXPECT_EQ(post_operative_day(patient, year{2027} / 1 / 1), 47);
    patient.surgery_date.reset();
    EXPECT_EQ(post_operative_day(patient, year{2026} / 11 / 22), std::nullopt);
}

TEST(PatientAge, CountsWholeYears) {
    using namespace std::chrono;
    Patient patient;
    patient.date_of_birth = year{1950} / 11 / 22;
    EXPECT_EQ(age_in_years(patient, year{2026} / 11 / 21), 75);
    EXPECT_EQ(age_in_years(patient, year{2026} / 11 / 22), 76);
    EXPECT_EQ(age_in_years(patient, year{1940} / 1 / 1), std::nullopt);
    patient.date_of_birth = year{1948} / 2 / 29;
    EXPECT_EQ(age_in_years(patient, year{2026} / 2 / 28), 77);
    EXPECT_EQ(age_in_years(patient, year{2026} / 3 / 1), 78);
    patient.date_of_birth = {};
    EXPECT_EQ(age_in_years(patient, year{2026} / 3 / 1), std::nullopt);
}

}  // namespace
}  // namespace carevoice::domain
