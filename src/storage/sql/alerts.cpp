#include "storage/sql/alerts.h"

#include "storage/sql/alert_row.h"
#include "storage/sql/outbox.h"
#include "storage/sql/paging.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <algorithm>

namespace carevoice::storage::sql {

namespace {

Error no_such_alert() {
    return {.code = Errc::not_found, .detail = "no alert has this id", .field = "alert_id"};
}

Result<> load_evidence(soci::session& session, domain::Alert& alert) {
    EvidenceRow row;
    Query query(session, select_sql<EvidenceRow>("WHERE alert_id = :id ORDER BY position"));
    query.bind("id", alert.id.str()).into_row(row);
    while (query.next()) {
        Result<domain::Evidence> evidence = to_evidence(row);
        if (!evidence) return evidence.error();
        alert.evidence.push_back(std::move(*evidence));
    }
    return {};
}

Result<> load_history(soci::session& session, domain::Alert& alert) {
    AlertActionRow row;
    Query query(session, select_sql<AlertActionRow>("WHERE alert_id = :id ORDER BY position"));
    query.bind("id", alert.id.str()).into_row(row);
    while (query.next()) {
        Result<domain::AlertAction> action = to_action(row);
        if (!action) return action.error();
        alert.history.push_back(std::move(*action));
    }
    return {};
}

void store_action(soci::session& session, domain::Alert& alert, domain::AlertAction action) {
    alert.history.push_back(std::move(action));
    const AlertActionRow row = last_action_row(alert);
    alert.history.back().by = row.acted_by;
    alert.history.back().note = row.note;
    Query(session, insert_sql<AlertActionRow>()).bind_row(row).run();
}

void store_evidence(soci::session& session, const domain::Alert& alert, std::size_t from_position) {
    for (std::size_t position = from_position; position < alert.evidence.size(); ++position) {
        Query(session, insert_sql<EvidenceRow>()).bind_row(to_row(alert, position)).run();
    }
}

std::string list_conditions(const AlertFilter& filter) {
    std::string where = "WHERE (raised_at, alert_id) < (:before_time, :before_id)";
    if (filter.call_session_id) where += " AND call_session_id = :call_session_id";
    if (filter.status) where += " AND status = :status";
    if (filter.at_least) where += " AND severity >= :at_least";
    return where + " ORDER BY raised_at DESC, alert_id DESC LIMIT :limit";
}

/// How one alert of the call fares while a record is taken in.
struct Change {
    bool is_new = false;
    bool has_risen = false;  ///< or is new
    std::size_t quotes_stored = 0;
};

/// Takes one raised alert into `alerts`, and notes in `changes` what that did. The index of the alert.
std::size_t merge(std::vector<domain::Alert>& alerts, std::vector<Change>& changes, const domain::Call& call,
                  const domain::RaisedAlert& raised, WallTime now, const std::function<AlertId()>& new_alert_id) {
    const auto found = std::ranges::find(alerts, raised.type, &domain::Alert::type);
    const auto index = static_cast<std::size_t>(found - alerts.begin());
    if (found == alerts.end()) {
        alerts.push_back({.id = new_alert_id(),
                          .call_session_id = call.call_session_id,
                          .patient_id = call.patient_id,
                          .type = raised.type,
                          .severity = raised.severity,
                          .evidence = {raised.evidence},
                          .raised_at = now,
                          .updated_at = now});
        changes.push_back({.is_new = true, .has_risen = true});
        return index;
    }
    if (absorb(*found, raised, now)) changes[index].has_risen = true;
    return index;
}

void write_change(soci::session& session, const domain::Alert& alert, const Change& change) {
    if (change.is_new) {
        Query(session, insert_sql<AlertRow>()).bind_row(to_row(alert)).run();
    } else {
        write_alert(session, alert);
    }
    store_evidence(session, alert, change.quotes_stored);
}

/// The earlier of two times that may not be set.
std::optional<WallTime> earlier(std::optional<WallTime> left, std::optional<WallTime> right) {
    if (!left || !right) return left ? left : right;
    return std::min(*left, *right);
}

constexpr std::string_view of_call = "WHERE call_session_id = :id ORDER BY raised_at, alert_id";

}  // namespace

Result<std::vector<domain::Alert>> select_alerts(soci::session& session, const std::string& conditions,
                                                 const std::function<void(Query&)>& bind) {
    AlertRow row;
    Query query(session, select_sql<AlertRow>(conditions));
    bind(query);
    query.into_row(row);
    std::vector<domain::Alert> alerts;
    while (query.next()) {
        Result<domain::Alert> alert = to_alert(row);
        if (!alert) return alert.error();
        alerts.push_back(std::move(*alert));
    }
    for (domain::Alert& alert : alerts) {
        if (const auto loaded = load_evidence(session, alert); !loaded) return loaded.error();
        if (const auto loaded = load_history(session, alert); !loaded) return loaded.error();
    }
    return alerts;
}

Result<domain::Alert> load_alert(soci::session& session, const AlertId& id, std::string_view lock) {
    auto found = select_alerts(session, "WHERE alert_id = :id" + std::string(lock),
                               [&](Query& query) { query.bind("id", id.str()); });
    if (!found) return found.error();
    if (found->empty()) return no_such_alert();
    return std::move(found->front());
}

void write_alert(soci::session& session, const domain::Alert& alert) {
    Query(session, update_sql<AlertRow>("WHERE alert_id = :alert_id")).bind_row(to_row(alert)).run();
}

Result<std::vector<domain::Alert>> absorb_alerts(soci::session& session, const Dialect& dialect,
                                                 const domain::Call& call, const TurnRecord& record,
                                                 const std::function<AlertId()>& new_alert_id) {
    if (record.alerts.empty()) return std::vector<domain::Alert>{};
    auto alerts = select_alerts(session, std::string(of_call).append(dialect.for_update()),
                                [&](Query& query) { query.bind("id", call.call_session_id.str()); });
    if (!alerts) return alerts.error();
    std::vector<Change> changes;
    for (const domain::Alert& alert : *alerts) changes.push_back({.quotes_stored = alert.evidence.size()});

    std::vector<std::size_t> touched;
    for (const domain::RaisedAlert& raised : record.alerts) {
        const std::size_t index = merge(*alerts, changes, call, raised, record.now, new_alert_id);
        if (std::ranges::find(touched, index) == touched.end()) touched.push_back(index);
    }
    std::vector<domain::Alert> answer;
    for (const std::size_t index : touched) {
        domain::Alert& alert = (*alerts)[index];
        domain::AlertPlan plan;
        if (changes[index].has_risen && record.plan) plan = record.plan(alert);
        alert.escalate_at = earlier(alert.escalate_at, plan.escalate_at);
        write_change(session, alert, changes[index]);
        for (const domain::Notification& one : plan.notifications) enqueue(session, one, record.now);
        if (changes[index].has_risen) answer.push_back(alert);
    }
    return answer;
}

Result<std::vector<domain::Alert>> load_alerts_like(soci::session& session, const CallSessionId& id,
                                                    const std::vector<domain::RaisedAlert>& raised) {
    auto alerts = select_alerts(session, std::string(of_call), [&](Query& query) { query.bind("id", id.str()); });
    if (!alerts) return alerts;
    std::erase_if(*alerts, [&](const domain::Alert& alert) {
        return std::ranges::find(raised, alert.type, &domain::RaisedAlert::type) == raised.end();
    });
    return alerts;
}

Result<domain::Alert> SqlAlerts::find(const AlertId& id) {
    return connections_.read([&](soci::session& session) { return load_alert(session, id, ""); });
}

Result<Page<domain::Alert>> SqlAlerts::list(const AlertFilter& filter, const PageRequest& page) {
    if (const auto checked = check_limit(page); !checked) return checked.error();
    const auto before = read_time_cursor(page.cursor);
    if (!before) return before.error();

    return connections_.read([&](soci::session& session) -> Result<Page<domain::Alert>> {
        auto alerts = select_alerts(session, list_conditions(filter), [&](Query& query) {
            query.bind("before_time", before->time_ms).bind("before_id", before->id).bind("limit", page.limit + 1);
            if (filter.call_session_id) query.bind("call_session_id", filter.call_session_id->str());
            if (filter.status) query.bind("status", to_string(*filter.status));
            if (filter.at_least) query.bind("at_least", severity_rank(*filter.at_least));
        });
        if (!alerts) return alerts.error();

        Page<domain::Alert> found{.items = std::move(*alerts), .cursor = {}};
        if (found.items.size() > static_cast<std::size_t>(page.limit)) {
            found.items.pop_back();
            const domain::Alert& last = found.items.back();
            found.cursor = time_cursor({.time_ms = from_time(last.raised_at), .id = last.id.str()});
        }
        return found;
    });
}

Result<domain::Alert> SqlAlerts::set_status(const AlertId& id, domain::AlertStatus status, WallTime now,
                                            const std::string& by, const std::string& note) {
    return connections_.write([&](soci::session& session) -> Result<domain::Alert> {
        Result<domain::Alert> alert = load_alert(session, id, connections_.dialect().for_update());
        if (!alert) return alert;
        const bool is_repeat = alert->status == status && note.empty();
        alert->status = status;
        alert->updated_at = now;
        if (status == domain::AlertStatus::open) {
            alert->acknowledged_at.reset();
            alert->acknowledged_by.clear();
        } else {
            if (!alert->acknowledged_at) {
                alert->acknowledged_at = now;
                alert->acknowledged_by = storable_text(by);
            }
            alert->escalate_at.reset();
            withdraw_escalations(session, id, now);
        }
        write_alert(session, *alert);
        if (!is_repeat) store_action(session, *alert, {.at = now, .by = by, .status = status, .note = note});
        return alert;
    });
}

Result<domain::Alert> SqlAlerts::add_note(const AlertId& id, WallTime now, const std::string& by,
                                          const std::string& note) {
    return connections_.write([&](soci::session& session) -> Result<domain::Alert> {
        Result<domain::Alert> alert = load_alert(session, id, connections_.dialect().for_update());
        if (alert) store_action(session, *alert, {.at = now, .by = by, .status = {}, .note = note});
        return alert;
    });
}

}  // namespace carevoice::storage::sql
