#include "contract/storage/store.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;
using domain::AlertStatus;
using domain::AlertType;
using domain::Channel;
using domain::Severity;
using Ids = std::vector<std::string>;

domain::Notification notification(const std::string& id, const domain::Alert& alert, int level = 0) {
    return {.id = NotificationId(id),
            .alert_id = alert.id,
            .call_session_id = alert.call_session_id,
            .channel = Channel::email,
            .recipient = "ward@example.org",
            .severity = alert.severity,
            .level = level,
            .not_before = at(0)};
}

Ids ids_of(const std::vector<OutboxItem>& items) {
    Ids ids;
    for (const auto& item : items) ids.push_back(item.notification.id.str());
    return ids;
}

class Outbox : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        add_call("c1");
    }

    /// Stores one alert and a notification for each of `ids`. The alert's type tells several of one call apart.
    void raise_for(const Ids& ids, Severity severity, int second, AlertType type = AlertType::high_pain,
                   std::optional<WallTime> escalate_at = std::nullopt) {
        TurnRecord record{.call_session_id = CallSessionId("c1"), .now = at(second)};
        record.alerts = {raised(type, severity, "words")};
        record.plan = [&](const domain::Alert& alert) {
            domain::AlertPlan plan{.notifications = {}, .escalate_at = escalate_at};
            for (const auto& id : ids) plan.notifications.push_back(notification(id, alert));
            return plan;
        };
        ASSERT_TRUE(conversations().record(record, new_alert_id_));
    }

    Ids claimed(const std::string& worker, int second, int limit = 100, milliseconds lease = 30s) {
        const auto items = outbox().claim(worker, at(second), lease, limit);
        if (!items) ADD_FAILURE() << items.error().detail;
        return items ? ids_of(*items) : Ids{};
    }

    OutboxItem found(const std::string& id) { return outbox().find(NotificationId(id)).value(); }
    domain::Alert alert(const std::string& id) { return alerts().find(AlertId(id)).value(); }

    std::function<AlertId()> new_alert_id_ = alert_ids();
};
INSTANTIATE_TEST_SUITE_P(Stores, Outbox, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Outbox, TakesWhatAnAlertCausesWithTheAlert) {
    raise_for({"n1", "n2"}, Severity::high, 5, AlertType::high_pain, at(100));
    const OutboxItem item = found("n1");
    EXPECT_TRUE(item.notification == notification("n1", alert("alert-1")));
    EXPECT_EQ(item.state, DeliveryState::queued);
    EXPECT_EQ(item.attempts, 0);
    EXPECT_EQ(item.next_attempt_at, at(5));
    EXPECT_EQ(item.created_at, at(5));
    EXPECT_EQ(item.settled_at, std::nullopt);
    EXPECT_EQ(alert("alert-1").escalate_at, at(100));
    EXPECT_EQ(found("n2").state, DeliveryState::queued);
}

TEST_P(Outbox, KeepsEveryFieldOfANotification) {
    TurnRecord record{.call_session_id = CallSessionId("c1"), .now = at(1)};
    record.alerts = {raised(AlertType::emergency, Severity::critical, "words")};
    domain::Notification full;
    record.plan = [&](const domain::Alert& alert) {
        full = {.id = NotificationId("n1"),
                .alert_id = alert.id,
                .call_session_id = alert.call_session_id,
                .channel = Channel::webhook,
                .recipient = "https://example.org/?a='b'",
                .severity = Severity::critical,
                .level = 3,
                .is_backup = true,
                .not_before = at(77) + milliseconds(5)};
        return domain::AlertPlan{.notifications = {full}};
    };
    ASSERT_TRUE(conversations().record(record, new_alert_id_));
    EXPECT_TRUE(found("n1").notification == full);
    EXPECT_EQ(found("n1").next_attempt_at, full.not_before);
    EXPECT_EQ(claimed("w", 77), Ids{});
    EXPECT_EQ(claimed("w", 78), Ids{"n1"});
}

TEST_P(Outbox, TakesNothingWhenTheAlertIsNotStored) {
    TurnRecord record{.call_session_id = CallSessionId("c1"), .now = at(1)};
    record.alerts = {raised(AlertType::high_pain, Severity::high, "words")};
    record.turns = {patient_turn("x")};
    record.turns.front().sequence = 9;  // leaves a gap
    record.plan = [](const domain::Alert& alert) {
        return domain::AlertPlan{.notifications = {notification("n1", alert)}};
    };
    EXPECT_EQ(code_of(conversations().record(record, new_alert_id_)), Errc::conflict);
    EXPECT_EQ(code_of(outbox().find(NotificationId("n1"))), Errc::not_found);
}

