#include "domain/notification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace carevoice::domain {
namespace {

using namespace std::chrono_literals;

const WallTime now{1'800'000'000'000ms};

Alert alert_of(Severity severity) {
    Alert alert;
    alert.id = AlertId("alert-0123456789abcdef01234567");
    alert.call_session_id = CallSessionId("call-1");
    alert.type = AlertType::wound_problem;
    alert.severity = severity;
    return alert;
}

CareLadder three_people() {
    return {.people = {{.email = "ward@example.org", .phone = "+13125550101"},
                       {.email = "charge@example.org", .phone = "+13125550102"},
                       {.email = "surgeon@example.org", .phone = "+13125550103"}},
            .webhooks = {"https://hooks.example.org/a"}};
}

std::vector<std::string> told(const AlertPlan& plan) {
    std::vector<std::string> all;
    for (const auto& notification : plan.notifications)
        all.push_back(std::string(to_string(notification.channel)) + " " + notification.recipient);
    return all;
}

TEST(PlanAlert, FollowsTheCustomersTableOfChannels) {
    using Told = std::vector<std::string>;
    const auto plan = [](Severity severity) { return told(plan_alert(alert_of(severity), three_people(), now, now)); };
    EXPECT_EQ(plan(Severity::low), Told{"in_app wall"});
    EXPECT_EQ(plan(Severity::moderate), (Told{"in_app wall", "email ward@example.org"}));
    EXPECT_EQ(plan(Severity::high), (Told{"in_app wall", "email ward@example.org", "sms +13125550101"}));
    EXPECT_EQ(plan(Severity::urgent), (Told{"in_app wall", "email ward@example.org", "sms +13125550101",
                                            "webhook https://hooks.example.org/a"}));
}

TEST(PlanAlert, TellsEverybodyOfACriticalOneAtOnce) {
    const auto plan = plan_alert(alert_of(Severity::critical), three_people(), now, now + 8h);
    EXPECT_EQ(plan.notifications.size(), 1U + 3U * 2U + 1U);
    for (const auto& notification : plan.notifications) EXPECT_EQ(notification.not_before, now);
}

TEST(PlanAlert, HoldsOnlyLowAndModerateOnesThroughQuietHours) {
    const auto starts = [](Severity severity) {
        return plan_alert(alert_of(severity), three_people(), now, now + 8h).notifications.back().not_before;
    };
    EXPECT_EQ(starts(Severity::low), now + 8h);
    EXPECT_EQ(starts(Severity::moderate), now + 8h);
    EXPECT_EQ(starts(Severity::high), now);
    EXPECT_EQ(starts(Severity::urgent), now);
    // The target runs from the moment at which somebody could have known.
    EXPECT_EQ(plan_alert(alert_of(Severity::moderate), three_people(), now, now + 8h).escalate_at, now + 32h);
}

TEST(PlanAlert, SetsTheTargetOfEachSeverity) {
    const auto target = [](Severity severity) {
        return plan_alert(alert_of(severity), three_people(), now, now).escalate_at;
    };
    EXPECT_EQ(target(Severity::low), std::nullopt);
    EXPECT_EQ(target(Severity::moderate), now + 24h);
    EXPECT_EQ(target(Severity::high), now + 4h);
    EXPECT_EQ(target(Severity::urgent), now + 1h);
    EXPECT_EQ(target(Severity::critical), now + 5min);
}

TEST(PlanAlert, NamesEachMessageForGood) {
    const auto first = plan_alert(alert_of(Severity::urgent), three_people(), now, now);
    const auto later = plan_alert(alert_of(Severity::urgent), three_people(), now + 1min, now + 1min);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < first.notifications.size(); ++i) {
        EXPECT_EQ(first.notifications[i].id, later.notifications[i].id);
        EXPECT_LE(first.notifications[i].id.str().size(), 100U);
        // Told without showing to whom.
        EXPECT_EQ(first.notifications[i].id.str().find('@'), std::string::npos);
        ids.insert(first.notifications[i].id.str());
    }
    for (const auto& notification : plan_alert(alert_of(Severity::critical), three_people(), now, now).notifications)
        ids.insert(notification.id.str());
    EXPECT_EQ(ids.size(), 4U + 8U);
}

