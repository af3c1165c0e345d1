#include "storage/sql/turns.h"

#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

namespace carevoice::storage::sql {

namespace {

struct TurnRow {
    static constexpr std::string_view table = "turns";

    std::string call_session_id;
    long long sequence = 0;
    std::string speaker;
    std::string topic;
    std::string words;
    long long started_at = 0;
    long long ended_at = 0;
    std::optional<double> confidence;
    std::optional<long long> audio_ms;
    long long interrupted = 0;
    std::optional<std::string> wording;
    std::optional<std::string> fallback;
    std::optional<std::string> breach;
    std::optional<long long> model_ms;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("sequence", row.sequence);
        visit("speaker", row.speaker);
        visit("topic", row.topic);
        visit("words", row.words);
        visit("started_at", row.started_at);
        visit("ended_at", row.ended_at);
        visit("confidence", row.confidence);
        visit("audio_ms", row.audio_ms);
        visit("interrupted", row.interrupted);
        visit("wording", row.wording);
        visit("fallback", row.fallback);
        visit("breach", row.breach);
        visit("model_ms", row.model_ms);
    }
};

TurnRow to_row(const CallSessionId& id, const domain::Turn& turn, std::int64_t sequence) {
    TurnRow row{.call_session_id = id.str(),
                .sequence = sequence,
                .speaker = std::string(to_string(turn.speaker)),
                .topic = turn.topic,
                .words = turn.text,
                .started_at = from_time(turn.started_at),
                .ended_at = from_time(turn.ended_at),
                .confidence = turn.confidence,
                .audio_ms = turn.audio_ms,
                .interrupted = turn.interrupted ? 1 : 0};
    if (turn.wording) {
        row.wording = to_string(turn.wording->source);
        if (turn.wording->fallback) row.fallback = to_string(*turn.wording->fallback);
        if (!turn.wording->breach.empty()) row.breach = turn.wording->breach;
        row.model_ms = turn.wording->model_ms;
    }
    return row;
}

std::optional<domain::Wording> to_wording(const TurnRow& row, RowCheck& check) {
    if (!row.wording) return std::nullopt;
    domain::Wording wording{.source = check.take("wording", domain::parse_wording_source(*row.wording)),
                            .breach = row.breach.value_or(std::string()),
                            .model_ms = row.model_ms};
    if (row.fallback) wording.fallback = check.take("fallback", domain::parse_fallback(*row.fallback));
    return wording;
}

Result<domain::Turn> to_turn(const TurnRow& row) {
    RowCheck check("turns");
    domain::Turn turn{.sequence = row.sequence,
                      .speaker = check.take("speaker", domain::parse_speaker(row.speaker)),
                      .topic = row.topic,
                      .text = row.words,
                      .started_at = to_time(row.started_at),
                      .ended_at = to_time(row.ended_at),
                      .confidence = row.confidence,
                      .audio_ms = row.audio_ms,
                      .interrupted = row.interrupted != 0,
                      .wording = to_wording(row, check)};
    if (const auto verdict = check.verdict(); !verdict) return verdict.error();
    return turn;
}

}  // namespace

std::int64_t last_sequence(soci::session& session, const CallSessionId& id) {
    long long last = 0;
    Query query(session, "SELECT COALESCE(MAX(sequence), 0) FROM turns WHERE call_session_id = :id");
    query.bind("id", id.str()).into(last);
    query.next();
    return last;
}

Result<std::vector<domain::Turn>> load_turns(soci::session& session, const CallSessionId& id) {
    TurnRow row;
    Query query(session, select_sql<TurnRow>("WHERE call_session_id = :id ORDER BY sequence"));
    query.bind("id", id.str()).into_row(row);
    std::vector<domain::Turn> turns;
    while (query.next()) {
        Result<domain::Turn> turn = to_turn(row);
        if (!turn) return turn.error();
        turns.push_back(std::move(*turn));
    }
    return turns;
}

Result<std::vector<std::int64_t>> store_turns(soci::session& session, const CallSessionId& id,
                                              const std::vector<domain::Turn>& turns) {
    std::int64_t last = last_sequence(session, id);
    std::vector<std::int64_t> numbers;
    for (const domain::Turn& turn : turns) {
        const std::int64_t sequence = turn.sequence == 0 ? last + 1 : turn.sequence;
        if (sequence < 1 || sequence > last + 1) {
            return Error{.code = Errc::conflict, .detail = "this turn would leave a gap", .field = "turns.sequence"};
        }
        if (sequence == last + 1) {
            Query(session, insert_sql<TurnRow>()).bind_row(to_row(id, turn, sequence)).run();
            last = sequence;
        } else {
            Query(session, update_sql<TurnRow>("WHERE call_session_id = :call_session_id AND sequence = :sequence"))
                .bind_row(to_row(id, turn, sequence))
                .run();
        }
        numbers.push_back(sequence);
    }
    return numbers;
}

}  // namespace carevoice::storage::sql
