#include "storage/sql/calls.h"

#include "storage/sql/call_row.h"
#include "storage/sql/paging.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

namespace {

struct EventRow {
    static constexpr std::string_view table = "call_events";

    std::string call_session_id;
    std::string event_key;
    long long sequence = 0;
    std::string kind;
    std::string detail;
    long long received_at = 0;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("event_key", row.event_key);
        visit("sequence", row.sequence);
        visit("kind", row.kind);
        visit("detail", row.detail);
        visit("received_at", row.received_at);
    }
};

Error no_such_call(std::string field) {
    return {.code = Errc::not_found, .detail = "no such call", .field = std::move(field)};
}

/// The SQL of a list: only the limits that the filter sets, so that each has its index.
std::string list_conditions(const CallFilter& filter) {
    std::string where = "WHERE (created_at, call_session_id) < (:before_time, :before_id)";
    if (filter.patient_id) where += " AND patient_id = :patient_id";
    if (filter.status) where += " AND status = :status";
    if (filter.created_from) where += " AND created_at >= :created_from";
    if (filter.created_to) where += " AND created_at < :created_to";
    return where + " ORDER BY created_at DESC, call_session_id DESC LIMIT :limit";
}

void bind_conditions(Query& query, const CallFilter& filter, const TimePlace& before, int limit) {
    query.bind("before_time", before.time_ms).bind("before_id", before.id).bind("limit", limit);
    if (filter.patient_id) query.bind("patient_id", filter.patient_id->str());
    if (filter.status) query.bind("status", to_string(*filter.status));
    if (filter.created_from) query.bind("created_from", from_time(*filter.created_from));
    if (filter.created_to) query.bind("created_to", from_time(*filter.created_to));
}

}  // namespace

Result<domain::Call> find_locked(soci::session& session, const Dialect& dialect, const CallSessionId& id) {
    CallRow row;
    Query query(session, select_sql<CallRow>("WHERE call_session_id = :id") + std::string(dialect.for_update()));
    query.bind("id", id.str()).into_row(row);
    if (!query.next()) return no_such_call("call_session_id");
    return to_call(row);
}

void write_call(soci::session& session, const domain::Call& call) {
    Query(session, update_sql<CallRow>("WHERE call_session_id = :call_session_id")).bind_row(to_row(call)).run();
}

Result<> check_call_exists(soci::session& session, const CallSessionId& id) {
    long long one = 0;
    Query query(session, "SELECT 1 FROM calls WHERE call_session_id = :id");
    query.bind("id", id.str()).into(one);
    if (!query.next()) return no_such_call("call_session_id");
    return {};
}

const std::string& final_states() {
    static const std::string list = [] {
        using enum domain::CallStatus;
        std::string names;
        for (const auto status : {completed, busy, no_answer, failed, canceled}) {
            if (!names.empty()) names += ", ";
            names.append("'").append(to_string(status)).append("'");
        }
        return names;
    }();
    return list;
}

Result<domain::Call> SqlCalls::find(const CallSessionId& id) {
    return connections_.read([&](soci::session& session) -> Result<domain::Call> {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE call_session_id = :id"));
        query.bind("id", id.str()).into_row(row);
        if (!query.next()) return no_such_call("call_session_id");
        return to_call(row);
    });
}

Result<domain::Call> SqlCalls::find_by_sid(const CallSid& sid) {
    return connections_.read([&](soci::session& session) -> Result<domain::Call> {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE call_sid = :sid"));
        query.bind("sid", sid.str()).into_row(row);
        if (!query.next()) return no_such_call("call_sid");
        return to_call(row);
    });
}

Result<> SqlCalls::insert(const domain::Call& call) {
    Result<> done = connections_.write([&](soci::session& session) -> Result<> {
        Query(session, insert_sql<CallRow>()).bind_row(to_row(call)).run();
        return {};
    });
    if (!done && done.error().code == Errc::conflict) {
        return Error{.code = Errc::conflict, .detail = "a call with this id or sid exists", .field = "call_session_id"};
    }
    if (!done && done.error().code == Errc::not_found) {
        return Error{.code = Errc::not_found, .detail = "no patient has this id", .field = "patient_id"};
    }
    return done;
}

