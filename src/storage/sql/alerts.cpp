#include "storage/sql/alerts.h"

#include "storage/sql/alert_row.h"
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

void store_evidence(soci::session& session, const domain::Alert& alert, std::size_t from_position) {
    for (std::size_t position = from_position; position < alert.evidence.size(); ++position) {
        Query(session, insert_sql<EvidenceRow>()).bind_row(to_row(alert, position)).run();
    }
}

/// All rows of `query`, which selects AlertRow into `row`, with their evidence.
Result<std::vector<domain::Alert>> load_alerts(soci::session& session, Query& query, const AlertRow& row) {
    std::vector<domain::Alert> alerts;
    while (query.next()) {
        Result<domain::Alert> alert = to_alert(row);
        if (!alert) return alert.error();
        alerts.push_back(std::move(*alert));
    }
    for (domain::Alert& alert : alerts) {
        if (const auto loaded = load_evidence(session, alert); !loaded) return loaded.error();
    }
    return alerts;
}

Result<domain::Alert> load_alert(soci::session& session, const AlertId& id, std::string_view lock) {
    AlertRow row;
    Query query(session, select_sql<AlertRow>("WHERE alert_id = :id") + std::string(lock));
    query.bind("id", id.str()).into_row(row);
    Result<std::vector<domain::Alert>> found = load_alerts(session, query, row);
    if (!found) return found.error();
    if (found->empty()) return no_such_alert();
    return std::move(found->front());
}

std::string list_conditions(const AlertFilter& filter) {
    std::string where = "WHERE (raised_at, alert_id) < (:before_time, :before_id)";
    if (filter.call_session_id) where += " AND call_session_id = :call_session_id";
    if (filter.status) where += " AND status = :status";
    if (filter.at_least) where += " AND severity >= :at_least";
    return where + " ORDER BY raised_at DESC, alert_id DESC LIMIT :limit";
}

/// Takes one raised alert into `alerts` and the database. The index of the alert when it was new or rose.
std::optional<std::size_t> absorb_one(soci::session& session, const domain::Call& call,
                                      std::vector<domain::Alert>& alerts, const domain::RaisedAlert& raised,
                                      WallTime now, const std::function<AlertId()>& new_alert_id) {
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
        Query(session, insert_sql<AlertRow>()).bind_row(to_row(alerts.back())).run();
        store_evidence(session, alerts.back(), 0);
        return index;
    }
    const std::size_t quotes_before = found->evidence.size();
    const bool rose = absorb(*found, raised, now);
    Query(session, update_sql<AlertRow>("WHERE alert_id = :alert_id")).bind_row(to_row(*found)).run();
    store_evidence(session, *found, quotes_before);
    return rose ? std::optional(index) : std::nullopt;
}

}  // namespace

Result<std::vector<domain::Alert>> absorb_alerts(soci::session& session, const Dialect& dialect,
                                                 const domain::Call& call,
                                                 const std::vector<domain::RaisedAlert>& raised, WallTime now,
                                                 const std::function<AlertId()>& new_alert_id) {
    if (raised.empty()) return std::vector<domain::Alert>{};
    AlertRow row;
    Query query(session, select_sql<AlertRow>("WHERE call_session_id = :id ORDER BY raised_at, alert_id") +
                             std::string(dialect.for_update()));
    query.bind("id", call.call_session_id.str()).into_row(row);
    Result<std::vector<domain::Alert>> alerts = load_alerts(session, query, row);
    if (!alerts) return alerts.error();

    std::vector<std::size_t> changed;
    for (const domain::RaisedAlert& one : raised) {
        const auto index = absorb_one(session, call, *alerts, one, now, new_alert_id);
        if (index && std::ranges::find(changed, *index) == changed.end()) changed.push_back(*index);
    }
    std::vector<domain::Alert> answer;
    answer.reserve(changed.size());
    for (const std::size_t index : changed) answer.push_back((*alerts)[index]);
    return answer;
}

Result<domain::Alert> SqlAlerts::find(const AlertId& id) {
    return connections_.read([&](soci::session& session) { return load_alert(session, id, ""); });
}

Result<Page<domain::Alert>> SqlAlerts::list(const AlertFilter& filter, const PageRequest& page) {
    if (const auto checked = check_limit(page); !checked) return checked.error();
    const auto before = read_time_cursor(page.cursor);
    if (!before) return before.error();

    return connections_.read([&](soci::session& session) -> Result<Page<domain::Alert>> {
        AlertRow row;
        Query query(session, select_sql<AlertRow>(list_conditions(filter)));
        query.bind("before_time", before->time_ms).bind("before_id", before->id).bind("limit", page.limit + 1);
        if (filter.call_session_id) query.bind("call_session_id", filter.call_session_id->str());
        if (filter.status) query.bind("status", to_string(*filter.status));
        if (filter.at_least) query.bind("at_least", severity_rank(*filter.at_least));
        query.into_row(row);
        Result<std::vector<domain::Alert>> alerts = load_alerts(session, query, row);
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

Result<domain::Alert> SqlAlerts::set_status(const AlertId& id, domain::AlertStatus status, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<domain::Alert> {
        Result<domain::Alert> alert = load_alert(session, id, connections_.dialect().for_update());
        if (!alert) return alert;
        alert->status = status;
        alert->updated_at = now;
        Query(session, update_sql<AlertRow>("WHERE alert_id = :alert_id")).bind_row(to_row(*alert)).run();
        return alert;
    });
}

}  // namespace carevoice::storage::sql
