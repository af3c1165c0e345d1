#include "storage/sql/call_plan.h"

#include "storage/sql/call_row.h"
#include "storage/sql/calls.h"
#include "storage/sql/patient_row.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

namespace {

Result<std::vector<domain::Call>> fetch_calls(Query& query, CallRow& row) {
    query.into_row(row);
    std::vector<domain::Call> found;
    while (query.next()) {
        Result<domain::Call> call = to_call(row);
        if (!call) return call.error();
        found.push_back(std::move(*call));
    }
    return found;
}

Result<domain::Patient> find_patient_locked(soci::session& session, const Dialect& dialect, const PatientId& id) {
    PatientRow row;
    Query query(session, select_sql<PatientRow>("WHERE patient_id = :id") + std::string(dialect.for_update()));
    query.bind("id", id.str()).into_row(row);
    if (!query.next()) return Error{.code = Errc::not_found, .detail = "no patient has this id", .field = "patient_id"};
    return to_patient(row);
}

std::optional<WallTime> on_the_phone_since(soci::session& session, const domain::Call& call) {
    std::optional<long long> since;
    Query query(session,
                "SELECT MAX(dialled_at) FROM calls WHERE patient_id = :patient AND call_session_id <> :id AND "
                "status <> 'scheduled' AND status NOT IN (" +
                    final_states() + ")");
    query.bind("patient", call.patient_id.str()).bind("id", call.call_session_id.str()).into(since);
    query.next();
    return to_time(since);
}

void withdraw(domain::Call& call, const std::string& why, WallTime now) {
    call.status = domain::CallStatus::canceled;
    call.failure = why;
    call.ended_at = now;
    call.plan_open = false;
}

}  // namespace

Result<std::vector<CallSessionId>> SqlCallPlan::due(WallTime now, WallTime abandoned_before, int limit) {
    return connections_.read([&](soci::session& session) -> Result<std::vector<CallSessionId>> {
        std::string id;
        Query query(session,
                    "SELECT call_session_id FROM calls WHERE status = 'scheduled' AND (scheduled_at <= :now OR "
                    "(scheduled_at IS NULL AND created_at < :abandoned)) "
                    "ORDER BY COALESCE(scheduled_at, created_at), call_session_id LIMIT :limit");
        query.bind("now", from_time(now)).bind("abandoned", from_time(abandoned_before)).bind("limit", limit).into(id);
        std::vector<CallSessionId> found;
        while (query.next()) found.emplace_back(id);
        return found;
    });
}

Result<std::optional<WallTime>> SqlCallPlan::next_due() {
    return connections_.read([&](soci::session& session) -> Result<std::optional<WallTime>> {
        std::optional<long long> next;
        Query query(session, "SELECT MIN(scheduled_at) FROM calls WHERE status = 'scheduled'");
        query.into(next);
        query.next();
        return to_time(next);
    });
}

Result<Claim> SqlCallPlan::claim(const CallSessionId& id, WallTime now,
                                 const std::function<DialDecision(const DialCandidate&)>& decide) {
    return connections_.write([&](soci::session& session) -> Result<Claim> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();
        Claim claim;
        const bool due = call->status == domain::CallStatus::scheduled && call->scheduled_at.value_or(now) <= now;
        if (!due) {
            claim.call = std::move(*call);
            return claim;
        }
        Result<domain::Patient> patient = find_patient_locked(session, connections_.dialect(), call->patient_id);
        if (!patient) return patient.error();
        const DialCandidate candidate{
            .call = *call, .patient = *patient, .on_the_phone_since = on_the_phone_since(session, *call)};
        const DialDecision decision = decide(candidate);
        switch (decision.kind) {
            case DialDecision::Kind::dial:
                claim.kind = Claim::Kind::dial;
                call->status = domain::CallStatus::unknown;
                call->dialled_at = now;
                break;
            case DialDecision::Kind::withdraw:
                claim.kind = Claim::Kind::withdrawn;
                withdraw(*call, decision.why, now);
                break;
            case DialDecision::Kind::postpone:
                claim.kind = Claim::Kind::postponed;
                call->scheduled_at = decision.until;
                break;
        }
        write_call(session, *call);
        claim.call = std::move(*call);
        claim.patient = std::move(*patient);
        return claim;
    });
}

Result<bool> SqlCallPlan::never_made(const CallSessionId& id, WallTime dialled_at, std::optional<WallTime> at,
                                     const std::string& why, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();
        if (call->status != domain::CallStatus::unknown || !call->call_sid.empty() || call->dialled_at != dialled_at)
            return false;
        if (at) {
            call->status = domain::CallStatus::scheduled;
            call->scheduled_at = at;
            call->dialled_at.reset();
        } else {
            call->status = domain::CallStatus::failed;
            call->outcome = domain::CallOutcome::failed;
            call->failure = why;
            call->ended_at = now;
        }
        write_call(session, *call);
        return true;
    });
}

Result<std::vector<domain::Call>> SqlCallPlan::unknown(int limit) {
    return connections_.read([&](soci::session& session) {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE status = 'unknown' AND call_sid IS NULL "
                                                 "ORDER BY dialled_at, call_session_id LIMIT :limit"));
        query.bind("limit", limit);
        return fetch_calls(query, row);
    });
}

Result<std::int64_t> SqlCallPlan::withdraw_opted_out(WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<std::int64_t> {
        Query query(session,
                    "UPDATE calls SET status = 'canceled', ended_at = :now, plan_open = 0, "
                    "failure = 'the patient asked not to be called again' WHERE status = 'scheduled' AND "
                    "patient_id IN (SELECT patient_id FROM patients WHERE opted_out = 1)");
        return query.bind("now", from_time(now)).run();
    });
}

Result<std::vector<domain::Call>> SqlCallPlan::unsettled(int limit) {
    return connections_.read([&](soci::session& session) {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE plan_open = 1 AND status IN (" + final_states() +
                                                 ") ORDER BY ended_at, call_session_id LIMIT :limit"));
        query.bind("limit", limit);
        return fetch_calls(query, row);
    });
}

Result<std::vector<domain::Call>> SqlCallPlan::attempts(const CallSessionId& first) {
    return connections_.read([&](soci::session& session) {
        CallRow row;
        Query query(session, select_sql<CallRow>("WHERE call_session_id = :first OR retry_of = :again "
                                                 "ORDER BY attempt, created_at"));
        query.bind("first", first.str()).bind("again", first.str());
        return fetch_calls(query, row);
    });
}

Result<bool> SqlCallPlan::settle(const CallSessionId& id, const std::optional<domain::Call>& next) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();
        if (!call->plan_open) return false;
        if (next) Query(session, insert_sql<CallRow>()).bind_row(to_row(*next)).run();
        call->plan_open = false;
        write_call(session, *call);
        return true;
    });
}

Result<CallCosts> SqlCallPlan::costs_since(WallTime from) {
    return connections_.read([&](soci::session& session) -> Result<CallCosts> {
        CallCosts costs;
        long long unbilled = 0;
        Query query(session,
                    "SELECT COALESCE(SUM(cost_usd), 0.0), COALESCE(SUM(CASE WHEN cost_usd IS NULL AND status NOT IN "
                    "('busy', 'no-answer', 'failed', 'canceled') THEN 1 ELSE 0 END), 0) FROM calls "
                    "WHERE dialled_at >= :since");
        query.bind("since", from_time(from)).into(costs.billed_usd).into(unbilled);
        query.next();
        costs.unbilled = unbilled;
        return costs;
    });
}

}  // namespace carevoice::storage::sql
