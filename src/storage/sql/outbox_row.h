// How a notification and its delivery lie in the database.
#pragma once

#include "core/error.h"
#include "storage/outbox.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::storage::sql {

struct OutboxRow {
    static constexpr std::string_view table = "outbox";

    std::string notification_id;
    std::string alert_id;
    std::string call_session_id;
    std::string channel;
    std::string recipient;
    long long severity = 0;
    long long level = 0;
    long long is_backup = 0;
    long long not_before = 0;
    std::string state;
    long long attempts = 0;
    long long next_attempt_at = 0;
    std::string leased_by;  ///< stays when the lease has ended
    std::string last_error;
    std::string receipt;
    long long created_at = 0;
    std::optional<long long> settled_at;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("notification_id", row.notification_id);
        visit("alert_id", row.alert_id);
        visit("call_session_id", row.call_session_id);
        visit("channel", row.channel);
        visit("recipient", row.recipient);
        visit("severity", row.severity);
        visit("level", row.level);
        visit("is_backup", row.is_backup);
        visit("not_before", row.not_before);
        visit("state", row.state);
        visit("attempts", row.attempts);
        visit("next_attempt_at", row.next_attempt_at);
        visit("leased_by", row.leased_by);
        visit("last_error", row.last_error);
        visit("receipt", row.receipt);
        visit("created_at", row.created_at);
        visit("settled_at", row.settled_at);
    }
};

/// As it lies there when it is new.
OutboxRow to_row(const domain::Notification& notification, WallTime now);
/// corrupt when a column breaks its rule.
Result<OutboxItem> to_item(const OutboxRow& row);

}  // namespace carevoice::storage::sql
