#include "domain/dialogue.h"
#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<ConceptFinding> chest = {{"chest_breath", Reader::semantic, 0.9, "the old thing again"}};
constexpr const char* figure = "The old thing is at it again.";

bool raised_emergency(const PlayedCall& call) {
    return std::ranges::any_of(call.alerts, [](const auto& a) { return a.type == AlertType::emergency; });
}

TEST(EmergencyCheck, RaisesTheAlertAtOnceAndAsksOnePlainQuestion) {
    PlayedCall call;
    call.start_verified();
    const auto& move = call.say(figure, chest);
    EXPECT_TRUE(raised_emergency(call));
    EXPECT_THAT(move.speak, HasSubstr("chest pain or trouble breathing"));
    EXPECT_THAT(move.speak, Not(HasSubstr("911")));
    EXPECT_EQ(move.expects, AnswerKind::yes_no);
    EXPECT_FALSE(move.end_call);
}

TEST(EmergencyCheck, AYesASilenceOrOtherWordsBringTheEmergencyWords) {
    for (const char* answer : {"Yes.", "I don't know.", "", "Kind of, yeah.", "What?"}) {
        PlayedCall call;
        call.start_verified();
        call.say(figure, chest);
        const auto& move = *answer == '\0' ? call.take(DialogueEventKind::silence) : call.say(answer);
        EXPECT_THAT(move.speak, HasSubstr("call 911")) << answer;
        EXPECT_TRUE(move.end_call) << answer;
        EXPECT_EQ(call.state.outcome, CallOutcome::escalated) << answer;
    }
}

TEST(EmergencyCheck, AClearNoGoesOnWithTheSameQuestionAndKeepsTheAlert) {
    PlayedCall call;
    call.start_verified();
    const std::string topic = call.state.topic;
    call.say(figure, chest);
    const auto& move = call.say("No.");
    EXPECT_THAT(move.speak, Not(HasSubstr("911")));
    EXPECT_EQ(move.topic, topic);
    EXPECT_FALSE(call.state.emergency_spoken);
    EXPECT_EQ(call.state.raised.at("emergency"), "critical");
}

TEST(EmergencyCheck, TheThingItselfDeniedIsANo) {
    PlayedCall call;
    call.start_verified();
    call.say(figure, chest);
    EXPECT_THAT(call.say("There's no chest pain and my breathing is fine.").speak, Not(HasSubstr("911")));
    EXPECT_FALSE(call.state.emergency_spoken);
}

TEST(EmergencyCheck, AnAnswerGivenInTheSameWordsIsNotAskedForAgain) {
    PlayedCall call;
    call.start_verified();
    ASSERT_EQ(call.state.topic, "pain_score");
    call.say("A three, but the old thing is at it again.", chest);
    call.say("No, not at all.");
    EXPECT_NE(call.state.topic, "pain_score");
    EXPECT_EQ(call.state.asked.at("pain_score"), 1);
}

TEST(EmergencyCheck, IsAskedOnceForEachConcept) {
    PlayedCall call;
    call.start_verified();
    call.say(figure, chest);
    call.say("No.");
    const auto& again = call.say(figure, chest);
    EXPECT_THAT(again.speak, Not(HasSubstr("chest pain or trouble breathing right now")));
    EXPECT_THAT(again.speak, Not(HasSubstr("911")));
}

TEST(EmergencyCheck, AKeyAnswersIt) {
    PlayedCall call;
    call.start_verified();
    call.say(figure, chest);
    EXPECT_THAT(call.take(DialogueEventKind::key, "1").speak, HasSubstr("call 911"));
}

TEST(EmergencyCheck, AHangUpBeforeTheAnswerIsAnEscalation) {
    PlayedCall call;
    call.start_verified();
    call.say(figure, chest);
    call.take(DialogueEventKind::hung_up);
    EXPECT_EQ(call.state.outcome, CallOutcome::escalated);
}

TEST(EmergencyCheck, SaysNoHealthWordBeforeIdentity) {
    PlayedCall call;
    call.start();
    const auto& move = call.say(figure, chest);
    EXPECT_THAT(move.speak, HasSubstr("Do you need help right now"));
    EXPECT_THAT(move.speak, Not(HasSubstr("chest")));
    EXPECT_THAT(call.say("Yes, please.").speak, HasSubstr("call 911"));
}

TEST(EmergencyCheck, SurvivesAChangeOfProcess) {
    PlayedCall call;
    call.start_verified();
    call.say(figure, chest);
    const auto restored = dialogue_state_from_json(to_json(call.state));
    ASSERT_TRUE(restored);
    EXPECT_EQ(*restored, call.state);
}

TEST(SecondThoughts, RaiseAlertsWithoutAWord) {
    PlayedCall call;
    call.start_verified();
    call.say("A three.");
    const auto before = call.state.topic;
    const auto& move =
        call.take(DialogueEventKind::second_thoughts, "A three.", {{"wound_infected", Reader::model, 0.5, "a three"}});
    EXPECT_EQ(move.speak, "");
    EXPECT_EQ(call.state.topic, before);
    ASSERT_FALSE(call.alerts.empty());
    EXPECT_EQ(call.alerts.back().evidence.reader, Reader::model);
}

TEST(SecondThoughts, AskTheCheckQuestionOfAnEmergency) {
    PlayedCall call;
    call.start_verified();
    call.say("A three, and the old thing is at it again.");
    const auto& move = call.take(DialogueEventKind::second_thoughts, "A three, and the old thing is at it again.",
                                 {{"chest_breath", Reader::model, 0.5, "the old thing is at it again"}});
    EXPECT_THAT(move.speak, HasSubstr("chest pain or trouble breathing"));
    call.say("No.");
    EXPECT_EQ(call.state.raised.at("emergency"), "critical");
}

TEST(SecondThoughts, DoNotRaiseWhatTheRulesHaveRaised) {
    PlayedCall call;
    call.start_verified();
    call.say("A nine.");
    const auto count = call.alerts.size();
    call.take(DialogueEventKind::second_thoughts, "A nine.", {});
    EXPECT_EQ(call.alerts.size(), count);
}

TEST(SecondThoughts, AfterTheEndOnlyAddToTheRecord) {
    PlayedCall call;
    call.start_verified();
    call.take(DialogueEventKind::time_is_up);
    const auto& move =
        call.take(DialogueEventKind::second_thoughts, figure, {{"chest_breath", Reader::model, 0.5, "the old thing"}});
    EXPECT_EQ(move.speak, "");
    EXPECT_TRUE(raised_emergency(call));
}

}  // namespace
}  // namespace carevoice::domain
