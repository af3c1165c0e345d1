#include "storage/sql/analytics.h"

#include "storage/sql/alert_row.h"
#include "storage/sql/calls.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <limits>

namespace carevoice::storage::sql {

namespace {

using Counts = std::vector<std::pair<std::string, std::int64_t>>;

/// The figures' range in the terms of the database.
struct Range {
    long long from = std::numeric_limits<long long>::min();
    long long to = std::numeric_limits<long long>::max();
};

constexpr std::string_view in_range = "c.created_at >= :from_time AND c.created_at < :to_time";
constexpr std::string_view alerts_of_range =
    " FROM alerts a JOIN calls c ON c.call_session_id = a.call_session_id WHERE ";

Query ranged(soci::session& session, const std::string& sql, const Range& range) {
    Query query(session, sql);
    query.bind("from_time", range.from).bind("to_time", range.to);
    return query;
}

Counts counts(soci::session& session, const std::string& column, const std::string& from, const Range& range) {
    std::string name;
    long long count = 0;
    const std::string sql = "SELECT " + column + ", COUNT(*)" + from + std::string(in_range) + " GROUP BY " + column +
                            " ORDER BY " + column;
    Query query = ranged(session, sql, range);
    query.into(name).into(count);
    Counts found;
    while (query.next()) found.emplace_back(name, count);
    return found;
}

Counts severity_counts(soci::session& session, const Range& range) {
    long long rank = 0;
    long long count = 0;
    const std::string sql = "SELECT a.severity, COUNT(*)" + std::string(alerts_of_range) + std::string(in_range) +
                            " GROUP BY a.severity ORDER BY a.severity";
    Query query = ranged(session, sql, range);
    query.into(rank).into(count);
    Counts found;
    while (query.next()) {
        if (const auto severity = severity_of_rank(rank)) found.emplace_back(to_string(*severity), count);
    }
    return found;
}

double number(soci::session& session, const std::string& sql, const Range& range) {
    std::optional<double> value;
    Query query = ranged(session, sql + std::string(in_range), range);
    query.into(value);
    query.next();
    return value.value_or(0);
}

std::int64_t count(soci::session& session, const std::string& condition, const Range& range) {
    long long found = 0;
    Query query =
        ranged(session, "SELECT COUNT(*) FROM calls c WHERE " + condition + " AND " + std::string(in_range), range);
    query.into(found);
    query.next();
    return found;
}

constexpr std::string_view turns_of_range =
    " FROM turns t JOIN calls c ON c.call_session_id = t.call_session_id WHERE ";

/// The least value that `per_cent` of the `count` values of model_ms do not exceed.
std::int64_t model_ms_percentile(soci::session& session, std::int64_t count, std::int64_t per_cent,
                                 const Range& range) {
    if (count == 0) return 0;
    long long value = 0;
    Query query = ranged(session,
                         "SELECT t.model_ms" + std::string(turns_of_range) + "t.model_ms IS NOT NULL AND " +
                             std::string(in_range) + " ORDER BY t.model_ms LIMIT 1 OFFSET :below",
                         range);
    query.bind("below", (count * per_cent + 99) / 100 - 1).into(value);
    query.next();
    return value;
}

WordingFigures wording_figures(soci::session& session, const Range& range) {
    const auto by = [&](const std::string& column) {
        return counts(session, column, std::string(turns_of_range) + column + " IS NOT NULL AND ", range);
    };
    WordingFigures figures;
    figures.by_source = by("t.wording");
    figures.fallbacks = by("t.fallback");
    figures.guard_rails = by("t.breach");
    long long asked = 0;
    Query query =
        ranged(session, "SELECT COUNT(t.model_ms)" + std::string(turns_of_range) + std::string(in_range), range);
    query.into(asked);
    query.next();
    figures.model_asked = asked;
    figures.model_ms_p50 = model_ms_percentile(session, asked, 50, range);
    figures.model_ms_p95 = model_ms_percentile(session, asked, 95, range);
    return figures;
}

void add(TopicFigures& figures, domain::TopicState state, std::int64_t calls) {
    figures.planned += calls;
    switch (state) {
        case domain::TopicState::pending:
        case domain::TopicState::skipped: return;
        case domain::TopicState::asked: break;
        case domain::TopicState::answered: figures.answered += calls; break;
        case domain::TopicState::unclear: figures.unclear += calls; break;
        case domain::TopicState::declined: figures.declined += calls; break;
    }
    figures.asked += calls;
}

std::vector<TopicFigures> topic_figures(soci::session& session, const Dialect& dialect, const std::string& ended,
                                        const Range& range) {
    const std::string topic = dialect.text_of_entry("topic");
    const std::string state = dialect.text_of_entry("state");
    std::string name;
    std::string state_name;
    long long calls = 0;
    Query query = ranged(session,
                         "SELECT " + topic + ", " + state + ", COUNT(*) FROM calls c, " +
                             dialect.entries_of("c.topics") + " WHERE " + ended + " AND " + std::string(in_range) +
                             " GROUP BY " + topic + ", " + state + " ORDER BY " + topic,
                         range);
    query.into(name).into(state_name).into(calls);
    std::vector<TopicFigures> found;
    while (query.next()) {
        const auto known = domain::parse_topic_state(state_name);
        if (!known) continue;
        if (found.empty() || found.back().topic != name) found.push_back({.topic = name});
        add(found.back(), *known, calls);
    }
    return found;
}

std::string quoted(std::string_view word) {
    return "'" + std::string(word) + "'";
}

}  // namespace

Result<CallFigures> SqlAnalytics::figures(std::optional<WallTime> from, std::optional<WallTime> to) {
    Range range;
    if (from) range.from = from_time(*from);
    if (to) range.to = from_time(*to);
    const std::string ended = "c.status IN (" + final_states() + ")";
    const std::string completed = "c.outcome = " + quoted(to_string(domain::CallOutcome::completed));
    const std::string waiting = "c.status = " + quoted(to_string(domain::CallStatus::scheduled));
    const std::string patient = quoted(to_string(domain::Speaker::patient));

    return connections_.read([&](soci::session& session) -> Result<CallFigures> {
        CallFigures figures;
        figures.by_status = counts(session, "c.status", " FROM calls c WHERE ", range);
        figures.by_outcome = counts(session, "c.outcome", " FROM calls c WHERE ", range);
        figures.alerts_by_type = counts(session, "a.alert_type", std::string(alerts_of_range), range);
        figures.alerts_by_severity = severity_counts(session, range);
        for (const auto& [status, calls] : figures.by_status) figures.total += calls;
        const std::int64_t finished = count(session, ended, range);
        figures.active = figures.total - finished - count(session, waiting, range);
        if (finished > 0) {
            const std::int64_t reached = count(session, ended + " AND " + completed, range);
            figures.completion_rate = static_cast<double>(reached) / static_cast<double>(finished);
        }
        figures.mean_duration_seconds = number(session,
                                               "SELECT AVG(c.ended_at - c.answered_at) / 1000.0 FROM calls c WHERE "
                                               "c.answered_at IS NOT NULL AND c.ended_at IS NOT NULL AND ",
                                               range);
        figures.mean_confidence = number(session,
                                         "SELECT AVG(t.confidence) FROM turns t JOIN calls c ON c.call_session_id = "
                                         "t.call_session_id WHERE t.speaker = " +
                                             patient + " AND ",
                                         range);
        const std::string read =
            " FROM recordings r JOIN calls c ON c.call_session_id = r.call_session_id WHERE "
            "r.word_agreement IS NOT NULL AND ";
        figures.recordings_read = static_cast<std::int64_t>(number(session, "SELECT COUNT(*) * 1.0" + read, range));
        figures.mean_word_agreement = number(session, "SELECT AVG(r.word_agreement)" + read, range);
        figures.cost_usd = number(session, "SELECT SUM(c.cost_usd) FROM calls c WHERE ", range);
        figures.topics = topic_figures(session, connections_.dialect(), ended, range);
        figures.wording = wording_figures(session, range);
        return figures;
    });
}

}  // namespace carevoice::storage::sql
