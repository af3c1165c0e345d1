// Who is told of an alert, which way, and who next when nobody answers. Pure functions over values.
// Sources: the customer's table of channels; target response times of the clinical rules (low next visit, moderate 24
// h, high 4 h, urgent 1 h, critical at once).
#pragma once

#include "core/ids.h"
#include "core/time.h"
#include "domain/alert.h"
#include "domain/patient.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

enum class Channel { in_app, email, sms, webhook };
std::string_view to_string(Channel channel) noexcept;
std::optional<Channel> parse_channel(std::string_view text) noexcept;

/// One message to one recipient by one channel. Holds no word of the patient's.
struct Notification {
    /// The same for the same alert, severity, level, channel and recipient, so that none is sent twice: what receivers
    /// see as Message-ID or Idempotency-Key. Letters, digits, '-' and '.'; at most 100 characters.
    NotificationId id;
    AlertId alert_id;
    CallSessionId call_session_id;
    Channel channel = Channel::in_app;
    std::string recipient;  ///< e-mail address, E.164 number, URL; "wall" for in_app
    Severity severity = Severity::low;
    int level = 0;           ///< 0: raised; n: the n-th escalation
    bool is_backup = false;  ///< stands in for another channel that failed
    WallTime not_before{};   ///< quiet hours hold low and moderate ones until then
    friend bool operator==(const Notification&, const Notification&) = default;
};

/// A person on the ladder. Either field may be empty.
struct Contact {
    std::string email;
    std::string phone;  ///< E.164
    friend bool operator==(const Contact&, const Contact&) = default;
};

/// Everybody who may be told, the first to be told first.
struct CareLadder {
    std::vector<Contact> people;
    std::vector<std::string> webhooks;  ///< URLs
};

/// The patient's own care team before the service's.
CareLadder ladder_of(const Patient& patient, const CareLadder& service);

/// What storing an alert causes.
struct AlertPlan {
    std::vector<Notification> notifications;
    std::optional<WallTime> escalate_at;  ///< when nobody has acknowledged it by then; nullopt: never again
};

/// How long an alert may wait for a person; nullopt: until the next visit. Critical ones get five minutes, the time
/// that "at once" takes.
std::optional<milliseconds> response_target(Severity severity) noexcept;

/// For an alert that is new or rose. `quiet_until`: the end of the team's quiet hours, or `now`. Critical alerts go to
/// everybody at once, others to the first of the ladder.
AlertPlan plan_alert(const Alert& alert, const CareLadder& ladder, WallTime now, WallTime quiet_until);
/// For an alert that nobody has acknowledged in time: `level` 1 tells the next person, 2 the one after, and
/// `escalation_levels` everybody, which is the last.
AlertPlan plan_escalation(const Alert& alert, int level, const CareLadder& ladder, WallTime now);
inline constexpr int escalation_levels = 3;

/// The other way to the same person, once this one has failed three times: e-mail by SMS and the reverse, a webhook by
/// e-mail to the first person. nullopt when there is none.
std::optional<Notification> plan_backup(const Notification& failed, const CareLadder& ladder, WallTime now);

}  // namespace carevoice::domain
