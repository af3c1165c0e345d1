#include "domain/dialogue.h"

#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

double number_of(const PlayedCall& call, const std::string& fact) {
    const auto found = call.state.facts.find(fact);
    return found == call.state.facts.end() ? -1 : std::get<double>(found->second);
}

/// Up to the question about mood and worries.
void go_to_concerns(PlayedCall& call) {
    call.start_verified();
    for (const auto* answer :
         {"two", "No, none of that.", "Better.", "Dry and closed, no redness.", "No fever.",
          "Walking with the walker, no falls.", "I take everything.", "Went yesterday, eating and drinking."})
        call.say(answer);
    ASSERT_EQ(call.state.topic, "concerns");
}

TEST(Minimiser, BesideNoSleepAndNoWalkingGetsOneProbingQuestion) {
    PlayedCall call;
    call.start_verified();
    for (const auto* answer : {"two", "No, none of that.", "Better.", "Dry and closed.", "No fever."}) call.say(answer);
    ASSERT_EQ(call.state.topic, "mobility");
    const auto& move = call.say("Oh, fine, fine. I haven't slept and I don't really walk. No falls.");
    EXPECT_EQ(move.topic, "probe");
    EXPECT_THAT(move.speak, HasSubstr("you do not sleep well, and that you hardly get up and walk"));
    EXPECT_TRUE(move.fixed_words);
    call.say("The bed is too high and I do not want to call my son.");
    EXPECT_EQ(call.state.topic, "medication");
    call.say("Fine, I take them all. I haven't slept, though.");
    EXPECT_EQ(call.state.asked.at("probe"), 1);
    EXPECT_NE(call.state.topic, "probe");
    EXPECT_EQ(std::get<std::vector<std::string>>(call.state.facts.at("understated")),
              (std::vector<std::string>{"sleep", "walking"}));
    EXPECT_THAT(std::get<std::string>(call.state.facts.at("understated_because")), HasSubstr("too high"));
}

TEST(Minimiser, AcrossTwoAnswersCountsToo) {
    PlayedCall call;
    go_to_concerns(call);
    EXPECT_EQ(call.state.asked.count("probe"), 0U);
    call.say("I can't complain. I'm up all night, but that's life.");
    EXPECT_EQ(call.state.topic, "probe");
}

TEST(Minimiser, AloneOrATroubleAloneIsNotProbed) {
    for (const auto* words : {"I'm fine, thank you.", "I can't sleep, that worries me."}) {
        PlayedCall call;
        go_to_concerns(call);
        call.say(words);
        EXPECT_NE(call.state.topic, "probe") << words;
    }
}

TEST(LowMood, BringsTheTwoQuestionsAndAPositiveScoreAnAlert) {
    PlayedCall call;
    go_to_concerns(call);
    const auto& first = call.say("Honestly, I've been feeling pretty down.");
    EXPECT_EQ(first.topic, "phq2_interest");
    EXPECT_TRUE(first.fixed_words);
    call.say("More than half the days.");
    ASSERT_EQ(call.state.topic, "phq2_mood");
    call.alerts.clear();
    call.say("Several days, I'd say.");
    EXPECT_EQ(number_of(call, "phq2_interest"), 2);
    EXPECT_EQ(number_of(call, "phq2_mood"), 1);
    EXPECT_EQ(number_of(call, "phq2_score"), 3);
    ASSERT_FALSE(call.alerts.empty());
    EXPECT_EQ(call.alerts.back().type, AlertType::patient_concern);
    EXPECT_GE(call.alerts.back().severity, Severity::moderate);
    EXPECT_EQ(call.state.topic, "callback");
}

TEST(LowMood, ALowScoreRaisesNothingMore) {
    PlayedCall call;
    go_to_concerns(call);
    call.say("I am a bit sad today.");
    ASSERT_EQ(call.state.topic, "phq2_interest");
    call.alerts.clear();
    call.say("Not at all.");
    call.say("Several days.");
    EXPECT_EQ(number_of(call, "phq2_score"), 1);
    EXPECT_TRUE(call.alerts.empty());
}

TEST(LowMood, IsAnsweredByKeysAndAskedInOtherWordsWhenUnclear) {
    PlayedCall call;
    go_to_concerns(call);
    call.say("I've been crying a lot.");
    ASSERT_EQ(call.state.topic, "phq2_interest");
    const std::string first = call.last.move.speak;
    EXPECT_NE(call.say("Yes.").speak, first);
    EXPECT_EQ(call.state.topic, "phq2_interest");
    call.take(DialogueEventKind::key, "0");
    EXPECT_EQ(number_of(call, "phq2_interest"), 0);
    call.take(DialogueEventKind::key, "3");
    EXPECT_EQ(number_of(call, "phq2_mood"), 3);
    EXPECT_EQ(number_of(call, "pain_score"), 2);
}

TEST(LowMood, WaitsForTheQuestionAboutWorries) {
    PlayedCall call;
    call.start_verified();
    call.say("A two, but I feel so down.");
    EXPECT_EQ(call.state.topic, "breathing");
    const auto at = [&](std::string_view topic) {
        return std::ranges::find(call.state.topics, topic, &TopicProgress::topic) - call.state.topics.begin();
    };
    EXPECT_EQ(at("phq2_interest"), at("concerns") + 1);
    EXPECT_EQ(at("phq2_mood"), at("concerns") + 2);
}

TEST(LowMood, DeniedOrOfTheSwellingIsNone) {
    for (const auto* words :
         {"I'm not sad, no.", "Good, the swelling is down.", "No, I'm not depressed or anything."}) {
        PlayedCall call;
        go_to_concerns(call);
        call.say(words);
        EXPECT_EQ(call.state.asked.count("phq2_interest"), 0U) << words;
    }
}

TEST(LowMood, DespairStaysAnEmergency) {
    PlayedCall call;
    go_to_concerns(call);
    call.say("I feel so down, I just want to die.");
    EXPECT_TRUE(call.state.emergency_spoken);
    EXPECT_THAT(call.last.move.speak, HasSubstr("988"));
}

}  // namespace
}  // namespace carevoice::domain
