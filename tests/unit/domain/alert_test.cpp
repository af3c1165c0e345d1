#include "domain/alert.h"

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

TEST(Alert, NamesReadBack) {
    for (const auto type : {AlertType::high_pain, AlertType::wound_problem, AlertType::mobility_issue,
                            AlertType::medication_issue, AlertType::patient_concern, AlertType::emergency}) {
        EXPECT_EQ(parse_alert_type(to_string(type)), type);
    }
    for (const auto severity :
         {Severity::low, Severity::moderate, Severity::high, Severity::urgent, Severity::critical}) {
        EXPECT_EQ(parse_severity(to_string(severity)), severity);
    }
    for (const auto status : {AlertStatus::open, AlertStatus::acknowledged, AlertStatus::resolved}) {
        EXPECT_EQ(parse_alert_status(to_string(status)), status);
    }
    EXPECT_EQ(parse_severity("HIGH"), std::nullopt);
    EXPECT_EQ(parse_alert_type(""), std::nullopt);
}

TEST(Alert, SeverityRisesAndNeverFalls) {
    Alert alert;
    alert.type = AlertType::wound_problem;
    alert.severity = Severity::moderate;
    const WallTime later{milliseconds(5)};
    EXPECT_TRUE(absorb(alert, {AlertType::wound_problem, Severity::high, {"pus", 100, "W1", 1}}, later));
    EXPECT_EQ(alert.severity, Severity::high);
    EXPECT_FALSE(absorb(alert, {AlertType::wound_problem, Severity::low, {"a bit red", 900, "W4", 1}}, later));
    EXPECT_EQ(alert.severity, Severity::high);
    EXPECT_EQ(alert.evidence.size(), 2U);
    EXPECT_EQ(alert.updated_at, later);
}

TEST(Alert, ThatSomebodyAcknowledgedIsOpenAgainWhenItRises) {
    for (const auto status : {AlertStatus::acknowledged, AlertStatus::resolved}) {
        Alert alert;
        alert.severity = Severity::moderate;
        alert.status = status;
        alert.acknowledged_at = WallTime{milliseconds(1)};
        alert.acknowledged_by = "nurse";
        alert.escalation_level = 2;
        EXPECT_FALSE(absorb(alert, {alert.type, Severity::moderate, {"pus", 100, "W1", 1}}, WallTime{}));
        EXPECT_EQ(alert.status, status);
        EXPECT_TRUE(absorb(alert, {alert.type, Severity::urgent, {"much pus", 200, "W2", 1}}, WallTime{}));
        EXPECT_EQ(alert.status, AlertStatus::open);
        EXPECT_EQ(alert.acknowledged_at, std::nullopt);
        EXPECT_EQ(alert.acknowledged_by, "");
        EXPECT_EQ(alert.escalation_level, 0);
    }
}

TEST(Alert, TheSameQuoteIsKeptOnce) {
    Alert alert;
    const RaisedAlert raised{AlertType::patient_concern, Severity::low, {"worried", 10, "C1", 1}};
    absorb(alert, raised, WallTime{});
    absorb(alert, raised, WallTime{});
    EXPECT_EQ(alert.evidence.size(), 1U);
}

TEST(Alert, ChannelsGrowWithSeverity) {
    using Channels = std::vector<std::string_view>;
    EXPECT_EQ(channels_for(Severity::low), Channels({"in_app"}));
    EXPECT_EQ(channels_for(Severity::moderate), Channels({"in_app", "email"}));
    EXPECT_EQ(channels_for(Severity::high), Channels({"in_app", "email", "sms"}));
    EXPECT_EQ(channels_for(Severity::urgent), Channels({"in_app", "email", "sms", "webhook"}));
    EXPECT_EQ(channels_for(Severity::critical), Channels({"in_app", "email", "sms", "webhook"}));
}

}  // namespace
}  // namespace carevoice::domain
