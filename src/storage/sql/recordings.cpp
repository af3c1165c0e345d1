#include "storage/sql/recordings.h"

#include "storage/sql/calls.h"
#include "storage/sql/query.h"
#include "storage/sql/recording_row.h"
#include "storage/sql/row_text.h"

#include <chrono>

namespace carevoice::storage::sql {

namespace {

constexpr milliseconds owners_time = std::chrono::hours(24);

std::string quoted(RecordingState state) {
    return "'" + std::string(to_string(state)) + "'";
}

template <class... States>
std::string any_of(RecordingState first, States... others) {
    std::string list = quoted(first);
    ((list += ", " + quoted(others)), ...);
    return "state IN (" + list + ")";
}

Error no_such_recording() {
    return {.code = Errc::not_found, .detail = "this call has no recording", .field = "call_session_id"};
}

/// nullopt: there is none.
Result<std::optional<RecordingRow>> load_row(soci::session& session, const CallSessionId& id, std::string_view lock) {
    RecordingRow row;
    Query query(session, select_sql<RecordingRow>("WHERE call_session_id = :id" + std::string(lock)));
    query.bind("id", id.str()).into_row(row);
    if (!query.next()) return std::optional<RecordingRow>{};
    return std::optional(row);
}

void write_row(soci::session& session, const RecordingRow& row) {
    Query(session, update_sql<RecordingRow>("WHERE call_session_id = :call_session_id")).bind_row(row).run();
}

bool consents_to_recording(soci::session& session, const PatientId& id) {
    long long consents = 0;
    Query query(session,
                "SELECT COUNT(*) FROM patients WHERE patient_id = :id AND consent_recording = 1 AND opted_out = 0");
    query.bind("id", id.str()).into(consents);
    query.next();
    return consents > 0;
}

void make_due(RecordingRow& row, RecordingState work, WallTime now) {
    row.state = to_string(work);
    row.attempts = 0;
    row.next_attempt_at = from_time(now);
    row.leased_by.clear();
    row.settled_at.reset();
}

bool is_settled(RecordingState state) {
    using enum RecordingState;
    return state == kept || state == failed || state == refused || state == absent || state == deleted;
}

/// True when there is something to fetch now.
bool take_report(RecordingRow& row, const RecordingReport& report, WallTime now) {
    using enum RecordingState;
    row.recording_sid = report.recording_sid;
    if (report.duration_seconds) row.duration_seconds = *report.duration_seconds;
    const auto state = parse_recording_state(row.state).value_or(failed);
    // What was thought gone, or never known, exists after all.
    if (state == deleted && report.status == "completed") make_due(row, to_delete, now);
    const bool open = state == asked || state == running || state == refused;
    if (!open) return false;
    if (report.status == "completed") {
        make_due(row, to_fetch, now);
        return true;
    }
    if (report.status == "in-progress") {
        row.state = to_string(running);
        row.settled_at.reset();
        return false;
    }
    row.state = to_string(absent);
    row.settled_at = from_time(now);
    return false;
}

}  // namespace

std::int64_t condemn_recordings(soci::session& session, const PatientId& id) {
    Query query(session,
                "UPDATE recordings SET state = " + quoted(RecordingState::to_delete) +
                    ", attempts = 0, next_attempt_at = 0, leased_by = '', settled_at = NULL WHERE patient_id = :id AND "
                    "state <> " +
                    quoted(RecordingState::to_delete));
    return query.bind("id", id.str()).run();
}

Result<bool> SqlRecordings::begin(const CallSessionId& id, const CallSid& sid, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        const auto call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();
        if (!consents_to_recording(session, call->patient_id))
            return Error{Errc::rejected, "the patient has not consented to recording", "consents.recording"};
        const RecordingRow row{.call_session_id = id.str(),
                               .patient_id = call->patient_id.str(),
                               .call_sid = sid.str(),
                               .recording_sid = {},
                               .state = std::string(to_string(RecordingState::asked)),
                               .store_id = {},
                               .duration_seconds = std::nullopt,
                               .word_agreement = std::nullopt,
                               .asked_at = from_time(now),
                               .settled_at = std::nullopt,
                               .next_attempt_at = from_time(now),
                               .leased_by = {},
                               .last_error = {}};
        Query query(session, insert_sql<RecordingRow>() + " ON CONFLICT (call_session_id) DO NOTHING");
        return query.bind_row(row).run() > 0;
    });
}

Result<> SqlRecordings::started(const CallSessionId& id, const std::string& recording_sid) {
    return connections_.write([&](soci::session& session) -> Result<> {
        auto row = load_row(session, id, connections_.dialect().for_update());
        if (!row) return row.error();
        if (!*row) return no_such_recording();
        if (!(*row)->recording_sid.empty()) return {};
        (*row)->recording_sid = recording_sid;
        if ((*row)->state == to_string(RecordingState::asked)) (*row)->state = to_string(RecordingState::running);
        write_row(session, **row);
        return {};
    });
}

Result<> SqlRecordings::refused(const CallSessionId& id, const std::string& why, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<> {
        Query(session, "UPDATE recordings SET state = " + quoted(RecordingState::refused) +
                           ", last_error = :why, settled_at = :now WHERE call_session_id = :id AND state = " +
                           quoted(RecordingState::asked))
            .bind("why", why)
            .bind("now", from_time(now))
            .bind("id", id.str())
            .run();
        return {};
    });
}

