#include "contract/storage/store.h"

namespace carevoice::storage::testing {
namespace {

using domain::AlertStatus;
using domain::AlertType;
using domain::Severity;
using Ids = std::vector<std::string>;

class Alerts : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        add_call("c1");
        add_call("c2");
    }

    /// Stores one alert as "alert-1", then "alert-2" …
    void raise_in(const std::string& call, AlertType type, Severity severity, int second) {
        TurnRecord record{.call_session_id = CallSessionId(call), .now = at(second)};
        record.alerts = {raised(type, severity, "words")};
        ASSERT_TRUE(conversations().record(record, new_alert_id_));
    }

    Ids listed(const AlertFilter& filter, int limit = 200) {
        Ids ids;
        PageRequest page{.limit = limit, .cursor = {}};
        do {
            const auto found = alerts().list(filter, page);
            if (!found) {
                ADD_FAILURE() << found.error().detail;
                return ids;
            }
            for (const auto& alert : found->items) {
                ids.push_back(alert.id.str());
                EXPECT_EQ(alert.evidence.size(), 1U);
            }
            page.cursor = found->cursor;
        } while (!page.cursor.empty());
        return ids;
    }

    std::function<AlertId()> new_alert_id_ = alert_ids();
};
INSTANTIATE_TEST_SUITE_P(Stores, Alerts, ::testing::ValuesIn(all_stores()), name_of_store);

TEST_P(Alerts, AreListedNewestFirstPageByPage) {
    raise_in("c1", AlertType::high_pain, Severity::high, 1);
    raise_in("c1", AlertType::emergency, Severity::critical, 3);
    raise_in("c2", AlertType::high_pain, Severity::low, 3);
    raise_in("c2", AlertType::wound_problem, Severity::urgent, 2);
    for (const int limit : {1, 2, 3, 4, 200}) {
        EXPECT_EQ(listed({}, limit), (Ids{"alert-3", "alert-2", "alert-4", "alert-1"})) << limit;
    }
}

TEST_P(Alerts, AreFilteredByCallStatusAndSeverity) {
    raise_in("c1", AlertType::high_pain, Severity::low, 1);
    raise_in("c1", AlertType::emergency, Severity::critical, 2);
    raise_in("c2", AlertType::high_pain, Severity::high, 3);
    ASSERT_TRUE(alerts().set_status(AlertId("alert-3"), AlertStatus::acknowledged, at(9)));
    EXPECT_EQ(listed({.call_session_id = CallSessionId("c1")}, 1), (Ids{"alert-2", "alert-1"}));
    EXPECT_EQ(listed({.status = AlertStatus::open}, 1), (Ids{"alert-2", "alert-1"}));
    EXPECT_EQ(listed({.status = AlertStatus::acknowledged}), (Ids{"alert-3"}));
    EXPECT_EQ(listed({.at_least = Severity::high}, 1), (Ids{"alert-3", "alert-2"}));
    EXPECT_EQ(listed({.at_least = Severity::low}).size(), 3U);
    EXPECT_EQ(
        listed({.call_session_id = CallSessionId("c1"), .status = AlertStatus::open, .at_least = Severity::moderate}),
        (Ids{"alert-2"}));
    EXPECT_EQ(listed({.call_session_id = CallSessionId("x' OR 1=1 --")}), (Ids{}));
}

TEST_P(Alerts, ChangeTheirStatusAndKeepTheRest) {
    raise_in("c1", AlertType::high_pain, Severity::high, 1);
    domain::Alert expected = *alerts().find(AlertId("alert-1"));
    for (const auto status : {AlertStatus::acknowledged, AlertStatus::resolved, AlertStatus::resolved}) {
        expected.status = status;
        expected.updated_at += std::chrono::seconds(1);
        // The first who looks at it is the one who acknowledged it.
        if (!expected.acknowledged_at) expected.acknowledged_at = expected.updated_at;
        expected.acknowledged_by = "nurse-1";
        const std::string by = status == AlertStatus::acknowledged ? "nurse-1" : "nurse-2";
        const auto written = alerts().set_status(AlertId("alert-1"), status, expected.updated_at, by);
        ASSERT_TRUE(written);
        expect_same(*written, expected);
        expect_same(*alerts().find(AlertId("alert-1")), expected);
    }
}

