#include "domain/dialogue.h"

#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

/// Somebody who is asked whether we may call: no consent is on record yet.
Patient newcomer() {
    auto patient = test::ruth();
    patient.consents = {false, false, false};
    return patient;
}

class Enrollment : public testing::Test {
protected:
    void SetUp() override {
        call_.start();
        call_.say("Ruth Albrecht, March fourteenth, fifty-seven.");
        ASSERT_EQ(call_.state.topic, "consent");
    }
    void say(const std::string& topic, const std::string& words) {
        ASSERT_EQ(call_.state.topic, topic);
        call_.say(words);
        if (call_.last.consents) stored_ = *call_.last.consents;
        if (call_.last.caregiver) caregiver_ = *call_.last.caregiver;
        if (call_.last.language) language_ = *call_.last.language;
    }
    [[nodiscard]] std::string text_of(const std::string& fact) const {
        const auto found = call_.state.facts.find(fact);
        return found == call_.state.facts.end() ? "?" : std::get<std::string>(found->second);
    }
    [[nodiscard]] bool flag_of(const std::string& fact) const { return std::get<bool>(call_.state.facts.at(fact)); }

    PlayedCall call_{newcomer(), CallType::enrollment};
    /// To the question after the read-back.
    void answer_all(const std::string& about_caregiver) {
        say("consent", "Yes.");
        say("consent_recording", "Yes.");
        say("preferred_time", "Mornings.");
        say("voicemail_ok", "Yes.");
        say("caregiver", about_caregiver);
        say("language", "English.");
        ASSERT_EQ(call_.state.topic, "concerns");
        EXPECT_FALSE(caregiver_) << "nothing is stored before it was read back";
    }

    std::optional<Consents> stored_;
    std::optional<Caregiver> caregiver_;
    std::optional<std::string> language_;
};

TEST_F(Enrollment, ACaregiverGoesIntoTheRecordOnceReadBack) {
    answer_all("My son Paul, 415-555-0142, and you can talk to him.");
    say("concerns", "No, that's all right.");
    EXPECT_EQ(caregiver_, (Caregiver{"Paul", "+14155550142", true}));
    EXPECT_FALSE(language_) << "it was English before";
}

TEST_F(Enrollment, ACaregiverWhoMayHearNothingIsStoredAsSuch) {
    answer_all("My son Paul, 415-555-0142, but don't talk to him about me.");
    say("concerns", "No.");
    EXPECT_EQ(caregiver_, (Caregiver{"Paul", "+14155550142", false}));
}

TEST_F(Enrollment, NothingIsStoredOfWhatThePatientSaysIsWrong) {
    answer_all("My son Paul, 415-555-0142, and you can talk to him.");
    say("concerns", "That is not right.");
    EXPECT_FALSE(caregiver_);
}

TEST_F(Enrollment, ANumberThatNobodyCanDialIsNotStored) {
    answer_all("My son Paul, 115-155-0142, and you can talk to him.");
    say("concerns", "No.");
    EXPECT_FALSE(caregiver_);
}

