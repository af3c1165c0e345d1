#include "domain/patient_csv.h"

#include "domain/patient_json.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace carevoice::domain {
namespace {

const std::string small_header = "patient_id,first_name,last_name,date_of_birth,phone\n";
const std::string small_row = "p-1,Ruth,Albrecht,1957-03-14,+14155550101\n";

PatientCsv parsed(std::string_view text) {
    auto csv = parse_patient_csv(text);
    EXPECT_TRUE(csv.has_value()) << csv.error().field << ": " << csv.error().detail;
    return csv.has_value() ? std::move(*csv) : PatientCsv{};
}

Patient only_patient(std::string_view text, const Patient* stored = nullptr) {
    const auto csv = parsed(text);
    EXPECT_EQ(csv.rows.size(), 1U);
    EXPECT_TRUE(csv.faults.empty());
    auto patient = apply_row(csv.rows.at(0), stored);
    EXPECT_TRUE(patient.has_value()) << patient.error().field << ": " << patient.error().detail;
    return patient.has_value() ? std::move(*patient) : Patient{};
}

/// The fault of a file whose header is `header` and whose one row is `row`.
RowFault only_fault(const std::string& header, const std::string& row) {
    const auto csv = parsed(header + "\n" + row + "\n");
    EXPECT_LE(csv.faults.size(), 1U);
    if (!csv.faults.empty()) return csv.faults.front();
    const auto patient = apply_row(csv.rows.at(0), nullptr);
    EXPECT_TRUE(patient.has_error());
    return {csv.rows.at(0).number, patient.error().field, patient.error().detail};
}

TEST(PatientCsv, ReadsEveryColumn) {
    std::string header;
    for (const auto column : patient_csv_columns()) header += (header.empty() ? "" : ",") + std::string(column);
    const auto patient = only_patient(
        header + "\r\n" +
        "p-1,Ruth,\"Albrecht, née \"\"Berg\"\"\",1957-03-14,+14155550101,knee,joint,2026-11-16,America/Chicago,en,"
        "apixaban; oxycodone;,yes,FALSE,true,no,TRUE,Paul,+14155550102,Yes,Ward 3,ward@example.org,+14155550103\r\n");
    EXPECT_EQ(patient.patient_id.str(), "p-1");
    EXPECT_EQ(patient.last_name, "Albrecht, née \"Berg\"");
    EXPECT_EQ(patient.procedure_family, ProcedureFamily::joint);
    EXPECT_EQ(patient.medications, (std::vector<std::string>{"apixaban", "oxycodone"}));
    EXPECT_TRUE(patient.lives_alone);
    EXPECT_FALSE(patient.opted_out);
    EXPECT_EQ(patient.consents, (Consents{.calls = true, .recording = false, .voicemail = true}));
    ASSERT_TRUE(patient.caregiver);
    EXPECT_TRUE(patient.caregiver->authorised);
    EXPECT_EQ(patient.caregiver->phone, "+14155550102");
    ASSERT_TRUE(patient.care_team);
    EXPECT_EQ(patient.care_team->email, "ward@example.org");
}

TEST(PatientCsv, TakesAByteOrderMarkAndEitherLineEndAndNoneAtTheEnd) {
    for (const std::string& text :
         {"\xEF\xBB\xBF" + small_header + small_row, small_header + "\n\r\n" + small_row + "\n",
          small_header + small_row.substr(0, small_row.size() - 1)})
        EXPECT_EQ(only_patient(text).first_name, "Ruth");
}

TEST(PatientCsv, CountsRowsAsASpreadsheetDoesEvenAcrossQuotedLines) {
    const auto csv = parsed("patient_id,procedure\np-1,\"two\nlines\"\n\n,missing\n");
    ASSERT_EQ(csv.faults.size(), 1U);
    EXPECT_EQ(csv.faults[0], (RowFault{4, "patient_id", "Is required."}));
}

TEST(PatientCsv, NamesTheColumnAtFault) {
    const std::string header =
        "patient_id,first_name,last_name,date_of_birth,phone,caregiver_name,caregiver_phone,"
        "medications,lives_alone,procedure_family,time_zone,care_team_email";
    const auto field = [&](const std::string& row) { return only_fault(header, row).field; };
    EXPECT_EQ(field("p 1,A,B,1980-01-01,+14155550101,,,,,,,"), "patient_id");
    EXPECT_EQ(field("p,,B,1980-01-01,+14155550101,,,,,,,"), "first_name");
    EXPECT_EQ(field("p,A,B,01/02/1980,+14155550101,,,,,,,"), "date_of_birth");
    EXPECT_EQ(field("p,A,B,1980-02-30,+14155550101,,,,,,,"), "date_of_birth");
    EXPECT_EQ(field("p,A,B,1980-01-01,415-555-0101,,,,,,,"), "phone");
    EXPECT_EQ(field("p,A,B,1980-01-01,1.41556E+10,,,,,,,"), "phone");  // what a spreadsheet makes of one
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,Paul,,,,,,"), "caregiver_phone");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,+14155550102,,,,,"), "caregiver_name");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,\"a\tb\",,,,"), "medications");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,,maybe,,,"), "lives_alone");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,,,brain,,"), "procedure_family");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,,,,Mars/Base,"), "time_zone");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,,,,,ward@example.org"), "care_team_name");
    EXPECT_EQ(field("p,A,B"), "");
    EXPECT_EQ(field("p,A,B,1980-01-01,+14155550101,,,,,,,,,,"), "");
}

