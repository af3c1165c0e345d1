#include "simulator/expectations.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace carevoice::simulator {
namespace {

namespace json = boost::json;

class ExpectationsTest : public ::testing::Test {
protected:
    ExpectationsTest() {
        scenario.expect.outcome = "completed";
        scenario.expect.identity_verified = true;
        evidence.status = json::parse(R"({"outcome":"completed","topics":[{"topic":"wound","state":"answered"}],
            "clinical_data":{"identity_verified":true,"pain_score":3},
            "alerts":[]})")
                              .as_object();
        evidence.transcript = json::parse(R"({"turns":[
            {"speaker":"assistant","topic":"identity","text":"Who is speaking?"},
            {"speaker":"patient","topic":"identity","text":"This is Ann Lee, January 2nd 1960."}]})")
                                  .as_object();
        evidence.conversation = {{true, "Hello, who is speaking?", "", {}},
                                 {false, "This is Ann Lee, January second, nineteen sixty.", "identity", {}},
                                 {true, "Thank you. How is your knee? Call 911 in an emergency.", "", {}}};
    }

    void alert(std::string type, std::string severity) {
        json::object entry{{"type", type}, {"severity", severity}, {"channels", json::array{"in_app", "email"}}};
        evidence.status["alerts"].as_array().push_back(std::move(entry));
    }
    std::vector<std::string> check(CheckOptions options = {}) const {
        return check_expectations(scenario, evidence, options);
    }

    Scenario scenario;
    CallEvidence evidence;
};

TEST_F(ExpectationsTest, GoodCallPasses) {
    scenario.expect.must_say = {{"911"}, {"nurse", "emergency"}};
    scenario.expect.must_not_say_before_identity = {"knee"};
    scenario.expect.must_ask = {"identity", "wound"};
    scenario.expect.data = json::parse(R"({"pain_score":3,"wound_signs":[],"temperature_f":null})").as_object();
    EXPECT_EQ(check(), std::vector<std::string>{});
}

TEST_F(ExpectationsTest, NamesEachBrokenFact) {
    scenario.expect.data = json::parse(R"({"pain_score":8,"falls":false})").as_object();
    const auto broken = check();
    ASSERT_EQ(broken.size(), 2U);
    EXPECT_EQ(broken[0], "fact pain_score: wanted 8, stored 3");
    EXPECT_EQ(broken[1], "fact falls: wanted false, stored nothing");
}

TEST_F(ExpectationsTest, MissingWrongAndFalseAlarmsAreTold) {
    scenario.expect.alerts = {{"high_pain", "high", {"high", "urgent"}, {"in_app", "sms"}},
                              {"emergency", "critical", {"critical"}, {}}};
    scenario.expect.optional_alerts = {"patient_concern"};
    alert("high_pain", "low");
    alert("patient_concern", "low");
    alert("wound_problem", "high");
    const auto broken = check();
    ASSERT_EQ(broken.size(), 3U);
    EXPECT_EQ(broken[0], "alert high_pain: wanted high, got low");
    EXPECT_EQ(broken[1], "alert emergency is missing");
    EXPECT_EQ(broken[2], "false alarm: wound_problem (high)");
}

TEST_F(ExpectationsTest, TheHighestOfAlikeAlertsCounts) {
    scenario.expect.alerts = {{"high_pain", "high", {"high"}, {"sms"}}};
    alert("high_pain", "moderate");
    alert("high_pain", "high");
    EXPECT_TRUE(check().empty());
    EXPECT_EQ(check(CheckOptions{.channels = true}), std::vector<std::string>{"alert high_pain did not go to sms"});
}

TEST_F(ExpectationsTest, HealthWordsBeforeIdentityAreBroken) {
    evidence.conversation.front().text = "Hello, how is your knee?";
    scenario.expect.must_not_say_before_identity = {"KNEE"};
    EXPECT_EQ(check(), std::vector<std::string>{"said before identity: KNEE"});
}

TEST_F(ExpectationsTest, ForAStrangerTheWholeCallIsBeforeIdentity) {
    scenario.expect.identity_verified = false;
    evidence.status["clinical_data"] = json::object{};
    scenario.expect.must_not_say_before_identity = {"knee"};
    EXPECT_EQ(check(), std::vector<std::string>{"said before identity: knee"});
}

TEST_F(ExpectationsTest, AMachineKeepsOnlyWhatCameAfterItsBeep) {
    scenario.behaviour.answered_by = WhoAnswers::machine;
    scenario.expect.must_say = {{"911"}};
    EXPECT_EQ(check(), std::vector<std::string>{"never said: 911"});
    evidence.recorded = {"Call 911"};
    EXPECT_TRUE(check().empty());
}

TEST_F(ExpectationsTest, UnaskedQuestionsAreToldUnlessTheyMayBeSkipped) {
    scenario.expect.must_ask = {"fever", "mobility"};
    scenario.expect.may_skip = {"mobility"};
    EXPECT_EQ(check(), std::vector<std::string>{"never asked: fever"});
}

TEST_F(ExpectationsTest, LostWordsOfThePatientAreTold) {
    evidence.conversation.push_back({false, "The wound is red and hot.", "wound", {}});
    EXPECT_EQ(check().size(), 1U);
    scenario.persona.voice = "very quiet";
    EXPECT_TRUE(check().empty());
}

TEST_F(ExpectationsTest, SurvivesAnswersOfAnyShape) {
    scenario.expect.data = json::parse(R"({"a":{"b":1}})").as_object();
    evidence.status = json::parse(R"({"outcome":3,"topics":7,"clinical_data":[],"alerts":[1,{"type":2}]})").as_object();
    evidence.transcript = json::parse(R"({"turns":[null,{"speaker":1}]})").as_object();
    EXPECT_FALSE(check().empty());
}

TEST(FactMatches, ComparesAsPeopleDo) {
    const auto matches = [](const char* wanted, const char* actual) {
        const auto stored = json::parse(actual);
        return fact_matches(json::parse(wanted), &stored);
    };
    EXPECT_TRUE(matches("98.4", "98.44"));
    EXPECT_FALSE(matches("98.4", "98.6"));
    EXPECT_TRUE(matches("\"Sunday\"", "\"sunday\""));
    EXPECT_TRUE(matches(R"(["redness"])", R"(["swelling","redness"])"));
    EXPECT_FALSE(matches(R"(["redness"])", "[]"));
    EXPECT_TRUE(matches("[]", "null"));
    EXPECT_FALSE(matches("[]", R"(["redness"])"));
    EXPECT_FALSE(matches("true", "1"));
}

}  // namespace
}  // namespace carevoice::simulator
