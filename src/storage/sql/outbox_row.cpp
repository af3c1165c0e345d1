#include "storage/sql/outbox_row.h"

#include "storage/sql/alert_row.h"
#include "storage/sql/row_text.h"

#include <algorithm>
#include <array>
#include <limits>

namespace carevoice::storage {

namespace {

constexpr std::array<std::string_view, 5> state_names = {"queued", "leased", "delivered", "dead", "withdrawn"};

std::optional<int> count(long long stored) {
    if (stored < 0 || stored > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(stored);
}

}  // namespace

std::string_view to_string(DeliveryState state) noexcept {
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<DeliveryState> parse_delivery_state(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(state_names, text);
    if (found == state_names.end()) return std::nullopt;
    return static_cast<DeliveryState>(found - state_names.begin());
}

namespace sql {

OutboxRow to_row(const domain::Notification& notification, WallTime now) {
    return {.notification_id = notification.id.str(),
            .alert_id = notification.alert_id.str(),
            .call_session_id = notification.call_session_id.str(),
            .channel = std::string(to_string(notification.channel)),
            .recipient = notification.recipient,
            .severity = severity_rank(notification.severity),
            .level = notification.level,
            .is_backup = notification.is_backup ? 1 : 0,
            .not_before = from_time(notification.not_before),
            .state = std::string(to_string(DeliveryState::queued)),
            .next_attempt_at = from_time(std::max(now, notification.not_before)),
            .created_at = from_time(now)};
}

Result<OutboxItem> to_item(const OutboxRow& row) {
    RowCheck check("outbox");
    OutboxItem item;
    domain::Notification& notification = item.notification;
    notification.id = NotificationId(row.notification_id);
    notification.alert_id = AlertId(row.alert_id);
    notification.call_session_id = CallSessionId(row.call_session_id);
    notification.channel = check.take("channel", domain::parse_channel(row.channel));
    notification.recipient = row.recipient;
    notification.severity = check.take("severity", severity_of_rank(row.severity));
    notification.level = check.take("level", count(row.level));
    notification.is_backup = row.is_backup != 0;
    notification.not_before = to_time(row.not_before);
    item.state = check.take("state", parse_delivery_state(row.state));
    item.attempts = check.take("attempts", count(row.attempts));
    item.next_attempt_at = to_time(row.next_attempt_at);
    item.last_error = row.last_error;
    item.receipt = row.receipt;
    item.created_at = to_time(row.created_at);
    item.settled_at = to_time(row.settled_at);
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return item;
}

}  // namespace sql

}  // namespace carevoice::storage
