#include "domain/dialogue/summary.h"

#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

/// The alerts of a call as they are stored.
std::vector<Alert> stored(const std::vector<RaisedAlert>& raised) {
    std::vector<Alert> alerts;
    for (const auto& one : raised) {
        auto place = std::ranges::find(alerts, one.type, &Alert::type);
        if (place == alerts.end()) {
            Alert fresh;
            fresh.type = one.type;
            fresh.severity = one.severity;
            place = alerts.insert(alerts.end(), fresh);
        }
        (void)absorb(*place, one, WallTime{});
    }
    return alerts;
}

std::string summary_of(const PlayedCall& call) {
    return test::real_dialogue().summarise(call.state, stored(call.alerts), call.context);
}

TEST(CallSummary, TellsFactsQuotesChangesRefusalsAndTasks) {
    PlayedCall call(test::ruth(), CallType::followup, 1, {4});
    call.context.prior_facts = {
        {"pain_score", 4.0}, {"aid", std::string("walker")}, {"wound_signs", std::vector<std::string>{}}};
    call.context.open_rules = {"W4"};
    call.start_verified();
    for (const auto* answer : {"five", "No, none of that.", "Worse.", "No.", "There's thick yellow pus coming out.",
                               "I'd rather not say.", "I use a cane, no falls."})
        call.say(answer);
    call.take(DialogueEventKind::hung_up);
    const auto summary = summary_of(call);
    EXPECT_THAT(summary, HasSubstr("high: wound problem. \"thick yellow pus coming out\" (W1)"));
    EXPECT_THAT(summary, HasSubstr("pain score 5 (was 4)"));
    EXPECT_THAT(summary, HasSubstr("aid cane (was walker)"));
    EXPECT_THAT(summary, HasSubstr("new wound signs: purulent drainage"));
    EXPECT_THAT(summary, HasSubstr("Still open from the last call: W4."));
    EXPECT_THAT(summary, HasSubstr("Would not say: fever."));
    EXPECT_THAT(summary, HasSubstr("Not asked: bowel"));
    EXPECT_THAT(summary, HasSubstr("To do: look at the alerts today"));
}

TEST(CallSummary, TellsWhatOfALessonIsStillOpen) {
    PlayedCall call(test::ruth(), CallType::education);
    call.start_verified();
    call.say("If I have a fever, or the cut is red. And 911 for the chest.");
    call.say("Only if I have a fever.");
    call.say("Only if I have a fever.");
    const auto summary = summary_of(call);
    EXPECT_THAT(summary, HasSubstr("Teach-back: red flags: incomplete (calf missing)"));
    EXPECT_THAT(summary, HasSubstr("go over red flags"));
    EXPECT_THAT(summary, HasSubstr("call the patient"));
    EXPECT_THAT(summary, Not(HasSubstr("teachback_")));
}

TEST(CallSummary, SaysWhoAnsweredAndWhoWasNotTheOne) {
    auto patient = test::ruth();
    patient.caregiver = Caregiver{"Anna Albrecht", "+15550100300", true};
    PlayedCall call(patient);
    call.start();
    call.say("This is Anna, her daughter. Ruth Albrecht, March fourteenth, fifty-seven.");
    EXPECT_THAT(summary_of(call), HasSubstr("A caregiver answered for the patient."));
    PlayedCall wrong;
    wrong.start();
    wrong.say("You have the wrong number.");
    EXPECT_THAT(summary_of(wrong), HasSubstr("check the phone number"));
    EXPECT_THAT(summary_of(wrong), Not(HasSubstr("caregiver")));
}

TEST(CallSummary, IsTheSameForTheSameCall) {
    PlayedCall first;
    PlayedCall second;
    first.start_verified();
    second.start_verified();
    first.say("nine");
    second.say("nine");
    EXPECT_EQ(summary_of(first), summary_of(second));
}

TEST(Summary, ConsistsOfStatementsThatHoldAllOfIt) {
    const auto statements = dialogue::statements_of(
        "Followup call, day 5 after surgery. Outcome: completed.\n"
        "Alert, high: high pain. \"eight; maybe nine\" (P1)\n"
        "Since the last call: pain score 8 (was 4); aid walker (was cane).\n"
        "Aid: walker; pain score: 8; understated: \"a; b\".\n"
        "To do: look at the alerts today; call the patient.");
    EXPECT_EQ(statements, (std::vector<std::string>{"Followup call, day 5 after surgery. Outcome: completed.",
                                                    "Alert, high: high pain. \"eight; maybe nine\" (P1)",
                                                    "Since the last call: pain score 8 (was 4); aid walker (was cane).",
                                                    "Aid: walker", "pain score: 8", "understated: \"a; b\"",
                                                    "To do: look at the alerts today; call the patient."}));
    EXPECT_TRUE(dialogue::statements_of("").empty());
}

}  // namespace
}  // namespace carevoice::domain
