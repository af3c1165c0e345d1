#include "domain/understanding.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

namespace carevoice::domain {
namespace {

std::optional<Severity> severity(const std::string& said, const UtteranceContext& context, AlertType type) {
    const Understanding heard = shipped_reader().read(said, context);
    const auto found = std::ranges::find(heard.alerts, type, &RaisedAlert::type);
    return found == heard.alerts.end() ? std::nullopt : std::optional(found->severity);
}

UtteranceContext asked(const std::string& question) {
    UtteranceContext context;
    context.question = question;
    return context;
}

TEST(Severity, HedgingLeavesTheRulesFloor) {
    const auto wound = asked("wound");
    EXPECT_EQ(severity("there's a red streak going up my leg", wound, AlertType::wound_problem), Severity::high);
    EXPECT_EQ(severity("there might be a red streak going up", wound, AlertType::wound_problem), Severity::moderate);
}

TEST(Severity, OfAnEmergencyIsNeverHedged) {
    EXPECT_EQ(severity("maybe I kind of have chest pain", asked("breathing"), AlertType::emergency),
              Severity::critical);
}

TEST(Severity, RisesWhenTheSameFindingWasOpenOnTheLastCall) {
    auto wound = asked("wound");
    EXPECT_EQ(severity("it's hot around the incision", wound, AlertType::wound_problem), Severity::moderate);
    wound.open_rules = {"W3"};
    EXPECT_EQ(severity("it's hot around the incision", wound, AlertType::wound_problem), Severity::high);
    wound.open_rules = {"P1"};
    EXPECT_EQ(severity("it's hot around the incision", wound, AlertType::wound_problem), Severity::moderate);
}

TEST(Severity, RisesForOldPeopleWhoLiveAlone) {
    auto mobility = asked("mobility");
    mobility.age = 81;
    EXPECT_EQ(severity("my knee buckles", mobility, AlertType::mobility_issue), Severity::moderate);
    mobility.lives_alone = true;
    EXPECT_EQ(severity("my knee buckles", mobility, AlertType::mobility_issue), Severity::high);
    mobility.age = 60;
    EXPECT_EQ(severity("my knee buckles", mobility, AlertType::mobility_issue), Severity::moderate);
}

TEST(Severity, RisesForBleedingOnABloodThinner) {
    auto wound = asked("wound");
    EXPECT_EQ(severity("the incision bled a lot", wound, AlertType::wound_problem), Severity::high);
    wound.medications = {"Eliquis 5 mg", "apixaban"};
    EXPECT_EQ(severity("the incision bled a lot", wound, AlertType::wound_problem), Severity::urgent);
}

TEST(Severity, OnlyEmergenciesAreCritical) {
    auto wound = asked("wound");
    wound.open_rules = {"W5"};
    EXPECT_EQ(severity("the incision won't stop bleeding", wound, AlertType::wound_problem), Severity::urgent);
}

TEST(Milestones, BehindOneIsWorthANote) {
    auto mobility = asked("mobility");
    mobility.family = ProcedureFamily::joint;
    mobility.post_operative_day = 50;
    EXPECT_EQ(severity("still on the walker", mobility, AlertType::mobility_issue), Severity::low);
    mobility.post_operative_day = 5;
    EXPECT_EQ(severity("still on the walker", mobility, AlertType::mobility_issue), std::nullopt);
    mobility.family = ProcedureFamily::abdominal;
    mobility.post_operative_day = 9;
    EXPECT_EQ(severity("I haven't been walking, mostly in my chair", mobility, AlertType::mobility_issue),
              Severity::low);
}

}  // namespace
}  // namespace carevoice::domain