TEST_P(Outbox, AsksForAPlanOnlyWhenAnAlertIsNewOrRises) {
    raise_for({"n1"}, Severity::moderate, 1, AlertType::high_pain, at(100));
    raise_for({"n2"}, Severity::low, 2, AlertType::high_pain, at(50));
    EXPECT_EQ(code_of(outbox().find(NotificationId("n2"))), Errc::not_found);
    EXPECT_EQ(alert("alert-1").escalate_at, at(100));
    raise_for({"n1", "n3"}, Severity::high, 3, AlertType::high_pain, at(60));
    EXPECT_EQ(found("n3").notification.severity, Severity::high);
    EXPECT_EQ(found("n1").notification.severity, Severity::moderate) << "the same id is the same notification";
    EXPECT_EQ(alert("alert-1").escalate_at, at(60));
    raise_for({"n4"}, Severity::urgent, 4, AlertType::high_pain, at(99));
    EXPECT_EQ(alert("alert-1").escalate_at, at(60)) << "a worse alert does not wait for longer";
}

TEST_P(Outbox, GivesTheMostSevereFirstThenTheLongestDue) {
    raise_for({"low-b", "low-a"}, Severity::low, 1, AlertType::high_pain);
    raise_for({"critical"}, Severity::critical, 3, AlertType::emergency);
    raise_for({"low-c"}, Severity::low, 2, AlertType::wound_problem);
    EXPECT_EQ(claimed("w", 0), Ids{});
    EXPECT_EQ(claimed("w", 3, 2), (Ids{"critical", "low-a"}));
    EXPECT_EQ(claimed("w", 3, 2), (Ids{"low-b", "low-c"}));
    EXPECT_EQ(claimed("w", 3, 2), Ids{});
}

