// How a call lies in the database.
#pragma once

#include "core/error.h"
#include "domain/call.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::storage::sql {

struct CallRow {
    static constexpr std::string_view table = "calls";

    std::string call_session_id;
    std::optional<std::string> call_sid;  ///< NULL until known, so that it can be unique
    std::string patient_id;
    std::string call_type;
    std::string mode;
    std::string status;
    std::optional<std::string> answered_by;
    std::string outcome;
    std::string request_body;
    std::string prior_pain_scores;
    std::string stream_token;
    std::string dialogue_state;
    std::string current_topic;
    std::string topics;
    std::string summary;
    std::string failure;
    long long created_at = 0;
    std::optional<long long> scheduled_at;
    std::optional<long long> answered_at;
    std::optional<long long> ended_at;
    std::optional<double> cost_usd;
    std::optional<std::string> retry_of;
    long long attempt = 1;
    std::optional<long long> dialled_at;
    long long plan_open = 0;
    std::string owner;
    long long owner_epoch = 0;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("call_session_id", row.call_session_id);
        visit("call_sid", row.call_sid);
        visit("patient_id", row.patient_id);
        visit("call_type", row.call_type);
        visit("mode", row.mode);
        visit("status", row.status);
        visit("answered_by", row.answered_by);
        visit("outcome", row.outcome);
        visit("request_body", row.request_body);
        visit("prior_pain_scores", row.prior_pain_scores);
        visit("stream_token", row.stream_token);
        visit("dialogue_state", row.dialogue_state);
        visit("current_topic", row.current_topic);
        visit("topics", row.topics);
        visit("summary", row.summary);
        visit("failure", row.failure);
        visit("created_at", row.created_at);
        visit("scheduled_at", row.scheduled_at);
        visit("answered_at", row.answered_at);
        visit("ended_at", row.ended_at);
        visit("cost_usd", row.cost_usd);
        visit("retry_of", row.retry_of);
        visit("attempt", row.attempt);
        visit("dialled_at", row.dialled_at);
        visit("plan_open", row.plan_open);
        visit("owner", row.owner);
        visit("owner_epoch", row.owner_epoch);
    }
};

CallRow to_row(const domain::Call& call);
/// corrupt when a column breaks its rule.
Result<domain::Call> to_call(const CallRow& row);

}  // namespace carevoice::storage::sql