TEST_F(Enrollment, RunsToItsEndWithEveryWishKept) {
    say("consent", "Yes, I agree to that.");
    say("consent_recording", "No, I'd rather not be recorded.");
    say("preferred_time", "Afternoons, but not on Sundays.");
    say("voicemail_ok", "Yes, you can leave a message.");
    say("caregiver", "My daughter helps me.");
    say("caregiver_name", "It's Anna.");
    say("caregiver_phone", "Five five five, oh one two three.");
    say("caregiver_permission", "Yes, you may.");
    say("language", "Spanish, and I'm hard of hearing.");
    EXPECT_EQ(call_.state.topic, "concerns");
    const auto read_back = call_.turns.back();
    for (const auto* piece :
         {"agree to these calls", "do not record", "noon and five in the evening", "not on Sunday", "leave a message",
          "Anna, your daughter, at five five five, zero one two three", "talk with them", "Spanish"})
        EXPECT_THAT(read_back, HasSubstr(piece));
    say("concerns", "No, that is right.");
    say("callback", "No.");
    EXPECT_EQ(call_.state.outcome, CallOutcome::completed);
    ASSERT_TRUE(stored_);
    EXPECT_EQ(*stored_, (Consents{true, false, true}));
    EXPECT_EQ(caregiver_, (Caregiver{"Anna", "+15555550123", true})) << "a number in the patient's own area";
    EXPECT_EQ(language_, "es");
    EXPECT_EQ(text_of("caregiver_name"), "Anna");
    EXPECT_EQ(text_of("caregiver_relation"), "daughter");
    EXPECT_EQ(text_of("caregiver_phone"), "555-0123");
    EXPECT_TRUE(flag_of("caregiver_may_discuss"));
    EXPECT_EQ(text_of("language"), "es");
    EXPECT_TRUE(call_.state.slower);
    EXPECT_TRUE(call_.alerts.empty());
}

TEST_F(Enrollment, WhatWasReadBackCanBePutRight) {
    say("consent", "Yes.");
    say("consent_recording", "Yes.");
    say("preferred_time", "Mornings, not on Sundays.");
    say("voicemail_ok", "Yes.");
    say("caregiver", "No, nobody.");
    say("language", "English.");
    EXPECT_THAT(call_.turns.back(), Not(HasSubstr("helper")));
    EXPECT_TRUE(call_.last.move.fixed_words);
    say("concerns", "No, make it afternoons, not Mondays, and please don't leave messages.");
    EXPECT_EQ(text_of("preferred_start"), "12:00");
    EXPECT_EQ(std::get<std::vector<std::string>>(call_.state.facts.at("excluded_days")),
              std::vector<std::string>{"Monday"});
    EXPECT_EQ(*stored_, (Consents{true, true, false}));
    EXPECT_EQ(call_.state.topic, "callback");
}

TEST_F(Enrollment, ARefusalOfTheCallsEndsItAndIsStored) {
    say("consent", "No, I don't want these calls.");
    EXPECT_EQ(call_.state.outcome, CallOutcome::refused);
    EXPECT_FALSE(flag_of("consent_calls"));
    ASSERT_TRUE(stored_);
    EXPECT_FALSE(stored_->calls);
}

TEST_F(Enrollment, AnUnclearAnswerIsAskedAboutOnceAndIsNoConsent) {
    say("consent", "I guess, what for?");
    say("consent", "Hmm, I don't know.");
    EXPECT_TRUE(call_.last.move.end_call);
    EXPECT_FALSE(stored_ && stored_->calls);
    EXPECT_FALSE(call_.state.facts.contains("consent_calls"));
}

TEST_F(Enrollment, StopAtAnyTimeTakesTheConsentBack) {
    say("consent", "Yes, that's fine.");
    EXPECT_TRUE(stored_->calls);
    say("consent_recording", "Yes.");
    call_.say("You know what, stop calling me.");
    ASSERT_TRUE(call_.last.consents);
    EXPECT_FALSE(call_.last.consents->calls);
    EXPECT_TRUE(call_.opted_out);
    EXPECT_TRUE(flag_of("opt_out"));
}

TEST_F(Enrollment, ARefusedQuestionIsRecordedAndLeft) {
    say("consent", "Yes.");
    say("consent_recording", "Yes.");
    say("preferred_time", "Any time.");
    say("voicemail_ok", "No messages, please.");
    say("caregiver", "I'd rather not say.");
    EXPECT_EQ(call_.state.topic, "language");
    const auto progress = std::ranges::find(call_.state.topics, "caregiver", &TopicProgress::topic);
    EXPECT_EQ(progress->state, TopicState::declined);
    EXPECT_FALSE(stored_->voicemail);
}

}  // namespace
}  // namespace carevoice::domain
