// Alerts and notifications that the tests of this room share.
#pragma once

#include "domain/notification.h"
#include "notify/message.h"

#include <string>
#include <utility>

namespace carevoice::notify {

inline domain::Alert sample_alert(domain::Severity severity = domain::Severity::high, std::string id = "alert-1") {
    domain::Alert alert;
    alert.id = AlertId(std::move(id));
    alert.call_session_id = CallSessionId("call-1");
    alert.patient_id = PatientId("patient-7");
    alert.type = domain::AlertType::wound_problem;
    alert.severity = severity;
    alert.evidence.push_back({.text = "it smells and there's pus", .audio_ms = 12'000, .rule = "W1"});
    alert.raised_at = alert.updated_at = parse_rfc3339("2026-11-23T16:00:00Z").value();
    return alert;
}

inline domain::CareLadder sample_ladder() {
    return {.people = {{"nurse@ward.example", "+14155550111"}, {"surgeon@ward.example", "+14155550112"}},
            .webhooks = {"https://hooks.example/a"}};
}

inline domain::Notification sample_notification(domain::Channel channel = domain::Channel::email,
                                                std::string recipient = "nurse@ward.example",
                                                std::string id = "alert-1.high.0.abc") {
    domain::Notification notification;
    notification.id = NotificationId(std::move(id));
    notification.alert_id = AlertId("alert-1");
    notification.call_session_id = CallSessionId("call-1");
    notification.channel = channel;
    notification.recipient = std::move(recipient);
    notification.severity = domain::Severity::high;
    notification.not_before = parse_rfc3339("2026-11-23T16:00:00Z").value();
    return notification;
}

inline Wording sample_wording() {
    return {.public_origin = "https://voice.example.org", .organisation = "Riverside Hospital"};
}

inline Message sample_message(const domain::Notification& notification = sample_notification()) {
    return render(notification, sample_wording(), parse_rfc3339("2026-11-23T16:00:00Z").value(), nullptr);
}

}  // namespace carevoice::notify
