#include "api/call_json.h"
#include "api/json_input.h"
#include "api/routes.h"

#include <boost/json/array.hpp>

namespace carevoice::api {

namespace json = boost::json;

Answer AlertRoutes::list(net::HttpRequest request) {
    storage::AlertFilter filter;
    if (const auto call = net::find_field(request.query, "call_session_id"))
        filter.call_session_id = CallSessionId(std::string(*call));
    if (const auto status = net::find_field(request.query, "status")) {
        filter.status = domain::parse_alert_status(*status);
        if (!filter.status) co_return Error{Errc::invalid_input, "must be open, acknowledged or resolved", "status"};
    }
    if (const auto severity = net::find_field(request.query, "at_least")) {
        filter.at_least = domain::parse_severity(*severity);
        if (!filter.at_least)
            co_return Error{Errc::invalid_input, "must be low, moderate, high, urgent or critical", "at_least"};
    }
    const auto limit = query_limit(request);
    if (limit.has_error()) co_return limit.error();
    storage::PageRequest page;
    page.limit = *limit;
    page.cursor = net::find_field(request.query, "cursor").value_or("");
    auto question = [filter, page](storage::Database& database) { return database.alerts().list(filter, page); };
    const auto found = co_await deps_.store.ask(std::move(question));
    if (found.has_error()) co_return found.error();
    json::array alerts;
    for (const auto& alert : found->items) alerts.push_back(alert_json(alert));
    json::object body;
    body["alerts"] = std::move(alerts);
    body["next_cursor"] = found->cursor.empty() ? json::value(nullptr) : json::value(found->cursor);
    co_return json_response(200, body);
}

Answer AlertRoutes::acknowledge(net::HttpRequest request) {
    return set_status(std::move(request), domain::AlertStatus::acknowledged);
}

Answer AlertRoutes::resolve(net::HttpRequest request) {
    return set_status(std::move(request), domain::AlertStatus::resolved);
}

Answer AlertRoutes::set_status(net::HttpRequest request, domain::AlertStatus status) {
    const AlertId id{std::string(request.path_param("id"))};
    const auto now = deps_.clock.wall_now();
    auto question = [id, status, now](storage::Database& database) {
        return database.alerts().set_status(id, status, now);
    };
    const auto alert = co_await deps_.store.ask(std::move(question));
    if (alert.has_error()) co_return alert.error();
    co_return json_response(200, alert_json(*alert));
}

}  // namespace carevoice::api
