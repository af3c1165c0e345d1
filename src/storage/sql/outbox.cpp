#include "storage/sql/outbox.h"

#include "storage/sql/alerts.h"
#include "storage/sql/outbox_row.h"
#include "storage/sql/paging.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <algorithm>

namespace carevoice::storage::sql {

namespace {

Error no_such_notification() {
    return {.code = Errc::not_found, .detail = "no notification has this id", .field = "notification_id"};
}

/// All rows that `conditions` select; `bind` sets its parameters.
Result<std::vector<OutboxItem>> select_items(soci::session& session, const std::string& conditions,
                                             const std::function<void(Query&)>& bind) {
    OutboxRow row;
    Query query(session, select_sql<OutboxRow>(conditions));
    bind(query);
    query.into_row(row);
    std::vector<OutboxItem> items;
    while (query.next()) {
        Result<OutboxItem> item = to_item(row);
        if (!item) return item.error();
        items.push_back(std::move(*item));
    }
    return items;
}

Result<OutboxItem> load_item(soci::session& session, const NotificationId& id) {
    auto found =
        select_items(session, "WHERE notification_id = :id", [&](Query& query) { query.bind("id", id.str()); });
    if (!found) return found.error();
    if (found->empty()) return no_such_notification();
    return std::move(found->front());
}

constexpr std::string_view open_to_workers = "state IN ('queued', 'leased')";

/// Whose turn it is to say how the delivery went: still leased, even when the time is over, as long as nobody else took
/// it. `also` are further states in which the worker's word counts.
std::string is_of_worker(const std::string& also = {}) {
    return " WHERE notification_id = :id AND leased_by = :worker AND state IN ('leased'" + also + ")";
}

std::string list_conditions(const OutboxFilter& filter) {
    std::string where = "WHERE (created_at, notification_id) < (:before_time, :before_id)";
    if (filter.state) where += " AND state = :state";
    if (filter.alert_id) where += " AND alert_id = :alert_id";
    return where + " ORDER BY created_at DESC, notification_id DESC LIMIT :limit";
}

}  // namespace

void enqueue(soci::session& session, const domain::Notification& notification, WallTime now) {
    Query(session, insert_sql<OutboxRow>() + " ON CONFLICT (notification_id) DO NOTHING")
        .bind_row(to_row(notification, now))
        .run();
}

void withdraw_escalations(soci::session& session, const AlertId& id, WallTime now) {
    Query(session, "UPDATE outbox SET state = 'withdrawn', settled_at = :now WHERE alert_id = :id AND level > 0 AND " +
                       std::string(open_to_workers))
        .bind("now", from_time(now))
        .bind("id", id.str())
        .run();
}

Result<std::vector<OutboxItem>> SqlOutbox::claim(const std::string& worker, WallTime now, milliseconds lease,
                                                 int limit) {
    const std::string conditions = "WHERE " + std::string(open_to_workers) +
                                   " AND next_attempt_at <= :now ORDER BY severity DESC, next_attempt_at, "
                                   "notification_id LIMIT :limit" +
                                   std::string(connections_.dialect().for_update_of_free_rows());
    return connections_.write([&](soci::session& session) -> Result<std::vector<OutboxItem>> {
        auto items = select_items(session, conditions,
                                  [&](Query& query) { query.bind("now", from_time(now)).bind("limit", limit); });
        if (!items) return items;
        for (OutboxItem& item : *items) {
            item.state = DeliveryState::leased;
            item.next_attempt_at = now + lease;
            ++item.attempts;
            Query(session,
                  "UPDATE outbox SET state = 'leased', leased_by = :worker, next_attempt_at = :until, "
                  "attempts = :attempts WHERE notification_id = :id")
                .bind("worker", worker)
                .bind("until", from_time(item.next_attempt_at))
                .bind("attempts", item.attempts)
                .bind("id", item.notification.id.str())
                .run();
        }
        return items;
    });
}

Result<bool> SqlOutbox::delivered(const NotificationId& id, const std::string& worker, const std::string& receipt,
                                  WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        // What was withdrawn while it was on its way has arrived all the same.
        Query query(session, "UPDATE outbox SET state = 'delivered', receipt = :receipt, settled_at = :now" +
                                 is_of_worker(", 'withdrawn'"));
        query.bind("receipt", receipt).bind("now", from_time(now)).bind("id", id.str()).bind("worker", worker);
        return query.run() > 0;
    });
}