TEST_P(Alerts, RememberWhoDidWhatAndWhatTheyWrote) {
    raise_in("c1", AlertType::high_pain, Severity::high, 1);
    const AlertId id("alert-1");
    ASSERT_TRUE(alerts().set_status(id, AlertStatus::acknowledged, at(2), "nurse-1", ""));
    ASSERT_TRUE(alerts().set_status(id, AlertStatus::acknowledged, at(3), "nurse-2", ""));
    ASSERT_TRUE(alerts().add_note(id, at(4), "nurse-1", "she sees the clinic at ten"));
    const auto written = alerts().set_status(id, AlertStatus::resolved, at(5), "nurse-2", "settled");
    const std::vector<domain::AlertAction> expected{
        {.at = at(2), .by = "nurse-1", .status = AlertStatus::acknowledged, .note = ""},
        {.at = at(4), .by = "nurse-1", .status = std::nullopt, .note = "she sees the clinic at ten"},
        {.at = at(5), .by = "nurse-2", .status = AlertStatus::resolved, .note = "settled"}};
    EXPECT_EQ(written->history, expected);
    EXPECT_EQ(alerts().find(id)->history, expected);
    EXPECT_EQ(alerts().add_note(AlertId("nope"), at(6), "nurse-1", "x").error().code, Errc::not_found);
}

TEST_P(Alerts, ThatSomebodyAcknowledgedAreOpenAgainWhenTheyRise) {
    raise_in("c1", AlertType::high_pain, Severity::high, 1);
    ASSERT_TRUE(alerts().set_status(AlertId("alert-1"), AlertStatus::acknowledged, at(2), "nurse-1"));
    raise_in("c1", AlertType::high_pain, Severity::high, 3);
    EXPECT_EQ(alerts().find(AlertId("alert-1"))->status, AlertStatus::acknowledged);
    raise_in("c1", AlertType::high_pain, Severity::critical, 4);
    const auto found = alerts().find(AlertId("alert-1"));
    EXPECT_EQ(found->status, AlertStatus::open);
    EXPECT_EQ(found->acknowledged_at, std::nullopt);
    EXPECT_EQ(found->acknowledged_by, "");
}

TEST_P(Alerts, AcknowledgedWhileTheyAreRaisedAgainLoseNeither) {
    raise_in("c1", AlertType::high_pain, Severity::high, 1);
    in_parallel(2, [&](int index) {
        for (int i = 0; i < 10; ++i) {
            if (index == 0) {
                EXPECT_TRUE(alerts().set_status(AlertId("alert-1"), AlertStatus::acknowledged, at(50 + i), "nurse-1"));
                continue;
            }
            TurnRecord record{.call_session_id = CallSessionId("c1"), .now = at(10 + i)};
            record.alerts = {raised(AlertType::high_pain, Severity::high, "quote " + std::to_string(i))};
            EXPECT_TRUE(conversations().record(record, new_alert_id_));
        }
    });
    const auto found = alerts().find(AlertId("alert-1"));
    EXPECT_EQ(found->status, AlertStatus::acknowledged);
    EXPECT_EQ(found->evidence.size(), 11U);
}

TEST_P(Alerts, ThatAreUnknownAreNotFound) {
    EXPECT_EQ(code_of(alerts().find(AlertId("nobody"))), Errc::not_found);
    EXPECT_EQ(code_of(alerts().set_status(AlertId("nobody"), AlertStatus::resolved, at(1))), Errc::not_found);
}

TEST_P(Alerts, RefuseLimitsAndCursorsThatAreNotOurs) {
    EXPECT_EQ(code_of(alerts().list({}, {.limit = 0, .cursor = {}})), Errc::invalid_input);
    EXPECT_EQ(code_of(alerts().list({}, {.limit = 201, .cursor = {}})), Errc::invalid_input);
    const auto found = alerts().list({}, {.limit = 5, .cursor = "../../etc/passwd"});
    EXPECT_EQ(code_of(found), Errc::invalid_input);
    EXPECT_EQ(found.error().field, "cursor");
}

}  // namespace
}  // namespace carevoice::storage::testing
