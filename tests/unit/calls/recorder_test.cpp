#include "calls/recorder.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using storage::RecordingState;
using testing::ElementsAre;
using testing::IsEmpty;
using tests::CallHouse;

const CallSessionId call_one("s1");
constexpr const char* identity = "This is Ruth Albrecht, March fourteenth, fifty-seven.";

class RecorderTest : public testing::Test {
protected:
    void SetUp() override {
        house_.initiate();
        house_.voice();
    }
    std::optional<RecordingState> state() {
        const auto recording = house_.details().recording;
        return recording ? std::optional(recording->state) : std::nullopt;
    }
    bool becomes(RecordingState expected) {
        return house_.until([&] { return state() == expected; });
    }
    CallHouse house_{false};
};

TEST_F(RecorderTest, RecordsOnceConsentIsGivenAndNotBefore) {
    house_.gather(identity);
    EXPECT_EQ(house_.details().call.current_topic, "consent");
    EXPECT_THAT(house_.recordings.started, IsEmpty());
    house_.gather("Yes, that is fine.");
    ASSERT_TRUE(becomes(RecordingState::running));
    EXPECT_THAT(house_.recordings.started, ElementsAre("https://voice.example.org/api/v1/twilio/recording/s1"));
    house_.gather("It is a three.");
    house_.gather("No, none of these.");
    EXPECT_EQ(house_.recordings.started.size(), 1U);
    EXPECT_EQ(house_.details().recording->recording_sid, house_.recordings.sid);
}

TEST_F(RecorderTest, NeverRecordsWhoSaysNoNorWhoDoesNotAnswer) {
    house_.gather(identity);
    house_.gather("No, I would rather not.");
    house_.gather("It is a three.");
    EXPECT_THAT(house_.recordings.started, IsEmpty());
    EXPECT_FALSE(state().has_value());
}

TEST_F(RecorderTest, AnEarlierConsentIsAskedForAgainInThisCall) {
    ASSERT_TRUE(house_.database->patients().update(
        PatientId("ruth"), [](domain::Patient& patient) { patient.consents.recording = true; }));
    house_.gather(identity);
    EXPECT_THAT(house_.recordings.started, IsEmpty());
}

TEST_F(RecorderTest, ARefusalOfTwilioIsNotedAndTheCallGoesOn) {
    house_.recordings.start_error = Error{Errc::conflict, "not eligible for recording", {}, 21220};
    house_.gather(identity);
    house_.gather("Yes.");
    ASSERT_TRUE(becomes(RecordingState::refused));
    EXPECT_EQ(house_.details().recording->last_error, "not eligible for recording");
    EXPECT_EQ(house_.details().call.current_topic, "pain_score");
    house_.gather("It is a three.");
    EXPECT_EQ(house_.recordings.started.size(), 1U);
}

TEST_F(RecorderTest, AnAnswerThatNeverCameLeavesItToTheCallback) {
    house_.recordings.start_error = Error{Errc::timed_out, "no answer"};
    house_.gather(identity);
    house_.gather("Yes.");
    ASSERT_TRUE(becomes(RecordingState::asked));
}

TEST_F(RecorderTest, WhoTakesTheYesBackIsRecordedNoMore) {
    house_.gather(identity);
    house_.gather("Yes.");
    ASSERT_TRUE(becomes(RecordingState::running));
    house_.gather("Stop calling me.");
    ASSERT_TRUE(becomes(RecordingState::to_delete));
    ASSERT_TRUE(house_.until([&] { return house_.recordings.stopped == 1; }));
}

TEST(MayRecord, NeedsTheRecordAndTheAnswerWhereItIsAsked) {
    using domain::CallType;
    domain::DialogueState state;
    domain::Patient patient;
    patient.consents.recording = true;
    EXPECT_FALSE(may_record(state, patient, CallType::followup));
    state.identity_verified = true;
    EXPECT_TRUE(may_record(state, patient, CallType::followup));  // a protocol that does not ask
    state.topics = {{.topic = "consent"}};
    EXPECT_FALSE(may_record(state, patient, CallType::followup));
    state.facts["consent"] = true;
    EXPECT_TRUE(may_record(state, patient, CallType::followup));
    patient.opted_out = true;
    EXPECT_FALSE(may_record(state, patient, CallType::followup));
    patient.opted_out = false;
    patient.consents.recording = false;
    EXPECT_FALSE(may_record(state, patient, CallType::followup));
    patient.consents.recording = true;
    // In an enrollment, "consent" is about calls.
    state.topics.push_back({.topic = "consent_recording"});
    EXPECT_FALSE(may_record(state, patient, CallType::enrollment));
    state.facts["consent_recording"] = false;
    EXPECT_TRUE(refuses_recording(state, CallType::enrollment));
    EXPECT_FALSE(refuses_recording(state, CallType::followup));
}

}  // namespace
}  // namespace carevoice::calls
