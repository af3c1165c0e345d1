#include "calls/earlier_calls.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class EarlierCallsTest : public testing::Test {
protected:
    void SetUp() override { (void)database_->patients().insert(tests::ruth()).value(); }

    domain::Call call(const std::string& id, int hours) {
        domain::Call made;
        made.call_session_id = CallSessionId(id);
        made.patient_id = PatientId("ruth");
        made.created_at = WallTime(std::chrono::hours(500'000 + hours));
        return made;
    }
    void had(const std::string& id, int hours, domain::Facts facts, std::vector<domain::RaisedAlert> alerts = {}) {
        const auto made = call(id, hours);
        (void)database_->calls().insert(made).value();
        storage::TurnRecord record;
        record.call_session_id = made.call_session_id;
        record.facts = std::move(facts);
        record.alerts = std::move(alerts);
        record.now = made.created_at;
        (void)database_->conversations().record(record, [&] { return AlertId("a" + std::to_string(++ids_)); }).value();
    }
    EarlierCalls before(const domain::Call& next) { return find_earlier_calls(*database_, next).value(); }

    std::unique_ptr<storage::Database> database_ = storage::open_database("sqlite::memory:", 1).value();
    int ids_ = 0;
};

domain::RaisedAlert raised(domain::AlertType type, const std::string& rule) {
    return {type, domain::Severity::moderate, {"words", std::nullopt, rule, 1}};
}

TEST_F(EarlierCallsTest, GiveTheLastThreePainScoresOldestFirst) {
    had("c1", 1, {{"pain_score", 9.0}});
    had("c2", 2, {{"pain_score", 4.0}});
    had("c3", 3, {{"consent", true}});
    had("c4", 4, {{"pain_score", 5.0}});
    had("c5", 5, {{"pain_score", 6.0}});
    EXPECT_THAT(before(call("now", 10)).pain_scores, ElementsAre(4, 5, 6));
}

TEST_F(EarlierCallsTest, GiveTheRulesOfTheLastCallThatAreStillOpen) {
    had("c1", 1, {{"pain_score", 2.0}}, {raised(domain::AlertType::high_pain, "P1")});
    had("c2", 2, {{"wound_signs", std::vector<std::string>{"redness"}}},
        {raised(domain::AlertType::wound_problem, "W3"), raised(domain::AlertType::mobility_issue, "M3")});
    had("c3", 3, {});
    storage::AlertFilter filter;
    filter.call_session_id = CallSessionId("c2");
    const auto alerts = database_->alerts().list(filter, {.limit = 10, .cursor = {}}).value();
    EXPECT_THAT(before(call("now", 10)).open_rules, UnorderedElementsAre("W3", "M3"));
    for (const auto& alert : alerts.items)
        if (alert.type == domain::AlertType::mobility_issue)
            (void)database_->alerts().set_status(alert.id, domain::AlertStatus::resolved, WallTime{}).value();
    const auto earlier = before(call("now", 10));
    EXPECT_THAT(earlier.open_rules, ElementsAre("W3"));
    EXPECT_TRUE(earlier.last_facts.contains("wound_signs"));
}

TEST_F(EarlierCallsTest, LeaveOutTheCallItselfAndLaterOnes) {
    had("now", 10, {{"pain_score", 3.0}});
    had("later", 11, {{"pain_score", 4.0}});
    const auto earlier = before(call("now", 10));
    EXPECT_THAT(earlier.pain_scores, IsEmpty());
    EXPECT_THAT(earlier.open_rules, IsEmpty());
}

TEST(TheSameTroubleAgain, IsOneStepMoreSevere) {
    tests::CallHouse house(false);
    domain::Call past;
    past.call_session_id = CallSessionId("past");
    past.patient_id = PatientId("ruth");
    past.created_at = house.clock.wall_now() - std::chrono::hours(24);
    (void)house.database->calls().insert(past).value();
    storage::TurnRecord record;
    record.call_session_id = past.call_session_id;
    record.facts = {{"pain_score", 2.0}};
    record.alerts = {raised(domain::AlertType::mobility_issue, "M3")};
    record.now = past.created_at;
    (void)house.database->conversations().record(record, [] { return AlertId("a1"); }).value();

    house.initiate();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.");
    house.gather("Yes.");
    house.gather("A four. And my knee gives way when I walk.");
    const auto details = house.details();
    const auto alert = std::ranges::find(details.alerts, domain::AlertType::mobility_issue, &domain::Alert::type);
    ASSERT_NE(alert, details.alerts.end());
    EXPECT_EQ(alert->severity, domain::Severity::high);
    EXPECT_EQ(std::get<std::string>(details.facts.at("trend")), "worsening");
}

}  // namespace
}  // namespace carevoice::calls