TEST_P(Outbox, LeasesUntilTheLeaseEnds) {
    raise_for({"n1"}, Severity::low, 1);
    const auto items = outbox().claim("w1", at(1), 30s, 1);
    ASSERT_TRUE(items);
    EXPECT_EQ(items->front().state, DeliveryState::leased);
    EXPECT_EQ(items->front().attempts, 1);
    EXPECT_EQ(items->front().next_attempt_at, at(31));
    EXPECT_EQ(found("n1").state, DeliveryState::leased);
    EXPECT_EQ(claimed("w2", 30), Ids{});
    EXPECT_EQ(claimed("w2", 31), Ids{"n1"});
    EXPECT_EQ(found("n1").attempts, 2);

    // The first worker is too late to say anything, the second is not even when its own time is over.
    EXPECT_FALSE(*outbox().delivered(NotificationId("n1"), "w1", "r", at(32)));
    EXPECT_FALSE(*outbox().failed(NotificationId("n1"), "w1", "e", at(32), std::nullopt));
    EXPECT_FALSE(*outbox().buried(NotificationId("n1"), "w1", "e", at(32)));
    EXPECT_EQ(found("n1").state, DeliveryState::leased);
    EXPECT_TRUE(*outbox().delivered(NotificationId("n1"), "w2", "SM1", at(99)));
    EXPECT_FALSE(*outbox().delivered(NotificationId("n1"), "w2", "SM2", at(99)));
    const OutboxItem item = found("n1");
    EXPECT_EQ(item.state, DeliveryState::delivered);
    EXPECT_EQ(item.receipt, "SM1");
    EXPECT_EQ(item.settled_at, at(99));
    EXPECT_EQ(claimed("w2", 1'000), Ids{});
}

TEST_P(Outbox, TriesAgainAndQueuesTheBackupOnce) {
    raise_for({"n1"}, Severity::high, 1);
    const auto backup = [&] {
        domain::Notification other = notification("n1-sms", alert("alert-1"));
        other.channel = Channel::sms;
        other.is_backup = true;
        other.not_before = at(40);
        return other;
    }();
    ASSERT_EQ(claimed("w", 1), Ids{"n1"});
    EXPECT_TRUE(*outbox().failed(NotificationId("n1"), "w", "connection refused", at(10), backup));
    EXPECT_EQ(found("n1").state, DeliveryState::queued);
    EXPECT_EQ(found("n1").last_error, "connection refused");
    EXPECT_TRUE(found("n1-sms").notification == backup);
    EXPECT_EQ(claimed("w", 9), Ids{});
    ASSERT_EQ(claimed("w", 10), Ids{"n1"});
    EXPECT_TRUE(*outbox().failed(NotificationId("n1"), "w", "again", at(20), backup));
    EXPECT_EQ(outbox().list({}, {})->items.size(), 2U);
    EXPECT_EQ(claimed("w", 50), (Ids{"n1", "n1-sms"}));
}

TEST_P(Outbox, BuriesAndRevives) {
    raise_for({"n1"}, Severity::high, 1);
    EXPECT_EQ(code_of(outbox().revive(NotificationId("n1"), at(1))), Errc::conflict);
    EXPECT_EQ(code_of(outbox().revive(NotificationId("nobody"), at(1))), Errc::not_found);
    ASSERT_EQ(claimed("w", 1), Ids{"n1"});
    EXPECT_TRUE(*outbox().buried(NotificationId("n1"), "w", "no such mailbox", at(2)));
    EXPECT_EQ(found("n1").state, DeliveryState::dead);
    EXPECT_EQ(found("n1").settled_at, at(2));
    EXPECT_EQ(found("n1").last_error, "no such mailbox");
    EXPECT_EQ(claimed("w", 1'000), Ids{});
    EXPECT_TRUE(outbox().revive(NotificationId("n1"), at(5)));
    EXPECT_EQ(found("n1").attempts, 0);
    EXPECT_EQ(found("n1").settled_at, std::nullopt);
    EXPECT_EQ(claimed("w", 5), Ids{"n1"});
}

TEST_P(Outbox, GivesNoItemToTwoWorkers) {
    Ids all;
    for (int i = 0; i < 60; ++i) all.push_back("n" + std::to_string(i));
    raise_for(all, Severity::high, 1);
    std::mutex mutex;
    std::multiset<std::string> taken;
    in_parallel(4, [&](int index) {
        const std::string worker = "w" + std::to_string(index);
        while (true) {
            const auto items = outbox().claim(worker, at(2), 30s, 3);
            ASSERT_TRUE(items) << items.error().detail;
            if (items->empty()) break;
            for (const auto& item : *items) EXPECT_TRUE(*outbox().delivered(item.notification.id, worker, "", at(3)));
            const std::lock_guard lock(mutex);
            for (const auto& item : *items) taken.insert(item.notification.id.str());
        }
    });
    EXPECT_EQ(taken.size(), 60U);
    EXPECT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), 60U);
}

TEST_P(Outbox, IsListedNewestFirstPageByPage) {
    raise_for({"a", "b"}, Severity::high, 1, AlertType::high_pain);
    raise_for({"c"}, Severity::high, 2, AlertType::emergency);
    ASSERT_EQ(claimed("w", 2, 1), Ids{"a"});
    ASSERT_TRUE(*outbox().delivered(NotificationId("a"), "w", "", at(3)));
    Ids listed;
    PageRequest page{.limit = 2, .cursor = {}};
    do {
        const auto part = outbox().list({}, page);
        ASSERT_TRUE(part);
        for (const auto& id : ids_of(part->items)) listed.push_back(id);
        page.cursor = part->cursor;
    } while (!page.cursor.empty());
    EXPECT_EQ(listed, (Ids{"c", "b", "a"}));
    EXPECT_EQ(ids_of(outbox().list({.state = DeliveryState::delivered}, {})->items), Ids{"a"});
    EXPECT_EQ(ids_of(outbox().list({.alert_id = AlertId("alert-1")}, {})->items), (Ids{"b", "a"}));
    EXPECT_EQ(code_of(outbox().list({}, {.limit = 0, .cursor = {}})), Errc::invalid_input);
    EXPECT_EQ(code_of(outbox().list({}, {.limit = 1, .cursor = "x"})), Errc::invalid_input);
    EXPECT_EQ(code_of(outbox().find(NotificationId("nobody"))), Errc::not_found);
}

TEST_P(Outbox, IsCounted) {
    EXPECT_EQ(outbox().counts(at(9))->queued, 0);
    raise_for({"a", "b", "c", "d"}, Severity::high, 1);
    ASSERT_EQ(claimed("w", 2, 3), (Ids{"a", "b", "c"}));
    ASSERT_TRUE(*outbox().delivered(NotificationId("a"), "w", "", at(3)));
    ASSERT_TRUE(*outbox().buried(NotificationId("b"), "w", "no", at(3)));
    const auto counts = outbox().counts(at(11));
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->queued, 2);
    EXPECT_EQ(counts->dead, 1);
    EXPECT_EQ(counts->oldest_due, 10s);
    EXPECT_EQ(outbox().counts(at(0))->oldest_due, 0s);
}

TEST_P(Outbox, EscalatesOnceWhatNobodyAcknowledges) {
    raise_for({}, Severity::high, 1, AlertType::high_pain, at(100));
    raise_for({}, Severity::critical, 2, AlertType::emergency, at(90));
    raise_for({}, Severity::low, 3, AlertType::wound_problem);
    EXPECT_TRUE(outbox().due_escalations(at(89), 10)->empty());
    const auto due = outbox().due_escalations(at(100), 10);
    ASSERT_TRUE(due);
    ASSERT_EQ(due->size(), 2U);
    EXPECT_EQ(due->front().id.str(), "alert-2");
    EXPECT_EQ(due->front().evidence.size(), 1U);
    EXPECT_EQ(outbox().due_escalations(at(100), 1)->size(), 1U);

    const domain::AlertPlan plan{.notifications = {notification("e1", due->front(), 1)}, .escalate_at = at(200)};
    std::atomic<int> won{0};
    in_parallel(4, [&](int) {
        const auto mine = outbox().escalate(AlertId("alert-2"), 1, plan, at(100));
        ASSERT_TRUE(mine) << mine.error().detail;
        if (*mine) ++won;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(alert("alert-2").escalation_level, 1);
    EXPECT_EQ(alert("alert-2").escalate_at, at(200));
    EXPECT_EQ(outbox().due_escalations(at(100), 10)->size(), 1U);
    EXPECT_EQ(claimed("w", 100), Ids{"e1"});
    EXPECT_FALSE(*outbox().escalate(AlertId("alert-2"), 2, plan, at(199))) << "not due yet";
    EXPECT_EQ(code_of(outbox().escalate(AlertId("nobody"), 1, plan, at(100))), Errc::not_found);
}

TEST_P(Outbox, StopsEscalatingAtOnceWhenSomebodyAcknowledges) {
    raise_for({"n1"}, Severity::high, 1, AlertType::high_pain, at(100));
    const domain::Alert raised_alert = alert("alert-1");
    domain::AlertPlan plan{.notifications = {}, .escalate_at = at(200)};
    for (const char* id : {"e1", "e2", "e3"}) plan.notifications.push_back(notification(id, raised_alert, 1));
    ASSERT_TRUE(*outbox().escalate(AlertId("alert-1"), 1, plan, at(100)));
    ASSERT_EQ(claimed("w", 100, 3), (Ids{"n1", "e1", "e2"}));

    const auto status = AlertStatus::acknowledged;
    ASSERT_TRUE(alerts().set_status(AlertId("alert-1"), status, at(101), "nurse-1"));

    EXPECT_EQ(alert("alert-1").escalate_at, std::nullopt);
    EXPECT_TRUE(outbox().due_escalations(at(1'000), 10)->empty());
    EXPECT_FALSE(*outbox().escalate(AlertId("alert-1"), 2, plan, at(1'000)));
    EXPECT_EQ(found("e3").state, DeliveryState::withdrawn);
    EXPECT_EQ(found("e3").settled_at, at(101));
    // Those on their way may have arrived; those that have not are not sent again.
    EXPECT_TRUE(*outbox().delivered(NotificationId("e1"), "w", "r", at(102)));
    EXPECT_EQ(found("e1").state, DeliveryState::delivered);
    EXPECT_FALSE(*outbox().failed(NotificationId("e2"), "w", "no", at(103), std::nullopt));
    EXPECT_EQ(found("e2").state, DeliveryState::withdrawn);
    EXPECT_TRUE(*outbox().failed(NotificationId("n1"), "w", "no", at(103), std::nullopt));
    EXPECT_EQ(claimed("w", 1'000), Ids{"n1"});
}

TEST_P(Outbox, GoesWithThePatient) {
    raise_for({"n1"}, Severity::high, 1);
    ASSERT_TRUE(patients().erase(PatientId("p1")));
    EXPECT_EQ(code_of(outbox().find(NotificationId("n1"))), Errc::not_found);
    EXPECT_EQ(claimed("w", 1'000), Ids{});
}

TEST_P(Outbox, HoldsStateNamesThatReadBack) {
    using enum DeliveryState;
    for (const auto state : {queued, leased, delivered, dead, withdrawn})
        EXPECT_EQ(parse_delivery_state(to_string(state)), state);
    EXPECT_EQ(parse_delivery_state("Queued"), std::nullopt);
}

}  // namespace
}  // namespace carevoice::storage::testing
