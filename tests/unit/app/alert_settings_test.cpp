#include "app/alert_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace carevoice::app {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedSettings loaded(const SettingTexts& texts) {
    return load_settings(texts, {});
}

std::vector<std::string> faults(const SettingTexts& texts) {
    std::vector<std::string> names;
    for (const auto& problem : loaded(texts).problems) names.push_back(problem.name);
    return names;
}

TEST(AlertSettings, TakesListsInOrder) {
    const auto result = loaded({{"CARE_TEAM_EMAILS", "ward@example.org, charge@example.org,"},
                                {"CARE_TEAM_PHONES", "+13125550101,+13125550102"},
                                {"ALERT_WEBHOOK_URLS", "https://a.example.org/x,http://127.0.0.1:9/y"},
                                {"COVERED_CHANNELS", "email, webhook"}});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(result.settings.care_team_emails, ElementsAre("ward@example.org", "charge@example.org"));
    EXPECT_THAT(result.settings.care_team_phones, ElementsAre("+13125550101", "+13125550102"));
    EXPECT_THAT(result.settings.alert_webhook_urls, ElementsAre("https://a.example.org/x", "http://127.0.0.1:9/y"));
    EXPECT_THAT(result.settings.covered_channels, ElementsAre(domain::Channel::email, domain::Channel::webhook));
}

TEST(AlertSettings, RefusesEntriesThatReachNobody) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"CARE_TEAM_EMAILS", "ward@example.org,nobody"},
        {"CARE_TEAM_EMAILS", "ward@example.org\r\nBcc: all@example.org"},
        {"CARE_TEAM_PHONES", "3125550101"},
        {"ALERT_WEBHOOK_URLS", "hooks.example.org"},
        {"ALERT_WEBHOOK_URLS", "ftp://hooks.example.org"},
        {"ALERT_WEBHOOK_SECRET", "too short"},
        {"ALERT_FROM_EMAIL", "Carevoice <alerts@example.org>"},
        {"SMTP_PORT", "0"},
        {"SMTP_PORT", "65536"},
        {"COVERED_CHANNELS", "email,pigeon"},
        {"QUIET_HOURS", "22:00"},
        {"QUIET_HOURS", "22:00-22:00"},
        {"TEAM_TIME_ZONE", "Chicago"},
        {"INSTANCE_URL", "10.0.0.7:8000"},
    };
    for (const auto& [name, text] : cases) EXPECT_THAT(faults({{name, text}}), Contains(name)) << text;
}

TEST(AlertSettings, QuietHoursMayWrapOverMidnightAndNeedAZone) {
    const auto result = loaded({{"QUIET_HOURS", "22:00-07:00"}, {"TEAM_TIME_ZONE", "America/Chicago"}});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_EQ(result.settings.quiet_hours, (domain::CallingHours{22 * 60, 7 * 60}));
    EXPECT_THAT(faults({{"QUIET_HOURS", "22:00-07:00"}}), ElementsAre("TEAM_TIME_ZONE"));
}

TEST(AlertSettings, AMailServerNeedsASender) {
    EXPECT_THAT(faults({{"SMTP_HOST", "mail.example.org"}}), ElementsAre("ALERT_FROM_EMAIL"));
    EXPECT_THAT(faults({{"SMTP_HOST", "mail.example.org"}, {"ALERT_FROM_EMAIL", "alerts@example.org"}}), IsEmpty());
}

TEST(AlertSettings, SayWhenAlertsReachNobody) {
    EXPECT_THAT(loaded({}).warnings, Contains(HasSubstr("CARE_TEAM_EMAILS")));
    EXPECT_THAT(loaded({{"CARE_TEAM_EMAILS", "ward@example.org"}}).warnings, Contains(HasSubstr("SMTP_HOST")));
    EXPECT_THAT(loaded({{"CARE_TEAM_PHONES", "+13125550101"}}).warnings, Not(Contains(HasSubstr("CARE_TEAM"))));
}

}  // namespace
}  // namespace carevoice::app
