#include "contract/storage/store.h"

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;
using enum RecordingState;

const CallSessionId call_one("c1");
const CallSid sid_one("CA00000000000000000000000000000001");
const std::string recording_one = "RE00000000000000000000000000000001";

class Recordings : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        add_call("c1");
        consent(true);
    }
    void consent(bool given) {
        ASSERT_TRUE(patients().update(PatientId("p1"),
                                      [given](domain::Patient& patient) { patient.consents.recording = given; }));
    }
    void begin() { ASSERT_TRUE(recordings().begin(call_one, sid_one, at(0)).value()); }
    Result<bool> report(const std::string& status, int second = 5, const std::string& sid = recording_one) {
        return recordings().reported(
            {.call_session_id = call_one, .recording_sid = sid, .status = status, .duration_seconds = 61}, at(second));
    }
    std::optional<Recording> claim(RecordingState work, int second, const std::string& worker = "w1",
                                   const std::string& store = "s1") {
        return recordings()
            .claim({.work = work, .worker = worker, .store_id = store, .now = at(second), .lease = 60s})
            .value();
    }
    bool advance(RecordingStep step, int second, const std::string& worker = "w1") {
        return recordings().advance(call_one, worker, step, at(second)).value();
    }
    Recording found() { return recordings().find(call_one).value(); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Recordings, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Recordings, GoFromTheQuestionToTheReading) {
    begin();
    EXPECT_EQ(found().state, asked);
    EXPECT_EQ(found().patient_id, PatientId("p1"));
    ASSERT_TRUE(recordings().started(call_one, recording_one));
    EXPECT_EQ(found().state, running);
    EXPECT_TRUE(report("completed").value());
    EXPECT_EQ(found().state, to_fetch);
    EXPECT_EQ(found().duration_seconds, 61);

    const auto fetching = claim(to_fetch, 6);
    ASSERT_TRUE(fetching);
    EXPECT_EQ(fetching->attempts, 1);
    EXPECT_EQ(fetching->recording_sid, recording_one);
    EXPECT_TRUE(advance({.from = to_fetch, .next = to_transcribe, .store_id = "s1"}, 7));
    const auto reading = claim(to_transcribe, 8);
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->attempts, 1);
    EXPECT_TRUE(advance({.from = to_transcribe, .next = kept, .words = 40, .word_agreement = 0.9}, 9));
    const auto read = found();
    EXPECT_EQ(read.state, kept);
    EXPECT_EQ(read.words, 40);
    EXPECT_DOUBLE_EQ(read.word_agreement.value(), 0.9);
    EXPECT_EQ(read.settled_at, at(9));
    EXPECT_EQ(read.store_id, "s1");

    const auto figures = analytics().figures(std::nullopt, std::nullopt).value();
    EXPECT_EQ(figures.recordings_read, 1);
    EXPECT_DOUBLE_EQ(figures.mean_word_agreement, 0.9);
}

TEST_P(Recordings, NeedTheConsentOnRecordAndTakeOneStart) {
    consent(false);
    EXPECT_EQ(recordings().begin(call_one, sid_one, at(0)).error().code, Errc::rejected);
    EXPECT_EQ(recordings().find(call_one).error().code, Errc::not_found);
    EXPECT_EQ(recordings().begin(CallSessionId("nope"), sid_one, at(0)).error().code, Errc::not_found);
    consent(true);
    begin();
    EXPECT_FALSE(recordings().begin(call_one, sid_one, at(1)).value());
}

TEST_P(Recordings, TakeCallbacksTwiceLateAndEarly) {
    EXPECT_EQ(report("completed").error().code, Errc::not_found);
    begin();
    EXPECT_FALSE(report("in-progress").value());
    EXPECT_TRUE(report("completed").value());
    EXPECT_FALSE(report("completed").value());
    EXPECT_FALSE(report("in-progress").value());
    ASSERT_TRUE(recordings().started(call_one, recording_one));
    EXPECT_EQ(found().state, to_fetch);
    EXPECT_EQ(report("completed", 9, "RE00000000000000000000000000000002").error().code, Errc::conflict);
    EXPECT_TRUE(claim(to_fetch, 10));
    EXPECT_TRUE(advance({.from = to_fetch, .next = to_transcribe}, 11));
    EXPECT_FALSE(report("completed", 12).value());
    EXPECT_EQ(found().state, to_transcribe);
}

