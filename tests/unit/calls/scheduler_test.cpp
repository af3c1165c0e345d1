#include "calls/scheduler.h"

#include "domain/dialogue.h"
#include "support/plan_house.h"

#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using namespace std::chrono_literals;
using domain::CallOutcome;
using domain::CallStatus;
using tests::DialFate;
using tests::PlanHouse;

/// Ruth lives in Chicago, where it is noon, and has one call planned for now.
class SchedulerTest : public ::testing::Test {
protected:
    SchedulerTest() {
        house.add_patient("ruth");
        house.add_call("c1", house.clock.wall);
    }
    std::size_t made() const { return house.network.made.size(); }
    std::vector<domain::Alert> alerts() {
        storage::AlertFilter filter;
        return house.database->alerts().list(filter, storage::PageRequest{.limit = 50, .cursor = {}}).value().items;
    }

    PlanHouse house;
};

TEST_F(SchedulerTest, DialsWhatIsDueOnce) {
    house.look();
    house.live_through(10min);
    EXPECT_EQ(made(), 1U);
    EXPECT_EQ(house.call("c1").status, CallStatus::queued);
    EXPECT_EQ(house.call("c1").call_sid, house.network.made[0].sid);
    EXPECT_EQ(house.call("c1").dialled_at, parse_rfc3339("2026-06-10T17:00:00Z").value());
}

TEST_F(SchedulerTest, WaitsForTheTime) {
    house.add_patient("bob", "America/Chicago", "+14155550102");
    house.add_call("later", house.clock.wall + 2h, "bob");
    house.live_through(119min);
    EXPECT_EQ(made(), 1U);
    house.live_through(2min);
    EXPECT_EQ(made(), 2U);
}

TEST_F(SchedulerTest, SleepsNoLongerThanToTheNextDueTime) {
    house.add_patient("bob", "America/Chicago", "+14155550102");
    house.look();
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::completed);
    house.add_call("later", house.clock.wall + 1200ms, "bob");
    EXPECT_EQ(house.run(house.first->pass()), 1200ms);
}

TEST_F(SchedulerTest, PostponesToTheMorningWhatIsDueAtNight) {
    house.clock.set(parse_rfc3339("2026-06-11T04:00:00Z").value());  // 23:00
    house.look();
    EXPECT_EQ(made(), 0U);
    EXPECT_EQ(house.call("c1").scheduled_at, parse_rfc3339("2026-06-11T13:00:00Z").value());
    house.live_through(9h, 10min);
    EXPECT_EQ(made(), 1U);
}

TEST_F(SchedulerTest, WithdrawsTheCallsOfWhoOptedOutAtOnce) {
    house.add_call("c2", house.clock.wall + 24h);
    house.change_patient("ruth", [](domain::Patient& patient) { patient.opted_out = true; });
    house.look();
    EXPECT_EQ(made(), 0U);
    EXPECT_EQ(house.call("c1").status, CallStatus::canceled);
    EXPECT_EQ(house.call("c2").status, CallStatus::canceled);
}

TEST_F(SchedulerTest, WithdrawsACallWithoutConsentWhenItIsDue) {
    house.change_patient("ruth", [](domain::Patient& patient) { patient.consents.calls = false; });
    house.look();
    EXPECT_EQ(made(), 0U);
    EXPECT_EQ(house.call("c1").status, CallStatus::canceled);
    EXPECT_NE(house.call("c1").failure.find("consent"), std::string::npos);
}

TEST_F(SchedulerTest, KeepsToTheRate) {
    house.settings.calls_per_second = 100;
    for (int i = 0; i < 30; ++i) {
        const auto name = std::to_string(i);
        house.add_patient("p" + name, "America/Chicago", "+141555502" + std::to_string(10 + i));
        house.add_call("x" + name, house.clock.wall, "p" + name);
    }
    house.run(house.first->pass());
    EXPECT_EQ(made(), 1U) << "the clock stands still: the second one is too early";
    house.live_through(1s, 10ms);
    EXPECT_EQ(made(), 31U);
}

TEST_F(SchedulerTest, DoesNotCallSomebodyWhoIsOnTheTelephone) {
    house.add_call("c2", house.clock.wall);
    house.live_through(4min);
    EXPECT_EQ(made(), 1U);
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::completed);
    house.live_through(6min);
    EXPECT_EQ(made(), 2U);
}

