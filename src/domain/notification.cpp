#include "domain/notification.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace carevoice::domain {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<Channel, std::string_view>, 4> channel_names = {
    {{Channel::in_app, "in_app"}, {Channel::email, "email"}, {Channel::sms, "sms"}, {Channel::webhook, "webhook"}}};

/// FNV-1a, 64 bits: tells an alert's few recipients apart without showing who they are.
std::string digest(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4) hex += digits[(hash >> static_cast<unsigned>(shift)) & 15U];
    return hex;
}

void name(Notification& notification) {
    std::string id = notification.alert_id.str();
    id.append(".").append(to_string(notification.severity));
    id.append(".").append(std::to_string(notification.level));
    id.append(".").append(digest(std::string(to_string(notification.channel)) + ' ' + notification.recipient));
    notification.id = NotificationId(std::move(id));
}

class Planner {
public:
    Planner(const Alert& alert, int level, WallTime not_before)
        : alert_(alert), level_(level), not_before_(not_before) {}

    void tell(Channel channel, const std::string& recipient) {
        if (recipient.empty()) return;
        Notification notification{.alert_id = alert_.id,
                                  .call_session_id = alert_.call_session_id,
                                  .channel = channel,
                                  .recipient = recipient,
                                  .severity = alert_.severity,
                                  .level = level_,
                                  .not_before = not_before_};
        name(notification);
        const auto is_same = [&](const Notification& other) { return other.id == notification.id; };
        if (std::ranges::none_of(plan_.notifications, is_same)) plan_.notifications.push_back(std::move(notification));
    }

    void tell(const Contact& person) {
        const bool by_email = alert_.severity >= Severity::moderate;
        const bool by_sms = alert_.severity >= Severity::high;
        if (by_email) tell(Channel::email, person.email);
        // Somebody without an address is told by telephone, and the reverse, rather than not at all.
        if (by_sms || (by_email && person.email.empty())) tell(Channel::sms, person.phone);
    }

    void tell_webhooks(const CareLadder& ladder) {
        if (alert_.severity < Severity::urgent) return;
        for (const auto& url : ladder.webhooks) tell(Channel::webhook, url);
    }

    AlertPlan take(std::optional<WallTime> escalate_at) {
        plan_.escalate_at = escalate_at;
        return std::move(plan_);
    }

private:
    const Alert& alert_;
    int level_;
    WallTime not_before_;
    AlertPlan plan_;
};

const Contact* person_at(const CareLadder& ladder, int level) {
    if (ladder.people.empty()) return nullptr;
    const auto last = ladder.people.size() - 1;
    return &ladder.people[std::min(static_cast<std::size_t>(level), last)];
}

bool reaches(const Contact& person, const Notification& notification) {
    return notification.channel == Channel::email ? person.email == notification.recipient
                                                  : person.phone == notification.recipient;
}

}  // namespace

std::string_view to_string(Channel channel) noexcept {
    return std::ranges::find(channel_names, channel, &std::pair<Channel, std::string_view>::first)->second;
}

std::optional<Channel> parse_channel(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(channel_names, text, &std::pair<Channel, std::string_view>::second);
    return found == channel_names.end() ? std::nullopt : std::optional(found->first);
}

CareLadder ladder_of(const Patient& patient, const CareLadder& service) {
    CareLadder ladder;
    if (patient.care_team && !(patient.care_team->email.empty() && patient.care_team->phone.empty()))
        ladder.people.push_back({patient.care_team->email, patient.care_team->phone});
    for (const auto& person : service.people)
        if (std::ranges::find(ladder.people, person) == ladder.people.end()) ladder.people.push_back(person);
    ladder.webhooks = service.webhooks;
    return ladder;
}

std::optional<milliseconds> response_target(Severity severity) noexcept {
    switch (severity) {
        case Severity::low: return std::nullopt;
        case Severity::moderate: return 24h;
        case Severity::high: return 4h;
        case Severity::urgent: return 1h;
        case Severity::critical: return 5min;
    }
    return std::nullopt;
}

AlertPlan plan_alert(const Alert& alert, const CareLadder& ladder, WallTime now, WallTime quiet_until) {
    const bool may_wait = alert.severity <= Severity::moderate;
    const auto held_until = may_wait ? std::max(now, quiet_until) : now;
    Planner planner(alert, 0, held_until);
    planner.tell(Channel::in_app, "wall");
    if (alert.severity == Severity::critical) {
        for (const auto& person : ladder.people) planner.tell(person);
    } else if (const auto* first = person_at(ladder, 0)) {
        planner.tell(*first);
    }
    planner.tell_webhooks(ladder);
    const auto target = response_target(alert.severity);
    return planner.take(target ? std::optional(held_until + *target) : std::nullopt);
}

AlertPlan plan_escalation(const Alert& alert, int level, const CareLadder& ladder, WallTime now) {
    Planner planner(alert, level, now);
    planner.tell(Channel::in_app, "wall");
    if (level >= escalation_levels) {
        for (const auto& person : ladder.people) planner.tell(person);
    } else if (const auto* next = person_at(ladder, level)) {
        planner.tell(*next);
    }
    planner.tell_webhooks(ladder);
    const auto target = response_target(alert.severity);
    const bool is_last = level >= escalation_levels;
    return planner.take(target && !is_last ? std::optional(now + *target) : std::nullopt);
}

std::optional<Notification> plan_backup(const Notification& failed, const CareLadder& ladder, WallTime now) {
    if (failed.channel == Channel::in_app || failed.is_backup) return std::nullopt;
    const auto is_theirs = [&](const Contact& person) { return reaches(person, failed); };
    const auto found =
        failed.channel == Channel::webhook ? ladder.people.begin() : std::ranges::find_if(ladder.people, is_theirs);
    if (found == ladder.people.end()) return std::nullopt;
    const bool by_sms = failed.channel == Channel::email || found->email.empty();
    Notification backup = failed;
    backup.channel = by_sms ? Channel::sms : Channel::email;
    backup.recipient = by_sms ? found->phone : found->email;
    backup.is_backup = true;
    backup.not_before = now;
    if (backup.recipient.empty()) return std::nullopt;
    name(backup);
    return backup;
}

}  // namespace carevoice::domain
