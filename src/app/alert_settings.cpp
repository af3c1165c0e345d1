#include "app/alert_settings.h"

#include "app/setting_values.h"
#include "core/text.h"
#include "domain/time_zone.h"
#include "net/client.h"
#include "notify/mail.h"
#include "notify/webhook_signature.h"

namespace carevoice::app {

namespace {

std::string_view check_mail_address(std::string_view text) {
    return notify::is_mail_address(text) ? "" : "must be e-mail addresses, with commas in between";
}

std::string_view check_phone(std::string_view text) {
    return is_e164(text) ? "" : "must be phone numbers in E.164 form, with commas in between";
}

std::string_view check_webhook_url(std::string_view text) {
    const auto url = net::parse_url(text);
    const bool fits = url.has_value() && (url->scheme == "https" || url->scheme == "http");
    return fits ? "" : "must be URLs such as https://hooks.example.org/alerts, with commas in between";
}

Result<> apply_from_email(Settings& settings, std::string_view text) {
    if (!notify::is_mail_address(text)) return wrong("must be an e-mail address");
    settings.alert_from_email = std::string(text);
    return {};
}

Result<> apply_webhook_secret(Settings& settings, std::string_view text) {
    if (notify::webhook_key(text).has_error())
        return wrong("must have at least 24 characters, or be whsec_ and base64");
    settings.alert_webhook_secret = std::string(text);
    return {};
}

Result<> apply_covered_channels(Settings& settings, std::string_view text) {
    std::vector<domain::Channel> channels;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto channel = domain::parse_channel(trim(text.substr(0, comma)));
        if (!channel) return wrong("must be email, sms or webhook, with commas in between");
        channels.push_back(*channel);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    settings.covered_channels = std::move(channels);
    return {};
}

Result<> apply_time_zone(Settings& settings, std::string_view text) {
    if (!domain::is_known_time_zone(text)) return wrong("must be an IANA name such as America/Chicago");
    settings.team_time_zone = std::string(text);
    return {};
}

Result<> apply_quiet_hours(Settings& settings, std::string_view text) {
    const auto dash = text.find('-');
    const auto from = minute_of_day(text.substr(0, dash));
    const auto to = dash == std::string_view::npos ? std::nullopt : minute_of_day(text.substr(dash + 1));
    if (!from || !to || *from == *to) return wrong("must be FROM-TO, such as 22:00-07:00");
    settings.quiet_hours = domain::CallingHours{*from, *to};
    return {};
}

}  // namespace

std::vector<SettingSpec> alert_setting_specs() {
    return {
        {"SMTP_HOST", "mail server for alerts; unset: none are mailed", "", false, true,
         text_into(&Settings::smtp_host)},
        {"SMTP_PORT", "its port; 465: TLS from the first byte", "587", false, true,
         number_into(&Settings::smtp_port, 1, 65'535)},
        {"SMTP_USER", "its user; unset: no login", "", false, true, text_into(&Settings::smtp_user)},
        {"SMTP_PASSWORD", "its password", "", true, true, text_into(&Settings::smtp_password)},
        {"ALERT_FROM_EMAIL", "sender of alerts by e-mail", "", false, true, apply_from_email},
        {"CARE_TEAM_EMAILS", "who is told of alerts, in the order in which they are told; a patient's own team first",
         "", false, true, list_into(&Settings::care_team_emails, check_mail_address)},
        {"CARE_TEAM_PHONES", "their phones in the same order, E.164", "", false, true,
         list_into(&Settings::care_team_phones, check_phone)},
        {"ALERT_WEBHOOK_URLS", "systems that are told of urgent and critical alerts", "", false, true,
         list_into(&Settings::alert_webhook_urls, check_webhook_url)},
        {"ALERT_WEBHOOK_SECRET", "signs what they get, at least 24 characters; unset: unsigned", "", true, true,
         apply_webhook_secret},
        {"COVERED_CHANNELS", "channels that may carry clinical detail (email, sms, webhook); unset: none", "", false,
         true, apply_covered_channels},
        {"QUIET_HOURS", "FROM-TO in TEAM_TIME_ZONE through which low and moderate alerts wait; unset: none", "", false,
         true, apply_quiet_hours},
        {"TEAM_TIME_ZONE", "IANA name of the care team's zone, for QUIET_HOURS", "", false, true, apply_time_zone},
    };
}

void check_alert_settings(LoadedSettings& loaded) {
    const Settings& settings = loaded.settings;
    if (!settings.smtp_host.empty() && settings.alert_from_email.empty())
        loaded.problems.push_back({"ALERT_FROM_EMAIL", "must be set when SMTP_HOST is"});
    if (settings.quiet_hours && settings.team_time_zone.empty())
        loaded.problems.push_back({"TEAM_TIME_ZONE", "must be set when QUIET_HOURS is"});
    if (settings.care_team_emails.empty() && settings.care_team_phones.empty())
        loaded.warnings.emplace_back(
            "CARE_TEAM_EMAILS and CARE_TEAM_PHONES are not set: alerts of patients without a care team of their own "
            "reach nobody but who looks");
    else if (!settings.care_team_emails.empty() && settings.smtp_host.empty())
        loaded.warnings.emplace_back("SMTP_HOST is not set: alerts are not sent by e-mail");
}

}  // namespace carevoice::app
