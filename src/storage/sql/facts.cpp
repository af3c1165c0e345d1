#include "storage/sql/facts.h"

#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <cmath>

namespace carevoice::storage::sql {

namespace {

struct FactRow {
    static constexpr std::string_view table = "facts";

    std::string call_session_id;
    std::string name;
    std::string fact_value;
    long long turn_sequence = 0;
    long long learned_at = 0;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("name", row.name);
        visit("fact_value", row.fact_value);
        visit("turn_sequence", row.turn_sequence);
        visit("learned_at", row.learned_at);
    }
};

constexpr std::string_view take_newer =
    " ON CONFLICT (call_session_id, name) DO UPDATE SET fact_value = excluded.fact_value, "
    "turn_sequence = excluded.turn_sequence, learned_at = excluded.learned_at";

constexpr std::string_view add_to_history =
    "INSERT INTO fact_history (call_session_id, sequence, name, fact_value, turn_sequence, learned_at) "
    "SELECT :call_session_id, COALESCE(MAX(sequence), 0) + 1, :name, :fact_value, :turn_sequence, :learned_at "
    "FROM fact_history WHERE call_session_id = :call_session_id";

bool is_storable(const domain::FactValue& value) {
    const double* number = std::get_if<double>(&value);
    return number == nullptr || std::isfinite(*number);
}

}  // namespace

Result<domain::Facts> load_facts(soci::session& session, const CallSessionId& id) {
    FactRow row;
    Query query(session, select_sql<FactRow>("WHERE call_session_id = :id"));
    query.bind("id", id.str()).into_row(row);
    RowCheck check("facts");
    domain::Facts facts;
    while (query.next()) facts[row.name] = check.take("fact_value", fact_from_json(row.fact_value));
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return facts;
}

Result<> store_facts(soci::session& session, const CallSessionId& id, const domain::Facts& learned,
                     const Lesson& lesson) {
    if (learned.empty()) return {};
    for (const auto& [name, value] : learned) {
        if (!is_storable(value)) {
            return Error{.code = Errc::invalid_input, .detail = "a fact must be a finite number", .field = name};
        }
    }
    Result<domain::Facts> known = load_facts(session, id);
    if (!known) return known.error();
    domain::merge(*known, learned);

    FactRow row{
        .call_session_id = id.str(), .turn_sequence = lesson.turn_sequence, .learned_at = from_time(lesson.learned_at)};
    for (const auto& [name, value] : learned) {
        row.name = name;
        row.fact_value = to_json(value);
        Query(session, std::string(add_to_history)).bind_row(row).run();
        row.fact_value = to_json(known->at(name));
        Query(session, insert_sql<FactRow>() + std::string(take_newer)).bind_row(row).run();
    }
    return {};
}

}  // namespace carevoice::storage::sql