TEST(PlanAlert, TellsByTheOtherWayWhereOneIsMissing) {
    const CareLadder by_phone{.people = {{.email = "", .phone = "+13125550101"}}, .webhooks = {}};
    EXPECT_EQ(told(plan_alert(alert_of(Severity::moderate), by_phone, now, now)),
              (std::vector<std::string>{"in_app wall", "sms +13125550101"}));
    const CareLadder by_email{.people = {{.email = "ward@example.org", .phone = ""}}, .webhooks = {}};
    EXPECT_EQ(told(plan_alert(alert_of(Severity::urgent), by_email, now, now)),
              (std::vector<std::string>{"in_app wall", "email ward@example.org"}));
    EXPECT_EQ(told(plan_alert(alert_of(Severity::critical), {}, now, now)), std::vector<std::string>{"in_app wall"});
}

TEST(PlanEscalation, ClimbsTheLadderAndEndsWithEverybody) {
    const auto alert = alert_of(Severity::high);
    const auto first = plan_escalation(alert, 1, three_people(), now);
    EXPECT_EQ(told(first), (std::vector<std::string>{"in_app wall", "email charge@example.org", "sms +13125550102"}));
    EXPECT_EQ(first.escalate_at, now + 4h);
    const auto second = plan_escalation(alert, 2, three_people(), now);
    EXPECT_EQ(told(second)[1], "email surgeon@example.org");
    const auto last = plan_escalation(alert, escalation_levels, three_people(), now);
    EXPECT_EQ(last.notifications.size(), 7U);
    EXPECT_EQ(last.escalate_at, std::nullopt);
}

TEST(PlanEscalation, AsksTheOnlyPersonAgain) {
    const CareLadder alone{.people = {{.email = "ward@example.org", .phone = ""}}, .webhooks = {}};
    const auto alert = alert_of(Severity::moderate);
    const auto raised = plan_alert(alert, alone, now, now);
    const auto again = plan_escalation(alert, 1, alone, now);
    EXPECT_EQ(told(again), told(raised));
    EXPECT_NE(again.notifications.back().id, raised.notifications.back().id);
}

TEST(PlanBackup, ReachesTheSamePersonAnotherWay) {
    const auto plan = plan_alert(alert_of(Severity::urgent), three_people(), now, now);
    const auto by_email = plan_backup(plan.notifications[1], three_people(), now);
    ASSERT_TRUE(by_email);
    EXPECT_EQ(by_email->channel, Channel::sms);
    EXPECT_EQ(by_email->recipient, "+13125550101");
    const auto by_sms = plan_backup(plan.notifications[2], three_people(), now);
    ASSERT_TRUE(by_sms);
    EXPECT_EQ(by_sms->recipient, "ward@example.org");
    const auto by_webhook = plan_backup(plan.notifications[3], three_people(), now);
    ASSERT_TRUE(by_webhook);
    EXPECT_EQ(by_webhook->channel, Channel::email);
    // Never in circles, never for the wall, never to nobody.
    EXPECT_FALSE(plan_backup(*by_email, three_people(), now));
    EXPECT_FALSE(plan_backup(plan.notifications[0], three_people(), now));
    EXPECT_FALSE(plan_backup(plan.notifications[1], {}, now));
}

TEST(LadderOf, PutsThePatientsOwnTeamFirst) {
    Patient patient;
    EXPECT_EQ(ladder_of(patient, three_people()).people, three_people().people);
    patient.care_team = CareTeam{.name = "Knee team", .email = "knee@example.org", .phone = ""};
    EXPECT_EQ(ladder_of(patient, three_people()).people.front().email, "knee@example.org");
    EXPECT_EQ(ladder_of(patient, three_people()).people.size(), 4U);
    patient.care_team = CareTeam{.name = "Ward", .email = "ward@example.org", .phone = "+13125550101"};
    EXPECT_EQ(ladder_of(patient, three_people()).people.size(), 3U);
    patient.care_team = CareTeam{.name = "Nobody", .email = "", .phone = ""};
    EXPECT_EQ(ladder_of(patient, three_people()).people.size(), 3U);
}

TEST(Channel, IsReadAsItIsWritten) {
    for (const auto channel : {Channel::in_app, Channel::email, Channel::sms, Channel::webhook})
        EXPECT_EQ(parse_channel(to_string(channel)), channel);
    EXPECT_EQ(parse_channel("pigeon"), std::nullopt);
}

}  // namespace
}  // namespace carevoice::domain