TEST_F(SchedulerTest, StopsAtTheBudgetAndSaysSo) {
    house.settings.monthly_budget_usd = 0.15;  // one call of five minutes, not two
    house.add_patient("bob", "America/Chicago", "+14155550102");
    house.add_call("c2", house.clock.wall, "bob");
    house.live_through(10min);
    EXPECT_EQ(made(), 1U);
    EXPECT_NE(house.first->hold().find("budget"), std::string::npos) << house.first->hold();
    EXPECT_EQ(house.first->admit().error().code, Errc::unavailable);
    house.clock.set(parse_rfc3339("2026-07-01T17:00:00Z").value());
    house.live_through(2min);
    EXPECT_EQ(made(), 2U) << "a new month";
}

TEST_F(SchedulerTest, DialsNothingMoreThanItCanFollow) {
    house.live_calls = house.settings.live_calls_max;
    house.live_through(2min);
    EXPECT_EQ(made(), 0U);
    house.live_calls = 0;
    house.live_through(2min);
    EXPECT_EQ(made(), 1U);
}

// ---- What becomes of a call

TEST_F(SchedulerTest, CallsAgainAfterABusyLineWithANewCall) {
    house.look();
    house.callback(house.network.made[0], CallStatus::busy, CallOutcome::no_answer);
    house.live_through(11min);
    ASSERT_EQ(made(), 2U);
    const auto attempts = house.attempts("c1");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[1].attempt, 2);
    EXPECT_EQ(attempts[1].retry_of, CallSessionId("c1"));
    EXPECT_EQ(attempts[1].call_session_id, house.network.made[1].id);
}

TEST_F(SchedulerTest, GoesOnWithAConversationThatWasCutOff) {
    house.look();
    domain::DialogueState state;
    state.identity_verified = true;
    state.topics = {{"identity", domain::TopicState::answered}, {"pain_level", domain::TopicState::answered}};
    state.events = 4;
    const auto remember = [&](domain::Call& call) { call.dialogue_state = domain::to_json(state); };
    ASSERT_TRUE(house.database->calls().update(CallSessionId("c1"), remember));
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::dropped);
    house.live_through(3min);
    ASSERT_EQ(made(), 2U);
    const auto next = domain::dialogue_state_from_json(house.attempts("c1")[1].dialogue_state).value();
    EXPECT_EQ(next.events, 0);
    EXPECT_EQ(next.topics[1].state, domain::TopicState::answered);
}

TEST_F(SchedulerTest, GivesUpWithATaskForTheTeamAfterSixAttempts) {
    for (int i = 0; i < 6; ++i) {
        house.live_through(30h, 10min);
        ASSERT_EQ(made(), static_cast<std::size_t>(i) + 1);
        EXPECT_TRUE(alerts().empty());
        house.callback(house.network.made.back(), CallStatus::no_answer, CallOutcome::no_answer);
    }
    house.live_through(72h, 30min);
    EXPECT_EQ(made(), 6U);
    ASSERT_EQ(alerts().size(), 1U);
    EXPECT_EQ(alerts()[0].evidence[0].text, "not reached in 6 calls");
    EXPECT_EQ(alerts()[0].evidence[0].rule, "R1");
}

TEST_F(SchedulerTest, LeavesAConversationThatWasHadAlone) {
    house.look();
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::completed);
    house.live_through(48h, 30min);
    EXPECT_EQ(made(), 1U);
    EXPECT_FALSE(house.call("c1").plan_open);
}

/// Operated on 4 June; the first call is on the sixth day.
TEST_F(SchedulerTest, PlansTheNextFollowUpWhenOneWasHad) {
    house.settings.plan_next_calls = true;
    house.change_patient("ruth",
                         [](domain::Patient& patient) { patient.surgery_date = parse_date("2026-06-04").value(); });
    house.look();
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::completed);
    house.look();
    EXPECT_EQ(house.database->call_plan().next_due().value(), parse_rfc3339("2026-06-11T15:00:00Z").value())
        << "day 7, 10:00 in Chicago";
    house.live_through(30h, 10min);
    ASSERT_EQ(made(), 2U);
    EXPECT_EQ(house.call(house.network.made[1].id).attempt, 1);
}

TEST_F(SchedulerTest, DoesNotCallAgainWhoOptedOutInTheCall) {
    house.look();
    house.change_patient("ruth", [](domain::Patient& patient) { patient.opted_out = true; });
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::dropped);
    house.live_through(48h, 30min);
    EXPECT_EQ(made(), 1U);
    EXPECT_TRUE(alerts().empty());
}

// ---- What Twilio does not say

