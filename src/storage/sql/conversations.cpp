#include "storage/sql/conversations.h"

#include "storage/sql/alerts.h"
#include "storage/sql/calls.h"
#include "storage/sql/facts.h"
#include "storage/sql/patients.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"
#include "storage/sql/turns.h"

namespace carevoice::storage::sql {

namespace {

/// The turn that taught the facts of `record`: the patient's last one, or else the last one there is.
std::int64_t teaching_turn(const TurnRecord& record, const std::vector<std::int64_t>& numbers,
                           std::int64_t last_of_call) {
    for (std::size_t i = record.turns.size(); i > 0; --i) {
        if (record.turns[i - 1].speaker == domain::Speaker::patient) return numbers[i - 1];
    }
    return last_of_call;
}

/// What the call itself remembers of `record`.
void take_over(domain::Call& call, const TurnRecord& record) {
    const bool has_state = !record.dialogue_state.empty();
    if (has_state) call.dialogue_state = record.dialogue_state;
    if (has_state || !record.current_topic.empty()) call.current_topic = record.current_topic;
    if (has_state || !record.topics.empty()) call.topics = record.topics;
    if (record.outcome != domain::CallOutcome::none) call.outcome = record.outcome;
}

struct RecordRow {
    static constexpr std::string_view table = "turn_records";

    std::string call_session_id;
    std::string record_key;
    std::string sequences;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("record_key", row.record_key);
        visit("sequences", row.sequences);
    }
};

/// The answer to `record` when it is stored already. The call is locked.
std::optional<Result<TurnStored>> recorded_before(soci::session& session, const TurnRecord& record) {
    if (record.key.empty()) return std::nullopt;
    RecordRow row;
    Query query(session, select_sql<RecordRow>("WHERE call_session_id = :id AND record_key = :key"));
    query.bind("id", record.call_session_id.str()).bind("key", record.key).into_row(row);
    if (!query.next()) return std::nullopt;
    RowCheck check("turn_records");
    const std::vector<int> sequences = check.take("sequences", numbers_from_json(row.sequences));
    if (const auto verdict = check.verdict(); !verdict) return Result<TurnStored>(verdict.error());
    auto alerts = load_alerts_like(session, record.call_session_id, record.alerts);
    if (!alerts) return Result<TurnStored>(alerts.error());
    return TurnStored{.alerts = std::move(*alerts), .sequences = {sequences.begin(), sequences.end()}};
}

void remember_record(soci::session& session, const TurnRecord& record, const std::vector<std::int64_t>& sequences) {
    if (record.key.empty()) return;
    const std::vector<int> numbers(sequences.begin(), sequences.end());
    const RecordRow row{
        .call_session_id = record.call_session_id.str(), .record_key = record.key, .sequences = to_json(numbers)};
    Query(session, insert_sql<RecordRow>()).bind_row(row).run();
}

}  // namespace

Result<TurnStored> SqlConversations::record(const TurnRecord& record, const std::function<AlertId()>& new_alert_id) {
    const CallSessionId& id = record.call_session_id;
    return connections_.write([&](soci::session& session) -> Result<TurnStored> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();

        if (auto before = recorded_before(session, record)) return std::move(*before);
        if (record.owner_epoch != 0 && record.owner_epoch < call->owner_epoch)
            return Error{Errc::conflict, "another instance follows this call", "owner_epoch"};

        auto numbers = store_turns(session, id, record.turns);
        if (!numbers) return numbers.error();
        const Lesson lesson{.turn_sequence = teaching_turn(record, *numbers, last_sequence(session, id)),
                            .learned_at = record.now};
        if (const auto stored = store_facts(session, id, record.facts, lesson); !stored) return stored.error();

        auto alerts = absorb_alerts(session, connections_.dialect(), *call, record, new_alert_id);
        if (!alerts) return alerts.error();

        take_over(*call, record);
        write_call(session, *call);
        remember_record(session, record, *numbers);
        apply_wishes(session, call->patient_id.str(), record);
        return TurnStored{.alerts = std::move(*alerts), .sequences = std::move(*numbers)};
    });
}

Result<std::vector<domain::Turn>> SqlConversations::turns(const CallSessionId& id) {
    return connections_.read([&](soci::session& session) -> Result<std::vector<domain::Turn>> {
        if (const auto exists = check_call_exists(session, id); !exists) return exists.error();
        return load_turns(session, id);
    });
}

Result<domain::Facts> SqlConversations::facts(const CallSessionId& id) {
    return connections_.read([&](soci::session& session) -> Result<domain::Facts> {
        if (const auto exists = check_call_exists(session, id); !exists) return exists.error();
        return load_facts(session, id);
    });
}

}  // namespace carevoice::storage::sql