Result<domain::Call> SqlCalls::update(const CallSessionId& id, const std::function<void(domain::Call&)>& change) {
    return connections_.write([&](soci::session& session) -> Result<domain::Call> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call;
        const domain::Call before = *call;
        change(*call);
        // Who is called, and as what, is settled when the call is made.
        call->call_session_id = before.call_session_id;
        call->patient_id = before.patient_id;
        call->created_at = before.created_at;
        write_call(session, *call);
        return call;
    });
}

Result<Page<domain::Call>> SqlCalls::list(const CallFilter& filter, const PageRequest& page) {
    if (const auto checked = check_limit(page); !checked) return checked.error();
    const auto before = read_time_cursor(page.cursor);
    if (!before) return before.error();

    return connections_.read([&](soci::session& session) -> Result<Page<domain::Call>> {
        CallRow row;
        Query query(session, select_sql<CallRow>(list_conditions(filter)));
        bind_conditions(query, filter, *before, page.limit + 1);
        query.into_row(row);
        Page<domain::Call> found;
        while (query.next()) {
            if (found.items.size() == static_cast<std::size_t>(page.limit)) {
                const domain::Call& last = found.items.back();
                found.cursor = time_cursor({.time_ms = from_time(last.created_at), .id = last.call_session_id.str()});
                break;
            }
            Result<domain::Call> call = to_call(row);
            if (!call) return call.error();
            found.items.push_back(std::move(*call));
        }
        return found;
    });
}

Result<std::vector<domain::Call>> SqlCalls::list_unfinished() {
    return connections_.read([&](soci::session& session) -> Result<std::vector<domain::Call>> {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE status NOT IN (" + final_states() +
                                                 ") ORDER BY created_at, call_session_id"));
        query.into_row(row);
        std::vector<domain::Call> found;
        while (query.next()) {
            Result<domain::Call> call = to_call(row);
            if (!call) return call.error();
            found.push_back(std::move(*call));
        }
        return found;
    });
}

Result<bool> SqlCalls::add_event(const CallEvent& event) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        // The lock keeps two events from taking the same number.
        const auto call = find_locked(session, connections_.dialect(), event.call_session_id);
        if (!call && call.error().code == Errc::not_found) return call.error();

        EventRow row{.call_session_id = event.call_session_id.str(),
                     .event_key = event.key,
                     .kind = event.kind,
                     .detail = event.detail_json,
                     .received_at = from_time(event.received_at)};
        Query count(session, "SELECT COALESCE(MAX(sequence), 0) + 1 FROM call_events WHERE call_session_id = :id");
        count.bind("id", row.call_session_id).into(row.sequence);
        count.next();
        long long stored = 0;
        Query query(session,
                    insert_sql<EventRow>() + " ON CONFLICT (call_session_id, event_key) DO NOTHING RETURNING sequence");
        query.bind_row(row).into(stored);
        return query.next();
    });
}

Result<std::vector<CallEvent>> SqlCalls::events(const CallSessionId& id) {
    return connections_.read([&](soci::session& session) -> Result<std::vector<CallEvent>> {
        if (const auto exists = check_call_exists(session, id); !exists) return exists.error();
        EventRow row;
        Query query(session, select_sql<EventRow>("WHERE call_session_id = :id ORDER BY sequence"));
        query.bind("id", id.str()).into_row(row);
        std::vector<CallEvent> found;
        while (query.next()) {
            found.push_back({.call_session_id = CallSessionId(row.call_session_id),
                             .key = row.event_key,
                             .kind = row.kind,
                             .detail_json = row.detail,
                             .received_at = to_time(row.received_at)});
        }
        return found;
    });
}

}  // namespace carevoice::storage::sql