TEST_P(Recordings, ThatTwilioDoesNotMakeAreSettled) {
    begin();
    ASSERT_TRUE(recordings().refused(call_one, "not in a state for this", at(1)));
    EXPECT_EQ(found().state, refused);
    EXPECT_EQ(found().last_error, "not in a state for this");
    EXPECT_FALSE(report("absent").value());
    EXPECT_EQ(found().state, absent);
}

TEST_P(Recordings, AreLeasedToOneWorkerUntilTheLeaseEnds) {
    begin();
    ASSERT_TRUE(report("completed").value());
    EXPECT_FALSE(claim(to_transcribe, 6));
    ASSERT_TRUE(claim(to_fetch, 6, "w1"));
    EXPECT_FALSE(claim(to_fetch, 30, "w2"));
    const auto again = claim(to_fetch, 67, "w2");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->attempts, 2);
    EXPECT_FALSE(advance({.from = to_fetch, .next = to_transcribe}, 68, "w1"));
    EXPECT_TRUE(advance({.from = to_fetch, .next = to_fetch, .try_at = at(100), .error = "away"}, 68, "w2"));
    EXPECT_EQ(found().last_error, "away");
    EXPECT_FALSE(claim(to_fetch, 99));
    EXPECT_EQ(claim(to_fetch, 100)->attempts, 3);
}

TEST_P(Recordings, AreLeftToTheInstanceThatKeepsThemForADay) {
    begin();
    ASSERT_TRUE(report("completed").value());
    ASSERT_TRUE(claim(to_fetch, 6, "w1", "s1"));
    ASSERT_TRUE(advance({.from = to_fetch, .next = to_transcribe, .store_id = "s1"}, 7));
    EXPECT_FALSE(claim(to_transcribe, 8, "w2", "s2"));
    EXPECT_TRUE(claim(to_transcribe, 8 + 86'400, "w2", "s2"));
}

TEST_P(Recordings, AreDeletedWhenOldAndFetchedWhenTheCallbackIsLost) {
    begin();
    EXPECT_EQ(recordings().tidy(at(-100), at(0), at(10)).value(), 0);
    EXPECT_EQ(recordings().tidy(at(-100), at(1), at(10)).value(), 1);
    EXPECT_EQ(found().state, to_fetch);
    EXPECT_EQ(recordings().tidy(at(1), at(1), at(20)).value(), 1);
    EXPECT_EQ(found().state, to_delete);
    ASSERT_TRUE(claim(to_delete, 20));
    EXPECT_TRUE(advance({.from = to_delete, .next = deleted, .store_id = ""}, 21));
    EXPECT_EQ(found().state, deleted);
    EXPECT_TRUE(found().patient_id.empty());
    EXPECT_EQ(recordings().tidy(at(1), at(1), at(30)).value(), 0);
    // It turns up after all.
    EXPECT_FALSE(report("completed", 40).value());
    EXPECT_EQ(found().state, to_delete);
}

TEST_P(Recordings, GoWithTheConsentAndWorkUnderWayEndsNothing) {
    EXPECT_FALSE(recordings().withdraw(call_one, at(1)).value());
    begin();
    ASSERT_TRUE(report("completed").value());
    ASSERT_TRUE(claim(to_fetch, 6));
    EXPECT_TRUE(recordings().withdraw(call_one, at(7)).value());
    EXPECT_FALSE(advance({.from = to_fetch, .next = to_transcribe, .store_id = "s1"}, 8));
    EXPECT_EQ(found().state, to_delete);
}

TEST_P(Recordings, OutliveTheirPatientUntilTheyAreDeleted) {
    begin();
    ASSERT_TRUE(report("completed").value());
    ASSERT_TRUE(patients().erase(PatientId("p1")));
    EXPECT_EQ(calls().find(call_one).error().code, Errc::not_found);
    EXPECT_EQ(found().state, to_delete);
    EXPECT_TRUE(claim(to_delete, 6));
    EXPECT_EQ(recordings().condemn(PatientId("p1")).value(), 0);
    EXPECT_EQ(recordings().counts().value(), (std::vector<std::pair<RecordingState, std::int64_t>>{{to_delete, 1}}));
}

}  // namespace
}  // namespace carevoice::storage::testing