Result<bool> SqlOutbox::failed(const NotificationId& id, const std::string& worker, const std::string& error,
                               WallTime try_again_at, const std::optional<domain::Notification>& backup) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        Query query(session, "UPDATE outbox SET state = 'queued', next_attempt_at = :again, last_error = :error" +
                                 is_of_worker());
        query.bind("again", from_time(try_again_at)).bind("error", error).bind("id", id.str()).bind("worker", worker);
        if (query.run() == 0) return false;
        if (backup) enqueue(session, *backup, backup->not_before);
        return true;
    });
}

Result<bool> SqlOutbox::buried(const NotificationId& id, const std::string& worker, const std::string& error,
                               WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        Query query(session,
                    "UPDATE outbox SET state = 'dead', settled_at = :now, last_error = :error" + is_of_worker());
        query.bind("now", from_time(now)).bind("error", error).bind("id", id.str()).bind("worker", worker);
        return query.run() > 0;
    });
}

Result<> SqlOutbox::revive(const NotificationId& id, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<> {
        Query query(session,
                    "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = :now, leased_by = '', "
                    "settled_at = NULL WHERE notification_id = :id AND state = 'dead'");
        if (query.bind("now", from_time(now)).bind("id", id.str()).run() > 0) return {};
        if (const auto item = load_item(session, id); !item) return item.error();
        return Error{.code = Errc::conflict,
                     .detail = "only a dead notification can be tried again",
                     .field = "notification_id"};
    });
}

Result<OutboxItem> SqlOutbox::find(const NotificationId& id) {
    return connections_.read([&](soci::session& session) { return load_item(session, id); });
}

Result<Page<OutboxItem>> SqlOutbox::list(const OutboxFilter& filter, const PageRequest& page) {
    if (const auto checked = check_limit(page); !checked) return checked.error();
    const auto before = read_time_cursor(page.cursor);
    if (!before) return before.error();

    return connections_.read([&](soci::session& session) -> Result<Page<OutboxItem>> {
        auto items = select_items(session, list_conditions(filter), [&](Query& query) {
            query.bind("before_time", before->time_ms).bind("before_id", before->id).bind("limit", page.limit + 1);
            if (filter.state) query.bind("state", to_string(*filter.state));
            if (filter.alert_id) query.bind("alert_id", filter.alert_id->str());
        });
        if (!items) return items.error();
        Page<OutboxItem> found{.items = std::move(*items), .cursor = {}};
        if (found.items.size() > static_cast<std::size_t>(page.limit)) {
            found.items.pop_back();
            const OutboxItem& last = found.items.back();
            found.cursor = time_cursor({.time_ms = from_time(last.created_at), .id = last.notification.id.str()});
        }
        return found;
    });
}

Result<OutboxCounts> SqlOutbox::counts(WallTime now) {
    return connections_.read([&](soci::session& session) -> Result<OutboxCounts> {
        std::string state;
        long long count = 0;
        Query states(session,
                     "SELECT state, COUNT(*) FROM outbox WHERE state IN ('queued', 'leased', 'dead') "
                     "GROUP BY state");
        states.into(state).into(count);
        OutboxCounts counts;
        while (states.next()) (state == "dead" ? counts.dead : counts.queued) += count;

        std::optional<long long> oldest;
        Query due(session, "SELECT MIN(next_attempt_at) FROM outbox WHERE " + std::string(open_to_workers) +
                               " AND next_attempt_at <= :now");
        due.bind("now", from_time(now)).into(oldest);
        if (due.next() && oldest) counts.oldest_due = now - to_time(*oldest);
        return counts;
    });
}

Result<std::vector<domain::Alert>> SqlOutbox::due_escalations(WallTime now, int limit) {
    return connections_.read([&](soci::session& session) {
        return select_alerts(session,
                             "WHERE escalate_at <= :now AND status = 'open' ORDER BY severity DESC, escalate_at, "
                             "alert_id LIMIT :limit",
                             [&](Query& query) { query.bind("now", from_time(now)).bind("limit", limit); });
    });
}

Result<bool> SqlOutbox::escalate(const AlertId& id, int level, const domain::AlertPlan& plan, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        Result<domain::Alert> alert = load_alert(session, id, connections_.dialect().for_update());
        if (!alert) return alert.error();
        const bool is_due = alert->escalate_at && *alert->escalate_at <= now;
        if (alert->status != domain::AlertStatus::open || !is_due || alert->escalation_level >= level) return false;
        alert->escalation_level = level;
        alert->escalate_at = plan.escalate_at;
        write_alert(session, *alert);
        for (const domain::Notification& one : plan.notifications) enqueue(session, one, now);
        return true;
    });
}

}  // namespace carevoice::storage::sql