TEST(PatientCsv, AFaultNeverRepeatsWhatTheRowHolds) {
    const auto fault = only_fault("patient_id,first_name,last_name,date_of_birth,phone", "p,Ruth,Albrecht,soon,nope");
    EXPECT_EQ(fault.detail.find("soon"), std::string::npos);
    EXPECT_EQ(fault.detail.find("Ruth"), std::string::npos);
    const auto no_header = parse_patient_csv(small_row);
    ASSERT_TRUE(no_header.has_error());
    EXPECT_EQ(no_header.error().detail.find("p-1"), std::string::npos);
    EXPECT_EQ(no_header.error().field, "");
}

TEST(PatientCsv, OneBadRowDoesNotStopTheOthersAndARepeatIsRefused) {
    const auto csv = parsed(small_header + small_row + "bad row\n" + small_row + "p-2,A,B,1980-01-01,+14155550101\n");
    EXPECT_EQ(csv.rows.size(), 2U);
    ASSERT_EQ(csv.faults.size(), 2U);
    EXPECT_EQ(csv.faults[0].row, 3U);
    EXPECT_EQ(csv.faults[1], (RowFault{4, "patient_id", "The same patient as in row 2."}));
}

TEST(PatientCsv, RefusesAFileThatIsNoneOfOurs) {
    for (const std::string& text :
         {std::string(), std::string("\xEF\xBB\xBF"), std::string("first_name\nRuth\n"),
          std::string("patient_id,patient_id\n"), std::string("patient_id,shoe_size\n"), std::string("\xff\xfe\n"),
          std::string("patient_id\n\xc0\xaf\n"), std::string("patient_id\n\"open\n"), std::string("patient_id\na\"b\n"),
          std::string("patient_id\n\"a\"b\n"), std::string("patient_id\ra\r"), std::string("PK\x03\x04\x00\x00", 6),
          std::string(100'000, ','), std::string("patient_id\n") + std::string(100'001, '"')}) {
        const auto csv = parse_patient_csv(text);
        ASSERT_TRUE(csv.has_error()) << text.substr(0, 40);
        EXPECT_EQ(csv.error().code, Errc::invalid_input);
        EXPECT_FALSE(csv.error().detail.empty());
    }
}

TEST(PatientCsv, TakesTenThousandRowsAndNotOneMore) {
    std::string text = "patient_id\n";
    for (std::size_t i = 0; i < patient_csv_rows_max; ++i) text += "p" + std::to_string(i) + "\n";
    EXPECT_EQ(parsed(text).rows.size(), patient_csv_rows_max);
    EXPECT_EQ(parse_patient_csv(text + "one-more\n").error().code, Errc::too_large);
}

TEST(PatientCsv, AnEmptyCellKeepsWhatIsStored) {
    auto stored = only_patient(
        "patient_id,first_name,last_name,date_of_birth,phone,medications,opted_out,"
        "caregiver_name,caregiver_phone,consents_calls\n"
        "p-1,Ruth,Albrecht,1957-03-14,+14155550101,apixaban,true,Paul,+14155550102,true\n");
    const auto changed = only_patient(
        "patient_id,phone,medications,opted_out,caregiver_name,caregiver_authorised\n"
        "p-1,+14155550199,,,,true\n",
        &stored);
    stored.phone = "+14155550199";
    stored.caregiver->authorised = true;
    EXPECT_EQ(changed, stored);
}

TEST(PatientCsv, FalseInTheAuthorisedColumnMakesNoCaregiver) {
    const auto patient = only_patient(
        "patient_id,first_name,last_name,date_of_birth,phone,caregiver_authorised\n"
        "p-1,Ruth,Albrecht,1957-03-14,+14155550101,FALSE\n");
    EXPECT_FALSE(patient.caregiver);
}

}  // namespace
}  // namespace carevoice::domain
