#include "storage/call_plan.h"

#include "contract/storage/store.h"

#include <atomic>

namespace carevoice::storage::testing {
namespace {

using domain::CallStatus;
using Ids = std::vector<std::string>;

DialDecision dial(const DialCandidate&) {
    return {};
}

class CallPlan : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        ASSERT_TRUE(patients().insert(plain_patient("p1")));
        ASSERT_TRUE(patients().insert(plain_patient("p2")));
    }

    CallPlanRepository& plan() { return database_->call_plan(); }

    domain::Call entry(const std::string& id, std::optional<int> seconds, const std::string& patient = "p1") {
        domain::Call call = plain_call(id, patient);
        call.created_at = at(0);
        if (seconds) call.scheduled_at = at(*seconds);
        call.plan_open = true;
        return call;
    }
    void add(const domain::Call& call) { ASSERT_TRUE(calls().insert(call)); }

    Ids due(int seconds, int limit = 100) {
        Ids ids;
        const auto found = plan().due(at(seconds), at(-30), limit);
        EXPECT_TRUE(found) << found.error().detail;
        if (found)
            for (const auto& id : *found) ids.push_back(id.str());
        return ids;
    }
    domain::Call stored(const std::string& id) { return calls().find(CallSessionId(id)).value(); }
    Claim claim(const std::string& id, int seconds,
                const std::function<DialDecision(const DialCandidate&)>& decide = dial) {
        return plan().claim(CallSessionId(id), at(seconds), decide).value();
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, CallPlan, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(CallPlan, GivesTheEntriesThatAreDueTheLongestDueFirst) {
    add(entry("later", 20));
    add(entry("now", 10));
    add(entry("first", 5, "p2"));
    EXPECT_EQ(due(4), Ids{});
    EXPECT_EQ(due(10), (Ids{"first", "now"}));
    EXPECT_EQ(due(10, 1), Ids{"first"});
    EXPECT_EQ(plan().next_due().value(), at(5));
}

TEST_P(CallPlan, KnowsWhenNothingIsPlanned) {
    EXPECT_EQ(plan().next_due().value(), std::nullopt);
}

TEST_P(CallPlan, TakesUpACallThatWasToBeDialledAtOnceByOneWhoIsGone) {
    add(entry("at_once", std::nullopt));
    EXPECT_EQ(due(10), Ids{}) << "whoever stored it is about to dial it";
    const auto found = plan().due(at(10), at(1), 10).value();
    ASSERT_EQ(found.size(), 1U);
}

TEST_P(CallPlan, ClaimsAnEntryOnce) {
    add(entry("c1", 5));
    const auto first = claim("c1", 10);
    EXPECT_EQ(first.kind, Claim::Kind::dial);
    EXPECT_EQ(first.patient.patient_id, PatientId("p1"));
    EXPECT_EQ(stored("c1").status, CallStatus::unknown);
    EXPECT_EQ(stored("c1").dialled_at, at(10));
    EXPECT_EQ(claim("c1", 10).kind, Claim::Kind::taken);
    EXPECT_EQ(due(10), Ids{});
}

TEST_P(CallPlan, DoesNotClaimBeforeTheTime) {
    add(entry("c1", 5));
    EXPECT_EQ(claim("c1", 4).kind, Claim::Kind::taken);
    EXPECT_EQ(code_of(plan().claim(CallSessionId("nobody"), at(9), dial)), Errc::not_found);
}

TEST_P(CallPlan, LetsTheDecisionWithdrawOrPostpone) {
    add(entry("c1", 5));
    const auto later = [](const DialCandidate&) {
        return DialDecision{.kind = DialDecision::Kind::postpone, .why = {}, .until = at(60)};
    };
    EXPECT_EQ(claim("c1", 10, later).kind, Claim::Kind::postponed);
    EXPECT_EQ(stored("c1").scheduled_at, at(60));
    EXPECT_EQ(stored("c1").status, CallStatus::scheduled);
    const auto never = [](const DialCandidate&) {
        return DialDecision{.kind = DialDecision::Kind::withdraw, .why = "no consent", .until = {}};
    };
    EXPECT_EQ(claim("c1", 60, never).kind, Claim::Kind::withdrawn);
    EXPECT_EQ(stored("c1").status, CallStatus::canceled);
    EXPECT_EQ(stored("c1").failure, "no consent");
    EXPECT_FALSE(stored("c1").plan_open);
}

TEST_P(CallPlan, ShowsTheDecisionThePatientAndWhetherTheyAreOnThePhone) {
    add(entry("c1", 5));
    add(entry("c2", 6));
    ASSERT_EQ(claim("c1", 10).kind, Claim::Kind::dial);
    std::optional<WallTime> since;
    const auto look = [&since](const DialCandidate& candidate) {
        since = candidate.on_the_phone_since;
        return DialDecision{};
    };
    ASSERT_EQ(claim("c2", 11, look).kind, Claim::Kind::dial);
    EXPECT_EQ(since, at(10));
}

TEST_P(CallPlan, PutsBackWhatTwilioNeverMade) {
    add(entry("c1", 5));
    claim("c1", 10);
    ASSERT_EQ(plan().unknown(10).value().size(), 1U);
    EXPECT_FALSE(plan().never_made(CallSessionId("c1"), at(9), at(99), "", at(20)).value()) << "another dial";
    EXPECT_TRUE(plan().never_made(CallSessionId("c1"), at(10), at(99), "", at(20)).value());
    EXPECT_EQ(due(99), Ids{"c1"});
    EXPECT_TRUE(plan().unknown(10).value().empty());
    EXPECT_FALSE(plan().never_made(CallSessionId("c1"), at(10), at(99), "", at(20)).value()) << "decided before";
    claim("c1", 100);
    EXPECT_TRUE(plan().never_made(CallSessionId("c1"), at(100), std::nullopt, "refused", at(120)).value());
    EXPECT_EQ(stored("c1").status, CallStatus::failed);
}

TEST_P(CallPlan, DoesNotPutBackACallWhoseCallbackCame) {
    add(entry("c1", 5));
    claim("c1", 10);
    const auto answered = [](domain::Call& call) {
        call.call_sid = CallSid("CA1");
        call.status = CallStatus::ringing;
    };
    ASSERT_TRUE(calls().update(CallSessionId("c1"), answered));
    EXPECT_FALSE(plan().never_made(CallSessionId("c1"), at(10), at(99), "", at(20)).value());
    EXPECT_EQ(stored("c1").status, CallStatus::ringing);
}

TEST_P(CallPlan, WithdrawsAllThatIsPlannedForWhoOptedOut) {
    add(entry("c1", 5));
    add(entry("c2", 50));
    add(entry("other", 50, "p2"));
    ASSERT_TRUE(patients().update(PatientId("p1"), [](domain::Patient& patient) { patient.opted_out = true; }));
    EXPECT_EQ(plan().withdraw_opted_out(at(1)).value(), 2);
    EXPECT_EQ(stored("c2").status, CallStatus::canceled);
    EXPECT_EQ(stored("other").status, CallStatus::scheduled);
    EXPECT_EQ(plan().withdraw_opted_out(at(2)).value(), 0);
}

TEST_P(CallPlan, SettlesACallOnceWithItsNextAttempt) {
    auto call = entry("c1", 5);
    call.status = CallStatus::busy;
    call.ended_at = at(8);
    add(call);
    ASSERT_EQ(plan().unsettled(10).value().size(), 1U);
    auto next = entry("c1b", 600);
    next.retry_of = CallSessionId("c1");
    next.attempt = 2;
    EXPECT_TRUE(plan().settle(CallSessionId("c1"), next).value());
    EXPECT_TRUE(plan().unsettled(10).value().empty());
    next.call_session_id = CallSessionId("c1c");
    EXPECT_FALSE(plan().settle(CallSessionId("c1"), next).value());
    const auto attempts = plan().attempts(CallSessionId("c1")).value();
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[1].call_session_id, CallSessionId("c1b"));
    EXPECT_EQ(code_of(calls().insert(next)), Errc::conflict) << "an attempt is planned once";
}

TEST_P(CallPlan, SumsTheCostsOfAMonth) {
    const auto dialled = [this](const std::string& id, int seconds, CallStatus status, std::optional<double> cost) {
        auto call = entry(id, std::nullopt);
        call.dialled_at = at(seconds);
        call.status = status;
        call.cost_usd = cost;
        add(call);
    };
    dialled("before", -10, CallStatus::completed, 9.0);
    dialled("billed", 10, CallStatus::completed, 0.25);
    dialled("unbilled", 11, CallStatus::completed, std::nullopt);
    dialled("live", 12, CallStatus::in_progress, std::nullopt);
    dialled("busy", 13, CallStatus::busy, std::nullopt);
    const auto costs = plan().costs_since(at(0)).value();
    EXPECT_DOUBLE_EQ(costs.billed_usd, 0.25);
    EXPECT_EQ(costs.unbilled, 2);
}

class SharedCallPlan : public CallPlan {};
INSTANTIATE_TEST_SUITE_P(Stores, SharedCallPlan, ::testing::ValuesIn(lasting_stores()), name_of_store);

TEST_P(SharedCallPlan, GivesAnEntryToOneOfManyWhoTry) {
    constexpr int entries = 5;
    for (int i = 0; i < entries; ++i) add(entry("c" + std::to_string(i), i));
    std::atomic<int> claimed{0};
    in_parallel(4, [&](int) {
        for (int i = 0; i < entries; ++i) {
            const auto got = plan().claim(CallSessionId("c" + std::to_string(i)), at(10), dial);
            if (got && got->kind == Claim::Kind::dial) ++claimed;
        }
    });
    EXPECT_EQ(claimed.load(), entries);
}

TEST_P(SharedCallPlan, SeesAnOptOutThatIsStoredAtTheSameTime) {
    // Whichever comes first: never is an entry dialled by a claim that began after the opt-out was stored.
    const auto refuse = [](const DialCandidate& candidate) {
        return DialDecision{
            .kind = candidate.patient.opted_out ? DialDecision::Kind::withdraw : DialDecision::Kind::dial,
            .why = "opted out",
            .until = {}};
    };
    add(entry("c1", 5));
    in_parallel(2, [&](int who) {
        if (who == 0) {
            EXPECT_TRUE(patients().update(PatientId("p1"), [](domain::Patient& patient) { patient.opted_out = true; }));
            const auto after = plan().claim(CallSessionId("c1"), at(10), refuse);
            EXPECT_TRUE(after && after->kind != Claim::Kind::dial);
        } else {
            EXPECT_TRUE(plan().claim(CallSessionId("c1"), at(10), refuse));
        }
    });
}

}  // namespace
}  // namespace carevoice::storage::testing
