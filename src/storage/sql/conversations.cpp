#include "storage/sql/conversations.h"

#include "storage/sql/alerts.h"
#include "storage/sql/calls.h"
#include "storage/sql/facts.h"
#include "storage/sql/patients.h"
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

}  // namespace

Result<TurnStored> SqlConversations::record(const TurnRecord& record, const std::function<AlertId()>& new_alert_id) {
    const CallSessionId& id = record.call_session_id;
    return connections_.write([&](soci::session& session) -> Result<TurnStored> {
        Result<domain::Call> call = find_locked(session, connections_.dialect(), id);
        if (!call) return call.error();

        auto numbers = store_turns(session, id, record.turns);
        if (!numbers) return numbers.error();
        const Lesson lesson{.turn_sequence = teaching_turn(record, *numbers, last_sequence(session, id)),
                            .learned_at = record.now};
        if (const auto stored = store_facts(session, id, record.facts, lesson); !stored) return stored.error();

        auto alerts = absorb_alerts(session, connections_.dialect(), *call, record.alerts, record.now, new_alert_id);
        if (!alerts) return alerts.error();

        take_over(*call, record);
        write_call(session, *call);
        apply_wishes(session, call->patient_id.str(), record.opt_out, record.consents);
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
