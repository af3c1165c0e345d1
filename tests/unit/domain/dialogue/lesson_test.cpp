#include "domain/dialogue.h"

#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

class TeachBack : public testing::Test {
protected:
    void SetUp() override {
        call_.start_verified();
        ASSERT_EQ(call_.state.topic, "teachback_red_flags");
    }

    [[nodiscard]] std::string text_of(const std::string& fact) const {
        const auto found = call_.state.facts.find(fact);
        return found == call_.state.facts.end() ? "?" : std::get<std::string>(found->second);
    }
    [[nodiscard]] bool raised(std::string_view rule) const {
        return std::ranges::any_of(call_.alerts, [&](const auto& alert) { return alert.evidence.rule == rule; });
    }

    PlayedCall call_{test::ruth(), CallType::education};
};

TEST_F(TeachBack, AskedForAllAtOnceIsComplete) {
    call_.say("If I have a fever, or the cut is red, or my calf swells up. For chest pain I call 911.");
    EXPECT_EQ(text_of("teachback_red_flags"), "complete");
    EXPECT_EQ(text_of("teachback_red_flags_calf"), "said");
    EXPECT_EQ(call_.state.topic, "teachback_activity");
    EXPECT_FALSE(call_.state.facts.contains("retries"));
}

TEST_F(TeachBack, ExplainsOnlyWhatIsMissingAndAsksAgain) {
    const auto& move = call_.say("When I have a fever, or the cut is red and leaking. Chest pain, I call 911.");
    EXPECT_EQ(move.topic, "teachback_red_flags_retry");
    EXPECT_THAT(move.speak, HasSubstr("calf"));
    EXPECT_THAT(move.speak, Not(HasSubstr("fever")));
    EXPECT_EQ(text_of("teachback_red_flags_calf"), "missing");
    call_.say("Right, if one calf is sore or swollen.");
    EXPECT_EQ(text_of("teachback_red_flags"), "complete after retry");
    EXPECT_EQ(text_of("teachback_red_flags_calf"), "said after re-explaining");
    EXPECT_EQ(text_of("teachback_red_flags_fever"), "said");
    EXPECT_FALSE(raised("T1"));
}

TEST_F(TeachBack, ExplainsTwiceInDifferentWordsThenHandsOverToANurse) {
    const std::string first = call_.say("When I have a fever, and the red cut. And 911 for the chest.").speak;
    const std::string second = call_.say("Well, what I said, the fever.").speak;
    EXPECT_EQ(call_.state.topic, "teachback_red_flags_retry");
    EXPECT_THAT(first, HasSubstr("calf"));
    EXPECT_THAT(second, HasSubstr("calf"));
    EXPECT_THAT(second, HasSubstr("by day or by night"));
    EXPECT_THAT(first, Not(HasSubstr("by day or by night")));
    EXPECT_FALSE(raised("T1"));
    call_.say("Only for the fever, I think.");
    EXPECT_EQ(text_of("teachback_red_flags"), "incomplete");
    EXPECT_EQ(text_of("teachback_red_flags_calf"), "missing");
    EXPECT_TRUE(raised("T1"));
    EXPECT_TRUE(call_.state.nurse_call_promised);
    EXPECT_EQ(call_.state.topic, "teachback_activity");
    EXPECT_EQ(std::get<double>(call_.state.facts.at("retries")), 2.0);
}

TEST_F(TeachBack, LearntAtTheThirdTryIsCompleteWithoutANurse) {
    call_.say("When I have a fever, and the red cut. And 911 for the chest.");
    call_.say("Only for the fever, I think.");
    call_.say("When one calf hurts.");
    EXPECT_EQ(text_of("teachback_red_flags"), "complete after retry");
    EXPECT_FALSE(raised("T1"));
}

TEST_F(TeachBack, TheOppositeIsWrongUntilItIsPutRight) {
    call_.say("If I have a fever, or the cut is red, or my calf swells up. For chest pain I call 911.");
    call_.say("I stay in bed. And I do my exercises every day.");
    EXPECT_EQ(text_of("teachback_activity_walking"), "wrong");
    EXPECT_EQ(text_of("teachback_activity_exercises"), "said");
    EXPECT_EQ(call_.state.topic, "teachback_activity_retry");
    call_.say("I do not stay in bed, I walk several times a day.");
    EXPECT_EQ(text_of("teachback_activity_walking"), "said after re-explaining");
    EXPECT_EQ(text_of("teachback_activity"), "complete after retry");
}

TEST_F(TeachBack, SayingThatOneDoesNotStopIsRight) {
    call_.say("If I have a fever, or the cut is red, or my calf swells up. For chest pain I call 911.");
    call_.say("I walk a lot and do my exercises.");
    call_.say("Every day, and I don't stop when I feel better.");
    EXPECT_EQ(text_of("teachback_medication"), "complete");
    EXPECT_EQ(text_of("teachback_medication_not_stop"), "said");
}

TEST_F(TeachBack, ADangerousBeliefIsAnAlert) {
    call_.say("If I have a fever, or the cut is red, or my calf swells up. For chest pain I call 911.");
    call_.say("I walk a lot and do my exercises.");
    call_.say("If I miss one I double up the next time.");
    EXPECT_EQ(text_of("teachback_medication_daily"), "wrong");
    EXPECT_TRUE(
        std::ranges::any_of(call_.alerts, [](const auto& alert) { return alert.type == AlertType::medication_issue; }));
}

TEST_F(TeachBack, ARefusalIsRecordedAndRespected) {
    call_.say("I'd rather not answer that.");
    EXPECT_EQ(text_of("teachback_red_flags"), "declined");
    EXPECT_EQ(call_.state.topic, "teachback_activity");
    EXPECT_FALSE(raised("T1"));
    const auto progress = std::ranges::find(call_.state.topics, "teachback_red_flags", &TopicProgress::topic);
    EXPECT_EQ(progress->state, TopicState::declined);
}

TEST_F(TeachBack, NoLessonIsAskedForMoreThanThreeTimes) {
    for (int i = 0; i < 20 && !call_.last.move.end_call; ++i) call_.say(i % 2 == 0 ? "mm" : "I have no idea.");
    for (const auto* lesson : {"teachback_red_flags", "teachback_activity", "teachback_medication"}) {
        const auto retry = call_.state.asked.find(std::string(lesson) + "_retry");
        EXPECT_LE(call_.state.asked.at(lesson) + (retry == call_.state.asked.end() ? 0 : retry->second), 3) << lesson;
    }
    EXPECT_TRUE(call_.last.move.end_call);
}

}  // namespace
}  // namespace carevoice::domain
