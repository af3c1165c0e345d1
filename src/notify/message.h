// What a notification says. Pure functions. The standard wording holds no clinical detail and no name: that somebody
// should look, how urgent it is, and the link. Only a channel that the hospital has marked as covered gets more.
#pragma once

#include "core/time.h"
#include "domain/alert.h"
#include "domain/notification.h"

#include <string>

namespace carevoice::notify {

struct Wording {
    std::string public_origin;  ///< "https://voice.example.org": the wall's address, without a slash at its end
    std::string organisation;   ///< who signs e-mails
};

/// One notification in every form that a channel may need.
struct Message {
    domain::Notification notification;
    WallTime created_at{};
    std::string subject;  ///< never a clinical detail: it shows on locked screens
    std::string text;
    std::string html;
    std::string sms;   ///< GSM 7-bit; one part, or three with details
    std::string json;  ///< {id, type, alert_id, call_session_id, severity, level, created_at, link}
};

/// `details`: the alert, for a covered channel, which then also reads its type, the patient's id and the quotes;
/// nullptr for every other.
Message render(const domain::Notification& notification, const Wording& wording, WallTime created_at,
               const domain::Alert* details);

}  // namespace carevoice::notify
