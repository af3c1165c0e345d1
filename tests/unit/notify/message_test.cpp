#include "notify/message.h"

#include "core/text.h"
#include "notification_samples.h"
#include "notify/plain_text.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

namespace carevoice::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string link = "https://voice.example.org/alerts/alert-1";

std::vector<std::string> forms(const Message& message) {
    return {message.subject, message.text, message.html, message.sms, message.json};
}

TEST(Message, TheStandardWordingHoldsNoClinicalDetail) {
    const auto message = sample_message();
    for (const auto& form : forms(message))
        for (const auto* const detail : {"patient-7", "wound", "pus", "smells", "nurse@ward.example"})
            EXPECT_THAT(form, Not(HasSubstr(detail)));
    EXPECT_EQ(message.subject, "Patient alert (high)");
    EXPECT_THAT(message.text, HasSubstr("An alert about one of your patients waits (high)."));
    for (const auto& form : {message.text, message.html, message.sms, message.json}) EXPECT_THAT(form, HasSubstr(link));
}

TEST(Message, ACoveredChannelGetsTheDetailsButNotInItsSubject) {
    const auto alert = sample_alert();
    const auto message = render(sample_notification(), sample_wording(), alert.raised_at, &alert);
    EXPECT_EQ(message.subject, "Patient alert (high)");
    for (const auto& form : {message.text, message.sms, message.json}) {
        EXPECT_THAT(form, HasSubstr("wound problem"));
        EXPECT_THAT(form, HasSubstr("patient-7"));
        EXPECT_THAT(form, HasSubstr("it smells and there's pus"));
    }
    EXPECT_THAT(message.html, HasSubstr("it smells and there&#39;s pus"));
}

TEST(Message, AnSmsFitsIntoOnePart) {
    for (int level = 0; level <= domain::escalation_levels; ++level) {
        auto notification = sample_notification(domain::Channel::sms, "+14155550111");
        notification.level = level;
        notification.severity = domain::Severity::critical;
        notification.alert_id = AlertId("alert-0123456789abcdef01234567");
        const auto message = sample_message(notification);
        EXPECT_LE(gsm7_length(message.sms).value(), sms_septets_max);
        EXPECT_THAT(message.sms, HasSubstr("https://voice.example.org/alerts/alert-0123456789abcdef01234567"));
        EXPECT_THAT(message.sms, HasSubstr("critical"));
    }
}

TEST(Message, AnSmsDoesWithoutALinkThatIsTooLong) {
    Wording wording = sample_wording();
    wording.public_origin = "https://" + std::string(90, 'v') + ".example.org";
    const auto now = parse_rfc3339("2026-11-23T16:00:00Z").value();
    EXPECT_THAT(render(sample_notification(), wording, now, nullptr).sms, HasSubstr(".example.org/alerts/alert-1"));
    wording.public_origin = "https://" + std::string(150, 'v') + ".example.org";
    const auto sms = render(sample_notification(), wording, now, nullptr).sms;
    EXPECT_EQ(sms, "An alert about one of your patients waits (high). Its id: alert-1");
}

TEST(Message, AnSmsWithDetailsHasAtMostThreeParts) {
    auto alert = sample_alert();
    for (int i = 0; i < 20; ++i) alert.evidence.push_back({.text = std::string(2'000, static_cast<char>('a' + i))});
    const auto message = render(sample_notification(), sample_wording(), alert.raised_at, &alert);
    EXPECT_LE(gsm7_length(message.sms).value(), 3 * sms_part_septets_max);
    EXPECT_LT(message.text.size(), 4'000U);
    EXPECT_LT(message.json.size(), 4'000U);
}

TEST(Message, AWebhookGetsJson) {
    auto notification = sample_notification(domain::Channel::webhook, "https://hooks.example/a");
    EXPECT_EQ(boost::json::parse(sample_message(notification).json),
              boost::json::parse(R"({"id": "alert-1.high.0.abc", "type": "alert.raised", "alert_id": "alert-1",
                                     "call_session_id": "call-1", "severity": "high", "level": 0,
                                     "created_at": "2026-11-23T16:00:00.000Z",
                                     "link": "https://voice.example.org/alerts/alert-1"})"));
    notification.level = 2;
    EXPECT_THAT(sample_message(notification).json, HasSubstr(R"("type":"alert.escalated")"));
    EXPECT_THAT(sample_message(notification).json, HasSubstr(R"("level":2)"));
}

TEST(Message, AnEscalationAndABackupSayWhatTheyAre) {
    auto notification = sample_notification();
    notification.level = 1;
    notification.is_backup = true;
    const auto message = sample_message(notification);
    EXPECT_EQ(message.subject, "Patient alert still unanswered (high)");
    EXPECT_THAT(message.text, HasSubstr("Still unanswered"));
    EXPECT_THAT(message.text, HasSubstr("another way of telling you did not work"));
    EXPECT_THAT(message.html, HasSubstr("another way of telling you did not work"));
}

TEST(Message, HostileTextStaysText) {
    auto alert = sample_alert();
    alert.id = AlertId("a/../<b>\r\nBcc: x");
    alert.patient_id = PatientId("<script>\n\xFF");
    alert.evidence = {{.text = "</p><script>alert(1)</script>\r\n.\r\nMAIL FROM:<x> \xC3\x28 \xF0\x9F\x98\x80"}};
    auto notification = sample_notification();
    notification.alert_id = alert.id;
    const auto message = render(notification, sample_wording(), alert.raised_at, &alert);
    EXPECT_THAT(message.html, Not(HasSubstr("<script>")));
    EXPECT_THAT(message.html, Not(HasSubstr("<b>")));
    EXPECT_THAT(message.text, HasSubstr("/alerts/a%2F..%2F%3Cb%3E%0D%0ABcc%3A%20x"));
    EXPECT_THAT(message.text, Not(HasSubstr("\r")));
    EXPECT_THAT(message.sms, Not(HasSubstr("\n")));
    for (const auto& form : forms(message)) EXPECT_TRUE(is_valid_utf8(form));
    EXPECT_NO_THROW((void)boost::json::parse(message.json));
    EXPECT_TRUE(gsm7_length(message.sms).has_value());
}

TEST(Message, APageIsReadableOnAPhone) {
    const auto html = sample_message().html;
    EXPECT_THAT(html, HasSubstr("width=device-width"));
    EXPECT_THAT(html, HasSubstr("<a href=\"" + link + "\""));
    EXPECT_THAT(html, Not(HasSubstr("<img")));
}

}  // namespace
}  // namespace carevoice::notify
