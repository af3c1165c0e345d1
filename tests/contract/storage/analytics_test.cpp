#include "contract/storage/store.h"

namespace carevoice::storage::testing {
namespace {

using domain::CallOutcome;
using domain::CallStatus;
using Counts = std::vector<std::pair<std::string, std::int64_t>>;

class Analytics : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        ASSERT_TRUE(patients().insert(plain_patient("p1")));
    }
    void insert(const std::string& id, int second, CallStatus status, CallOutcome outcome) {
        domain::Call call = plain_call(id, "p1");
        call.created_at = at(second);
        call.status = status;
        call.outcome = outcome;
        if (status == CallStatus::completed) {
            call.answered_at = at(second + 10);
            call.ended_at = at(second + 10 + 30 * (second + 1));
            call.cost_usd = 0.25;
        }
        ASSERT_TRUE(calls().insert(call));
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, Analytics, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Analytics, OfNothingAreZero) {
    const auto figures = analytics().figures(std::nullopt, std::nullopt);
    ASSERT_TRUE(figures) << figures.error().detail;
    EXPECT_EQ(figures->total, 0);
    EXPECT_EQ(figures->active, 0);
    EXPECT_TRUE(figures->by_status.empty());
    EXPECT_TRUE(figures->by_outcome.empty());
    EXPECT_TRUE(figures->alerts_by_type.empty());
    EXPECT_TRUE(figures->alerts_by_severity.empty());
    EXPECT_EQ(figures->mean_duration_seconds, 0);
    EXPECT_EQ(figures->completion_rate, 0);
    EXPECT_EQ(figures->mean_confidence, 0);
    EXPECT_EQ(figures->cost_usd, 0);
    EXPECT_TRUE(figures->topics.empty());
    EXPECT_TRUE(figures->wording.by_source.empty());
    EXPECT_EQ(figures->wording.model_asked, 0);
    EXPECT_EQ(figures->wording.model_ms_p95, 0);
}

TEST_P(Analytics, CountCallsByWhatBecameOfThem) {
    insert("a", 0, CallStatus::completed, CallOutcome::completed);
    insert("b", 1, CallStatus::completed, CallOutcome::dropped);
    insert("c", 2, CallStatus::busy, CallOutcome::none);
    insert("d", 3, CallStatus::in_progress, CallOutcome::none);
    insert("e", 4, CallStatus::unknown, CallOutcome::none);
    insert("f", 5, CallStatus::scheduled, CallOutcome::none);
    const auto figures = analytics().figures(std::nullopt, std::nullopt);
    ASSERT_TRUE(figures) << figures.error().detail;
    EXPECT_EQ(figures->total, 6);
    EXPECT_EQ(figures->active, 2);
    EXPECT_EQ(figures->by_status,
              (Counts{{"busy", 1}, {"completed", 2}, {"in-progress", 1}, {"scheduled", 1}, {"unknown", 1}}));
    EXPECT_EQ(figures->by_outcome, (Counts{{"completed", 1}, {"dropped", 1}, {"none", 4}}));
    EXPECT_DOUBLE_EQ(figures->mean_duration_seconds, 45);
    EXPECT_DOUBLE_EQ(figures->completion_rate, 1.0 / 3.0);
    EXPECT_DOUBLE_EQ(figures->cost_usd, 0.5);
}

TEST_P(Analytics, KeepPartsOfASecondInTheMeanDuration) {
    domain::Call call = plain_call("a", "p1");
    call.answered_at = at(0);
    call.ended_at = at(1) + milliseconds(250);
    ASSERT_TRUE(calls().insert(call));
    EXPECT_DOUBLE_EQ(analytics().figures(std::nullopt, std::nullopt)->mean_duration_seconds, 1.25);
}

TEST_P(Analytics, TakeTheMeanConfidenceOfPatientsOnly) {
    insert("a", 0, CallStatus::in_progress, CallOutcome::none);
    domain::Turn high = patient_turn("one");
    high.confidence = 1.0;
    domain::Turn low = patient_turn("two");
    low.confidence = 0.5;
    domain::Turn silent = patient_turn("three");
    silent.confidence.reset();
    domain::Turn ours = patient_turn("four");
    ours.speaker = domain::Speaker::assistant;
    ours.confidence = 0.0;
    ASSERT_TRUE(conversations().record(
        {.call_session_id = CallSessionId("a"), .turns = {high, low, silent, ours}, .now = at(1)}, alert_ids()));
    EXPECT_DOUBLE_EQ(analytics().figures(std::nullopt, std::nullopt)->mean_confidence, 0.75);
}

TEST_P(Analytics, CountAlertsByTypeAndSeverity) {
    insert("a", 0, CallStatus::in_progress, CallOutcome::none);
    insert("b", 1, CallStatus::in_progress, CallOutcome::none);
    const auto new_alert_id = alert_ids();
    TurnRecord record{.call_session_id = CallSessionId("a"), .now = at(1)};
    record.alerts = {raised(domain::AlertType::high_pain, domain::Severity::critical, "x"),
                     raised(domain::AlertType::wound_problem, domain::Severity::low, "y")};
    ASSERT_TRUE(conversations().record(record, new_alert_id));
    record.call_session_id = CallSessionId("b");
    record.alerts.pop_back();
    ASSERT_TRUE(conversations().record(record, new_alert_id));
    auto figures = analytics().figures(std::nullopt, std::nullopt);
    EXPECT_EQ(figures->alerts_by_type, (Counts{{"high_pain", 2}, {"wound_problem", 1}}));
    EXPECT_EQ(figures->alerts_by_severity, (Counts{{"low", 1}, {"critical", 2}}));
    figures = analytics().figures(at(1), std::nullopt);
    EXPECT_EQ(figures->alerts_by_type, (Counts{{"high_pain", 1}}));
}

domain::Turn worded(domain::Wording wording) {
    domain::Turn turn = patient_turn("Any pain?");
    turn.speaker = domain::Speaker::assistant;
    turn.confidence.reset();
    turn.wording = std::move(wording);
    return turn;
}

TEST_P(Analytics, TellWhoWordedTheTurnsAndWhy) {
    using domain::Fallback;
    using domain::WordingSource;
    insert("a", 0, CallStatus::in_progress, CallOutcome::none);
    insert("b", 5, CallStatus::in_progress, CallOutcome::none);
    TurnRecord record{.call_session_id = CallSessionId("a"), .now = at(1)};
    record.turns = {
        worded({}),
        worded({}),
        worded({.source = WordingSource::ours}),
        worded({.source = WordingSource::ours, .fallback = Fallback::breaker}),
        worded({.source = WordingSource::ours, .fallback = Fallback::late, .model_ms = 1'200}),
        worded({.source = WordingSource::ours, .fallback = Fallback::guard_rails, .breach = "dose", .model_ms = 300}),
        worded({.source = WordingSource::model, .model_ms = 500}),
        patient_turn("No.")};
    ASSERT_TRUE(conversations().record(record, alert_ids()));
    record.call_session_id = CallSessionId("b");
    record.turns = {worded({.source = WordingSource::model, .model_ms = 9})};
    ASSERT_TRUE(conversations().record(record, alert_ids()));
    const auto figures = analytics().figures(at(0), at(5));
    ASSERT_TRUE(figures) << figures.error().detail;
    EXPECT_EQ(figures->wording.by_source, (Counts{{"fixed", 2}, {"model", 1}, {"ours", 4}}));
    EXPECT_EQ(figures->wording.fallbacks, (Counts{{"breaker", 1}, {"guard_rails", 1}, {"late", 1}}));
    EXPECT_EQ(figures->wording.guard_rails, (Counts{{"dose", 1}}));
    EXPECT_EQ(figures->wording.model_asked, 3);
    EXPECT_EQ(figures->wording.model_ms_p50, 500);
    EXPECT_EQ(figures->wording.model_ms_p95, 1'200);
    EXPECT_EQ(analytics().figures(at(6), std::nullopt)->wording.model_asked, 0);
}

TEST_P(Analytics, TakePercentilesByNearestRank) {
    insert("a", 0, CallStatus::in_progress, CallOutcome::none);
    TurnRecord record{.call_session_id = CallSessionId("a"), .now = at(1)};
    for (int ms = 200; ms > 0; --ms)
        record.turns.push_back(worded({.source = domain::WordingSource::model, .model_ms = ms}));
    ASSERT_TRUE(conversations().record(record, alert_ids()));
    const auto figures = analytics().figures(std::nullopt, std::nullopt);
    EXPECT_EQ(figures->wording.model_ms_p50, 100);
    EXPECT_EQ(figures->wording.model_ms_p95, 190);
}

TEST_P(Analytics, FollowEachTopicThroughTheCallsThatAreOver) {
    using domain::TopicState;
    const auto insert_with = [&](const std::string& id, CallStatus status, std::vector<domain::TopicProgress> topics) {
        domain::Call call = plain_call(id, "p1");
        call.created_at = at(1);
        call.status = status;
        call.topics = std::move(topics);
        ASSERT_TRUE(calls().insert(call));
    };
    insert_with("a", CallStatus::completed, {{"wound", TopicState::answered}, {"pain \"x\"", TopicState::unclear}});
    insert_with("b", CallStatus::completed, {{"wound", TopicState::declined}, {"meds", TopicState::skipped}});
    insert_with("c", CallStatus::failed, {{"wound", TopicState::asked}, {"meds", TopicState::answered}});
    insert_with("d", CallStatus::in_progress, {{"wound", TopicState::unclear}});
    insert_with("e", CallStatus::busy, {});
    const auto figures = analytics().figures(std::nullopt, std::nullopt);
    ASSERT_TRUE(figures) << figures.error().detail;
    EXPECT_EQ(figures->topics,
              (std::vector<TopicFigures>{
                  {.topic = "meds", .planned = 2, .asked = 1, .answered = 1, .unclear = 0, .declined = 0},
                  {.topic = "pain \"x\"", .planned = 1, .asked = 1, .answered = 0, .unclear = 1, .declined = 0},
                  {.topic = "wound", .planned = 3, .asked = 3, .answered = 1, .unclear = 0, .declined = 1}}));
    EXPECT_TRUE(analytics().figures(at(2), std::nullopt)->topics.empty());
}

TEST_P(Analytics, TakeTheRangeWithItsStartAndWithoutItsEnd) {
    for (int i = 0; i < 4; ++i) insert("c" + std::to_string(i), i, CallStatus::completed, CallOutcome::completed);
    EXPECT_EQ(analytics().figures(at(1), at(3))->total, 2);
    EXPECT_EQ(analytics().figures(at(1), std::nullopt)->total, 3);
    EXPECT_EQ(analytics().figures(std::nullopt, at(1))->total, 1);
    EXPECT_EQ(analytics().figures(at(3), at(1))->total, 0);
}

}  // namespace
}  // namespace carevoice::storage::testing
