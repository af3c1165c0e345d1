#include "calls/recording_jobs.h"

#include "audio/resampler.h"
#include "support/call_house.h"
#include "support/clips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;
using storage::RecordingState;
using testing::ElementsAre;
using tests::CallHouse;

const CallSessionId call_one("s1");

/// Says the next of its lines for each clip.
class ReadingEngine final : public speech::SpeechToText {
public:
    async::Task<Result<speech::Transcription>> transcribe(speech::Samples16k, speech::TranscribeOptions options,
                                                          Deadline) override {
        urgent = urgent || options.urgent;
        if (error) co_return *error;
        speech::Transcription heard;
        heard.confidence = 0.9;
        heard.text = next < lines.size() ? lines[next++] : "";
        co_return heard;
    }
    [[nodiscard]] std::size_t load() const noexcept override { return busy; }
    [[nodiscard]] std::size_t workers() const noexcept override { return 1; }

    std::vector<std::string> lines;
    std::size_t next = 0;
    std::size_t busy = 0;
    bool urgent = false;
    std::optional<Error> error;
};

/// Two channels: the first has a human voice for three seconds, twice, the second is silent.
std::string two_channels() {
    const auto voice = audio::resample(tests::human_voice(), 16'000, 8'000);
    std::vector<float> samples;
    const auto add = [&](float sample) {
        samples.push_back(sample);
        samples.push_back(0);
    };
    for (int twice = 0; twice < 2; ++twice) {
        for (std::size_t i = 0; i < 24'000; ++i) add(voice[i]);
        for (std::size_t i = 0; i < 16'000; ++i) add(0);
    }
    return audio::write_wav(samples, 8'000, 2);
}

class RecordingJobsTest : public testing::Test {
protected:
    void SetUp() override {
        house_.initiate();
        auto& database = *house_.database;
        ASSERT_TRUE(database.patients().update(PatientId("ruth"),
                                               [](domain::Patient& patient) { patient.consents.recording = true; }));
        ASSERT_TRUE(database.recordings().begin(call_one, CallSid(house_.telephony.next_sid), now()).value());
        ASSERT_TRUE(database.recordings().started(call_one, house_.recordings.sid));
        house_.recordings.audio = two_channels();
        jobs_.emplace(deps(), settings());
    }
    WallTime now() const { return house_.clock.wall; }
    RecordingDeps deps() {
        return {.store = house_.store,
                .twilio = house_.recordings,
                .audio = audio_,
                .pool = house_.reading_pool,
                .engine = &engine_,
                .detectors = *house_.detectors,
                .reader = house_.reader,
                .clock = house_.clock,
                .random = house_.random,
                .metrics = house_.metrics,
                .plan_alert =
                    [this](const domain::Patient& patient, const domain::Alert&) {
                        EXPECT_EQ(patient.patient_id, PatientId("ruth"));
                        ++plans_;
                        return domain::AlertPlan{};
                    },
                .on_notifications = [this] { ++nudges_; }};
    }
    static RecordingSettings settings() { return {.worker = "w1", .attempts_max = 3}; }

    void patient_said(const std::string& text, int seconds_after = 5) {
        storage::TurnRecord record;
        record.call_session_id = call_one;
        record.now = now();
        domain::Turn turn{.speaker = domain::Speaker::patient, .topic = "wound", .text = text};
        turn.started_at = turn.ended_at = now() + std::chrono::seconds(seconds_after);
        record.turns.push_back(turn);
        ASSERT_TRUE(house_.database->conversations().record(record, [] { return AlertId("none"); }));
    }
    void twilio_reports(const std::string& status = "completed") {
        ASSERT_TRUE(house_.database->recordings().reported({.call_session_id = call_one,
                                                            .recording_sid = house_.recordings.sid,
                                                            .status = status,
                                                            .duration_seconds = 10},
                                                           now()));
    }
    std::size_t pass() { return house_.run(jobs_->pass()); }
    storage::Recording recording() { return house_.database->recordings().find(call_one).value(); }
    std::vector<domain::Alert> alerts() { return house_.details().alerts; }

    CallHouse house_;
    ReadingEngine engine_;
    tests::MemoryRecordingStore audio_;
    std::optional<RecordingJobs> jobs_;
    int plans_ = 0;
    int nudges_ = 0;
};

TEST_F(RecordingJobsTest, FetchesKeepsAndComparesARecording) {
    EXPECT_EQ(pass(), 0U);
    patient_said("It looks good, no redness.");
    patient_said("I walk a little every day.", 9);
    engine_.lines = {"It looks good, no redness.", "I walk a bit every day."};
    twilio_reports();
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(recording().state, RecordingState::kept);
    EXPECT_EQ(audio_.kept.at("s1"), house_.recordings.audio);
    EXPECT_EQ(recording().words, 11);
    EXPECT_NEAR(recording().word_agreement.value(), 10.0 / 11.0, 1e-9);
    EXPECT_FALSE(engine_.urgent);
    EXPECT_TRUE(alerts().empty());
    EXPECT_EQ(pass(), 0U);
    EXPECT_EQ(house_.recordings.fetched, 1);
}

TEST_F(RecordingJobsTest, WhatOnlyTheRecordingHasRaisesAnAlertOnce) {
    patient_said("It looks good, no redness.");
    patient_said("There is a little on it.", 9);
    engine_.lines = {"It looks good, no redness.", "There is pus coming out of the incision."};
    twilio_reports();
    pass();
    ASSERT_EQ(alerts().size(), 1U);
    const auto alert = alerts()[0];
    EXPECT_EQ(alert.type, domain::AlertType::wound_problem);
    EXPECT_EQ(alert.evidence.at(0).source, domain::EvidenceSource::recording);
    EXPECT_TRUE(alert.evidence.at(0).audio_ms.has_value());
    EXPECT_EQ(plans_, 1);
    EXPECT_EQ(nudges_, 1);
}

TEST_F(RecordingJobsTest, WhatTheCallHeardIsNotJudgedAgain) {
    // The call heard the same words and knew better what to make of them.
    patient_said("There is pus coming out of the incision.");
    engine_.lines = {"There is pus coming out of the incision.", ""};
    twilio_reports();
    pass();
    EXPECT_EQ(recording().state, RecordingState::kept);
    EXPECT_TRUE(alerts().empty());
}

TEST_F(RecordingJobsTest, OneChannelForBothVoicesIsKeptAndNotRead) {
    house_.recordings.audio = audio::write_wav(std::vector<float>(16'000, 0.1F), 8'000, 1);
    twilio_reports();
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(recording().state, RecordingState::kept);
    EXPECT_FALSE(recording().word_agreement.has_value());
}

TEST_F(RecordingJobsTest, TriesAgainLaterAndGivesUpVisibly) {
    house_.recordings.fetch_error = Error{Errc::unavailable, "connection refused"};
    twilio_reports();
    for (int attempt = 1; attempt <= 3; ++attempt) {
        EXPECT_EQ(pass(), 1U);
        house_.clock.wall += 3h;
    }
    EXPECT_EQ(recording().state, RecordingState::failed);
    EXPECT_EQ(recording().last_error, "connection refused");
    EXPECT_EQ(house_.recordings.fetched, 3);
    EXPECT_EQ(house_.details().recording->state, RecordingState::failed);
}

TEST_F(RecordingJobsTest, AFullDiskAndABusyRecogniserAreWaitedFor) {
    audio_.save_error = Error{Errc::unavailable, "no space left"};
    twilio_reports();
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(recording().state, RecordingState::to_fetch);
    audio_.save_error.reset();
    engine_.error = Error{Errc::unavailable, "the queue is full"};
    house_.clock.wall += 3h;
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(recording().state, RecordingState::to_transcribe);
    engine_.error.reset();
    house_.clock.wall += 3h;
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(recording().state, RecordingState::kept);
}

TEST_F(RecordingJobsTest, WhatIsNoAudioIsGivenUpAtOnce) {
    house_.recordings.audio = "RIFF and then nothing of use";
    twilio_reports();
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(recording().state, RecordingState::failed);
}

TEST_F(RecordingJobsTest, DeletesHereAndAtTwilioWhenItIsOldHoweverOftenThatTakes) {
    twilio_reports();
    pass();
    ASSERT_EQ(audio_.kept.size(), 1U);
    house_.clock.wall += std::chrono::days(91);
    house_.recordings.remove_error = Error{Errc::unavailable, "connection refused"};
    for (int attempt = 1; attempt <= 10; ++attempt) {
        EXPECT_EQ(pass(), 1U);
        house_.clock.wall += 3h;
    }
    EXPECT_EQ(recording().state, RecordingState::to_delete);
    EXPECT_TRUE(audio_.kept.empty());
    house_.recordings.remove_error.reset();
    pass();
    EXPECT_EQ(recording().state, RecordingState::deleted);
    EXPECT_EQ(house_.recordings.removed.size(), 11U);
    EXPECT_EQ(pass(), 0U);
}

TEST_F(RecordingJobsTest, GoesWithItsPatient) {
    twilio_reports();
    pass();
    ASSERT_TRUE(house_.database->patients().erase(PatientId("ruth")));
    pass();
    EXPECT_TRUE(audio_.kept.empty());
    EXPECT_THAT(house_.recordings.removed, ElementsAre(house_.recordings.sid));
}

TEST_F(RecordingJobsTest, LooksForARecordingWhoseCallbackNeverCame) {
    house_.clock.wall += 2h;
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(recording().state, RecordingState::kept);
}

}  // namespace
}  // namespace carevoice::calls