Result<bool> SqlRecordings::reported(const RecordingReport& report, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        auto row = load_row(session, report.call_session_id, connections_.dialect().for_update());
        if (!row) return row.error();
        if (!*row) return no_such_recording();
        if (!(*row)->recording_sid.empty() && (*row)->recording_sid != report.recording_sid)
            return Error{Errc::conflict, "this call has another recording", "RecordingSid"};
        const bool fetchable = take_report(**row, report, now);
        write_row(session, **row);
        return fetchable;
    });
}

Result<bool> SqlRecordings::withdraw(const CallSessionId& id, WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        auto row = load_row(session, id, connections_.dialect().for_update());
        if (!row) return row.error();
        if (!*row) return false;
        make_due(**row, RecordingState::to_delete, now);
        write_row(session, **row);
        return true;
    });
}

Result<std::int64_t> SqlRecordings::condemn(const PatientId& id) {
    return connections_.write(
        [&](soci::session& session) -> Result<std::int64_t> { return condemn_recordings(session, id); });
}

Result<std::int64_t> SqlRecordings::tidy(WallTime expired, WallTime overdue, WallTime now) {
    using enum RecordingState;
    const auto move = [&](soci::session& session, RecordingState work, const std::string& which, WallTime before) {
        return Query(session, "UPDATE recordings SET state = " + quoted(work) +
                                  ", attempts = 0, next_attempt_at = :now, leased_by = '', settled_at = NULL WHERE " +
                                  which + " AND asked_at < :before")
            .bind("now", from_time(now))
            .bind("before", from_time(before))
            .run();
    };
    return connections_.write([&](soci::session& session) -> Result<std::int64_t> {
        const auto old =
            move(session, to_delete, any_of(asked, running, to_fetch, to_transcribe, kept, failed), expired);
        return old + move(session, to_fetch, any_of(asked, running), overdue);
    });
}

Result<std::optional<Recording>> SqlRecordings::claim(const RecordingClaim& claim) {
    const std::string conditions =
        "WHERE state = :state AND next_attempt_at <= :now AND (store_id = '' OR store_id = "
        ":store OR next_attempt_at <= :long_due) ORDER BY next_attempt_at, call_session_id "
        "LIMIT 1" +
        std::string(connections_.dialect().for_update_of_free_rows());
    return connections_.write([&](soci::session& session) -> Result<std::optional<Recording>> {
        RecordingRow row;
        {
            Query query(session, select_sql<RecordingRow>(conditions));
            query.bind("state", to_string(claim.work))
                .bind("now", from_time(claim.now))
                .bind("store", claim.store_id)
                .bind("long_due", from_time(claim.now - owners_time))
                .into_row(row);
            if (!query.next()) return std::optional<Recording>{};
        }
        row.leased_by = claim.worker;
        row.next_attempt_at = from_time(claim.now + claim.lease);
        ++row.attempts;
        write_row(session, row);
        auto recording = to_recording(row);
        if (!recording) return recording.error();
        return std::optional(std::move(*recording));
    });
}

Result<bool> SqlRecordings::advance(const CallSessionId& id, const std::string& worker, const RecordingStep& step,
                                    WallTime now) {
    return connections_.write([&](soci::session& session) -> Result<bool> {
        auto loaded = load_row(session, id, connections_.dialect().for_update());
        if (!loaded) return loaded.error();
        if (!*loaded || (*loaded)->leased_by != worker || (*loaded)->state != to_string(step.from)) return false;
        RecordingRow& row = **loaded;
        row.state = to_string(step.next);
        row.leased_by.clear();
        row.last_error = step.error;
        row.next_attempt_at = from_time(step.next == step.from ? step.try_at : now);
        if (step.next != step.from) row.attempts = 0;
        if (step.recording_sid) row.recording_sid = *step.recording_sid;
        if (step.store_id) row.store_id = *step.store_id;
        if (step.words) row.words = *step.words;
        if (step.word_agreement) row.word_agreement = *step.word_agreement;
        if (is_settled(step.next)) row.settled_at = from_time(now);
        // Nothing is left that the patient's name could lead to.
        if (step.next == RecordingState::deleted) row.patient_id.clear();
        write_row(session, row);
        return true;
    });
}

Result<Recording> SqlRecordings::find(const CallSessionId& id) {
    return connections_.read([&](soci::session& session) -> Result<Recording> {
        auto row = load_row(session, id, "");
        if (!row) return row.error();
        if (!*row) return no_such_recording();
        return to_recording(**row);
    });
}

Result<std::vector<std::pair<RecordingState, std::int64_t>>> SqlRecordings::counts() {
    using Counts = std::vector<std::pair<RecordingState, std::int64_t>>;
    return connections_.read([&](soci::session& session) -> Result<Counts> {
        std::string state;
        long long count = 0;
        Query query(session, "SELECT state, COUNT(*) FROM recordings GROUP BY state");
        query.into(state).into(count);
        Counts counts;
        while (query.next())
            if (const auto known = parse_recording_state(state)) counts.emplace_back(*known, count);
        return counts;
    });
}

}  // namespace carevoice::storage::sql
