#include "simulator/scenario.h"

#include "simulator/answer_book.h"
#include "simulator/patient_record.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace carevoice::simulator {
namespace {

constexpr const char* minimal = R"({"scenarios":[{"id":"a","title":"A","call_type":"followup",
  "persona":{"first_name":"Ann","last_name":"Lee","dob":"1960-01-02","lives":"alone"},
  "procedure":{"name":"hip","family":"joint","post_op_day":3},"medications":["x"],
  "behaviour":{"silent_on":["fever"],"hangs_up_after":null},
  "answers":{"pain":["one","two"],"fever":["none"]},"default":["what"],
  "expect":{"outcome":"completed","identity_verified":true,"data":{},"alerts":[],"must_say":["a",["b","c"]]}}]})";

std::string place_of_fault(std::string text) {
    const auto file = parse_scenarios(text);
    return file ? "none" : file.error().field;
}

std::string replaced(std::string_view from, std::string_view to) {
    std::string text = minimal;
    return text.replace(text.find(from), from.size(), to);
}

TEST(Scenario, ReadsTheFileOfTheRepository) {
    const auto file = load_scenarios(std::string(CAREVOICE_SOURCE_DIR) + "/scenarios/call-scenarios.json");
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_GE(file->scenarios.size(), 12U);
    EXPECT_EQ(file->channels_of_severity.at("critical").size(), 4U);
    for (const auto& scenario : file->scenarios) EXPECT_FALSE(scenario.answers.empty()) << scenario.id;
}

TEST(Scenario, ReadsEachPart) {
    const auto file = parse_scenarios(minimal);
    ASSERT_TRUE(file) << file.error().detail;
    const auto& scenario = file->scenarios.front();
    EXPECT_TRUE(scenario.persona.lives_alone);
    EXPECT_EQ(scenario.behaviour.answered_by, WhoAnswers::patient);
    EXPECT_EQ(scenario.expect.must_say.size(), 2U);
    EXPECT_EQ(scenario.expect.must_say[1].size(), 2U);
}

TEST(Scenario, NamesThePlaceOfAFault) {
    EXPECT_EQ(place_of_fault("{}"), "scenarios");
    EXPECT_EQ(place_of_fault(replaced(R"("id":"a",)", "")), "scenarios[0].id");
    EXPECT_EQ(place_of_fault(replaced(R"(["one","two"])", "3")), "scenarios[0].answers.pain");
    EXPECT_EQ(place_of_fault(replaced(R"("post_op_day":3)", R"("post_op_day":"x")")),
              "scenarios[0].procedure.post_op_day");
    EXPECT_EQ(place_of_fault(replaced(R"("alerts":[])", R"("alerts":[{"type":1}])")),
              "scenarios[0].expect.alerts[0].type");
    EXPECT_FALSE(parse_scenarios("{"));
    EXPECT_EQ(load_scenarios("/nowhere.json").error().code, Errc::not_found);
}

TEST(AnswerBook, TakesTheNextAlternativeWhenAskedAgain) {
    const auto scenario = std::make_shared<const Scenario>(parse_scenarios(minimal)->scenarios.front());
    SeededRandom random(3);
    AnswerBook book(scenario, random);
    const auto first = book.next("pain");
    const auto second = book.next("pain");
    EXPECT_NE(first, second);
    EXPECT_EQ(book.next("pain"), first);
    EXPECT_EQ(book.next("shoes"), "what");
    EXPECT_EQ(book.next("fever"), "");
}

TEST(PatientRecord, CountsBackToTheOperation) {
    const auto scenario = parse_scenarios(minimal)->scenarios.front();
    // Three in the morning in London is the evening before in Chicago.
    const auto now = parse_rfc3339("2026-11-22T03:00:00Z").value();
    const auto record = patient_record(scenario, "+15555550101", now);
    EXPECT_EQ(record.at("surgery_date"), "2026-11-18");
    EXPECT_EQ(record.at("phone"), "+15555550101");
    EXPECT_EQ(record.at("lives_alone"), true);
    EXPECT_EQ(record.at("consents").at("calls"), true);
}

}  // namespace
}  // namespace carevoice::simulator
