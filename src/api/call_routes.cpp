#include "api/call_json.h"
#include "api/json_input.h"
#include "api/routes.h"
#include "core/log.h"

#include <boost/json/array.hpp>

namespace carevoice::api {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t prior_scores_max = 100;
constexpr std::size_t context_bytes_max = std::size_t{16} * 1024;

Error bad(std::string field, std::string detail) {
    return Error{Errc::invalid_input, std::move(detail), std::move(field)};
}

Result<std::vector<int>> read_prior_scores(const json::object& body) {
    std::vector<int> scores;
    const auto* const context = body.if_contains("context");
    if (context == nullptr || context->is_null()) return scores;
    if (!context->is_object()) return bad("context", "must be an object");
    if (canonical_json(*context).size() > context_bytes_max) return bad("context", "larger than 16 KiB");
    const auto* const prior = context->get_object().if_contains("prior");
    if (prior == nullptr || prior->is_null()) return scores;
    if (!prior->is_object()) return bad("context.prior", "must be an object");
    const auto* const listed = prior->get_object().if_contains("pain_scores");
    if (listed == nullptr || listed->is_null()) return scores;
    if (!listed->is_array() || listed->get_array().size() > prior_scores_max)
        return bad("context.prior.pain_scores", "must be an array of at most 100 scores");
    for (const auto& score : listed->get_array()) {
        if (!score.is_int64() || score.get_int64() < 0 || score.get_int64() > 10)
            return bad("context.prior.pain_scores", "each score must be a whole number from 0 to 10");
        scores.push_back(static_cast<int>(score.get_int64()));
    }
    return scores;
}

Result<calls::InitiateRequest> read_initiate(const net::HttpRequest& http) {
    const auto body = read_json_object(http);
    if (body.has_error()) return body.error();
    const auto known =
        refuse_unknown_fields(*body, {"patient_id", "call_session_id", "call_type", "mode", "context", "scheduled_at"});
    if (known.has_error()) return known.error();

    calls::InitiateRequest request;
    const auto patient_id = required_string(*body, "patient_id");
    if (patient_id.has_error()) return patient_id.error();
    if (!is_valid_public_id(*patient_id)) return bad("patient_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
    request.patient_id = PatientId(*patient_id);

    const auto session_id = optional_string(*body, "call_session_id");
    if (session_id.has_error()) return session_id.error();
    if (session_id->has_value()) {
        if (!is_valid_public_id(**session_id)) return bad("call_session_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
        request.call_session_id = CallSessionId(**session_id);
    }

    const auto type_text = required_string(*body, "call_type");
    if (type_text.has_error()) return type_text.error();
    const auto type = domain::parse_call_type(*type_text);
    if (!type) return bad("call_type", "must be followup, enrollment or education");
    request.call_type = *type;

    const auto mode_text = optional_string(*body, "mode");
    if (mode_text.has_error()) return mode_text.error();
    if (mode_text->has_value()) {
        request.mode = domain::parse_call_mode(**mode_text);
        if (!request.mode) return bad("mode", "must be updates, stream or gather");
    }

    auto scores = read_prior_scores(*body);
    if (scores.has_error()) return scores.error();
    request.prior_pain_scores = std::move(*scores);

    const auto scheduled = optional_string(*body, "scheduled_at");
    if (scheduled.has_error()) return scheduled.error();
    if (scheduled->has_value()) {
        const auto time = parse_rfc3339(**scheduled);
        if (time.has_error()) return bad("scheduled_at", time.error().detail);
        request.scheduled_at = *time;
    }
    request.request_body = canonical_json(*body);
    return request;
}

json::object account_json(const Result<twilio::AccountState>& account) {
    json::object body;
    body["connected"] = account.has_value();
    if (account.has_value()) {
        body["account_status"] = account->status;
        body["account_type"] = account->type;
    } else {
        body["error"] = to_string(account.error().code);
        body["detail"] = account.error().detail;
        if (account.error().provider_code != 0) body["provider_code"] = account.error().provider_code;
    }
    return body;
}

}  // namespace

Answer CallRoutes::initiate(net::HttpRequest request) {
    auto wanted = read_initiate(request);
    if (wanted.has_error()) co_return wanted.error();
    auto initiated = co_await deps_.calls.initiate(std::move(*wanted));
    if (initiated.has_error()) co_return initiated.error();
    auto response = json_response(initiated->created ? 201 : 200, call_json(initiated->call));
    response.headers.set("Location", "/api/v1/calls/status/" + initiated->call.call_session_id.str());
    co_return response;
}

Answer CallRoutes::list(net::HttpRequest request) {
    storage::CallFilter filter;
    if (const auto patient = net::find_field(request.query, "patient_id"))
        filter.patient_id = PatientId(std::string(*patient));
    if (const auto status = net::find_field(request.query, "status")) {
        filter.status = domain::parse_call_status(*status);
        if (!filter.status) co_return bad("status", "not a call status");
    }
    const auto from = query_time(request, "from");
    if (from.has_error()) co_return from.error();
    const auto to = query_time(request, "to");
    if (to.has_error()) co_return to.error();
    filter.created_from = *from;
    filter.created_to = *to;
    const auto limit = query_limit(request);
    if (limit.has_error()) co_return limit.error();
    storage::PageRequest page;
    page.limit = *limit;
    page.cursor = net::find_field(request.query, "cursor").value_or("");
    auto question = [filter, page](storage::Database& database) { return database.calls().list(filter, page); };
    const auto found = co_await deps_.store.ask(std::move(question));
    if (found.has_error()) co_return found.error();
    json::array calls;
    for (const auto& call : found->items) calls.push_back(call_json(call));
    json::object body;
    body["calls"] = std::move(calls);
    body["next_cursor"] = found->cursor.empty() ? json::value(nullptr) : json::value(found->cursor);
    co_return json_response(200, body);
}

Answer CallRoutes::status(net::HttpRequest request) {
    const auto id = call_id(request);
    if (id.has_error()) co_return id.error();
    const auto details = co_await deps_.calls.details(*id);
    if (details.has_error()) co_return details.error();
    co_return json_response(200, call_status_json(*details));
}

Answer CallRoutes::transcript(net::HttpRequest request) {
    const auto id = call_id(request);
    if (id.has_error()) co_return id.error();
    const auto details = co_await deps_.calls.details(*id);
    if (details.has_error()) co_return details.error();
    co_return json_response(200, transcript_json(*details));
}

Answer CallRoutes::end(net::HttpRequest request) {
    const auto id = call_id(request);
    if (id.has_error()) co_return id.error();
    const auto ended = co_await deps_.calls.end(*id);
    if (ended.has_error()) co_return ended.error();
    const auto details = co_await deps_.calls.details(*id);
    if (details.has_error()) co_return details.error();
    co_return json_response(202, call_status_json(*details));
}

Answer CallRoutes::analytics(net::HttpRequest request) {
    const auto from = query_time(request, "from");
    if (from.has_error()) co_return from.error();
    const auto to = query_time(request, "to");
    if (to.has_error()) co_return to.error();
    auto question = [from = *from, to = *to](storage::Database& database) {
        return database.analytics().figures(from, to);
    };
    const auto figures = co_await deps_.store.ask(std::move(question));
    if (figures.has_error()) co_return figures.error();
    auto body = figures_json(*figures);
    body["live_calls"] = deps_.calls.live_calls();
    co_return json_response(200, body);
}

Answer CallRoutes::twilio_status(net::HttpRequest) {
    const auto account = co_await deps_.telephony.account(Deadline::in(5s));
    auto body = account_json(account);
    body["webhook_url"] = deps_.public_origin;
    co_return json_response(200, body);
}

}  // namespace carevoice::api