TEST_F(SchedulerTest, FindsACallWhoseAnswerWasLost) {
    house.network.fates = {DialFate::timed_out_made};
    house.network.list_lag = 30s;
    house.look();
    EXPECT_EQ(house.call("c1").status, CallStatus::unknown);
    house.live_through(3min, 5s);
    EXPECT_EQ(house.call("c1").call_sid, house.network.made[0].sid);
    house.live_through(1h);
    EXPECT_EQ(house.network.asked, 1);
}

TEST_F(SchedulerTest, DoesNotTakeTheCallOfSomebodyWithTheSameTelephoneForItsOwn) {
    house.add_patient("bob", "America/Chicago", "+14155550101");
    house.add_call("c2", house.clock.wall + 1min, "bob");
    house.network.fates = {DialFate::timed_out_made, DialFate::timed_out_lost};
    house.network.list_lag = 100s;
    house.live_through(10min, 5s);
    EXPECT_EQ(house.call("c1").status, CallStatus::unknown) << "whose the one call in the list is, nobody knows";
    EXPECT_EQ(house.call("c2").status, CallStatus::unknown);
    house.callback(house.network.made[0], CallStatus::completed, CallOutcome::completed);
    house.live_through(5min, 5s);
    ASSERT_EQ(made(), 2U);
    EXPECT_EQ(house.call("c1").call_sid, house.network.made[0].sid);
    EXPECT_EQ(house.call("c2").call_sid, house.network.made[1].sid);
}

TEST_F(SchedulerTest, DialsAgainOnlyWhatWasProvenNeverMade) {
    house.network.fates = {DialFate::timed_out_lost};
    house.live_through(4min);
    EXPECT_EQ(house.network.asked, 1);
    house.network.list_down = true;
    house.live_through(30min);
    EXPECT_EQ(house.network.asked, 1) << "nobody knows";
    house.network.list_down = false;
    house.live_through(3min);
    EXPECT_EQ(house.network.asked, 2);
    EXPECT_EQ(house.call("c1").attempt, 1);
}

TEST_F(SchedulerTest, AnotherInstanceFindsTheCallOfOneThatDiedWhileDialling) {
    for (const auto fate : {DialFate::died_after, DialFate::died_before}) {
        PlanHouse other;
        other.add_patient("ruth");
        other.add_call("c1", other.clock.wall);
        other.network.fates = {fate};
        other.look();
        EXPECT_EQ(other.call("c1").status, CallStatus::unknown);
        other.first = other.start();
        other.live_through(20min);
        EXPECT_EQ(other.network.made.size(), 1U);
        EXPECT_EQ(other.call("c1").status, CallStatus::queued);
    }
}

TEST_F(SchedulerTest, TriesAgainAfterAnOutageWithoutSpendingAnAttempt) {
    house.network.fates = {DialFate::down, DialFate::down};
    house.live_through(10min);
    EXPECT_EQ(house.network.asked, 3);
    EXPECT_EQ(made(), 1U);
    EXPECT_EQ(house.call("c1").attempt, 1);
}

TEST_F(SchedulerTest, TellsTheTeamOfANumberThatTwilioRefuses) {
    house.network.fates = {DialFate::refused};
    house.live_through(24h, 10min);
    EXPECT_EQ(house.network.asked, 1);
    EXPECT_EQ(house.call("c1").status, CallStatus::failed);
    ASSERT_EQ(alerts().size(), 1U);
}

TEST_F(SchedulerTest, HangsUpOnACallThatWasWithdrawnWhileTwilioWasAsked) {
    house.network.on_create = [this](const CallSessionId& id) {
        const auto cancel = [](domain::Call& call) { call.status = CallStatus::canceled; };
        ASSERT_TRUE(house.database->calls().update(id, cancel));
    };
    house.look();
    ASSERT_EQ(house.network.ended.size(), 1U);
    EXPECT_EQ(house.network.ended[0], house.network.made[0].sid);
}

TEST_F(SchedulerTest, PausesACampaignThatFails) {
    for (int i = 0; i < 30; ++i) {
        const auto name = std::to_string(i);
        house.add_patient("p" + name, "America/Chicago", "+141555502" + std::to_string(10 + i));
        house.add_call("x" + name, house.clock.wall, "p" + name);
    }
    house.network.fates.assign(100, DialFate::down);
    house.live_through(1min, 1s);
    EXPECT_EQ(house.network.asked, 10);
    EXPECT_NE(house.first->hold().find("failed"), std::string::npos);
    house.network.fates.clear();
    house.live_through(5min, 10s);
    house.live_through(2s, 20ms);
    EXPECT_EQ(made(), 31U) << "the probe went well";
    EXPECT_EQ(house.first->hold(), "");
}

}  // namespace
}  // namespace carevoice::calls
