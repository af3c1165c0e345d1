#include "calls/earlier_calls.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace carevoice::calls {

namespace {

/// More than a patient is called in a month; a call that nobody answered teaches nothing.
constexpr int calls_looked_at = 20;
constexpr std::size_t scores_max = 3;
constexpr int alerts_max = 50;

Result<std::vector<std::string>> find_open_rules(storage::Database& database, const CallSessionId& id) {
    storage::AlertFilter filter;
    filter.call_session_id = id;
    const auto alerts = database.alerts().list(filter, storage::PageRequest{.limit = alerts_max, .cursor = {}});
    if (alerts.has_error()) return alerts.error();
    std::vector<std::string> rules;
    for (const auto& alert : alerts->items) {
        if (alert.status == domain::AlertStatus::resolved) continue;
        for (const auto& evidence : alert.evidence)
            if (std::ranges::find(rules, evidence.rule) == rules.end()) rules.push_back(evidence.rule);
    }
    return rules;
}

}  // namespace

Result<EarlierCalls> find_earlier_calls(storage::Database& database, const domain::Call& call) {
    storage::CallFilter filter;
    filter.patient_id = call.patient_id;
    filter.created_to = call.created_at;
    const auto calls = database.calls().list(filter, storage::PageRequest{.limit = calls_looked_at, .cursor = {}});
    if (calls.has_error()) return calls.error();
    EarlierCalls earlier;
    bool found_last = false;
    for (const auto& before : calls->items) {
        if (before.call_session_id == call.call_session_id) continue;
        auto facts = database.conversations().facts(before.call_session_id);
        if (facts.has_error()) return facts.error();
        if (facts->empty()) continue;
        const auto score = facts->find("pain_score");
        const auto* number = score == facts->end() ? nullptr : std::get_if<double>(&score->second);
        if (number != nullptr) earlier.pain_scores.push_back(static_cast<int>(std::lround(*number)));
        if (!std::exchange(found_last, true)) {
            auto rules = find_open_rules(database, before.call_session_id);
            if (rules.has_error()) return rules.error();
            earlier.open_rules = std::move(*rules);
            earlier.last_facts = std::move(*facts);
        }
        if (earlier.pain_scores.size() == scores_max) break;
    }
    std::ranges::reverse(earlier.pain_scores);
    return earlier;
}

}  // namespace carevoice::calls
