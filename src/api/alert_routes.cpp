#include "api/call_json.h"
#include "api/json_input.h"
#include "api/routes.h"

#include <boost/json/array.hpp>

namespace carevoice::api {

namespace json = boost::json;

namespace {

constexpr std::size_t note_bytes_max = 2'000;

/// What a person says when they act on an alert; all of it may be left out, the body too.
struct Said {
    std::string by;
    std::string note;
};

Result<Said> read_said(const net::HttpRequest& request) {
    Said said;
    if (request.body.empty()) return said;
    const auto body = read_json_object(request);
    if (body.has_error()) return body.error();
    if (const auto known = refuse_unknown_fields(*body, {"by", "note"}); known.has_error()) return known.error();
    auto by = optional_string(*body, "by", 100);
    if (by.has_error()) return by.error();
    auto note = optional_string(*body, "note", note_bytes_max);
    if (note.has_error()) return note.error();
    said.by = std::move(*by).value_or("");
    said.note = std::move(*note).value_or("");
    return said;
}

Result<AlertId> alert_id(const net::HttpRequest& request) {
    return path_id<AlertId>(request, "alert", "alert_id");
}

}  // namespace

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
    const auto id = alert_id(request);
    if (id.has_error()) co_return id.error();
    const auto said = read_said(request);
    if (said.has_error()) co_return said.error();
    const auto now = deps_.clock.wall_now();
    auto question = [id = *id, status, now, said = *said](storage::Database& database) {
        return database.alerts().set_status(id, status, now, said.by, said.note);
    };
    const auto alert = co_await deps_.store.ask(std::move(question));
    if (alert.has_error()) co_return alert.error();
    if (deps_.watcher != nullptr) deps_.watcher->on_alert(*alert);
    co_return json_response(200, alert_json(*alert));
}

Answer AlertRoutes::add_note(net::HttpRequest request) {
    const auto id = alert_id(request);
    if (id.has_error()) co_return id.error();
    const auto said = read_said(request);
    if (said.has_error()) co_return said.error();
    if (said->note.empty()) co_return Error{Errc::invalid_input, "must say something", "note"};
    const auto now = deps_.clock.wall_now();
    auto question = [id = *id, now, said = *said](storage::Database& database) {
        return database.alerts().add_note(id, now, said.by, said.note);
    };
    const auto alert = co_await deps_.store.ask(std::move(question));
    if (alert.has_error()) co_return alert.error();
    if (deps_.watcher != nullptr) deps_.watcher->on_alert(*alert);
    co_return json_response(200, alert_json(*alert));
}

Answer AlertRoutes::fetch(net::HttpRequest request) {
    const auto id = alert_id(request);
    if (id.has_error()) co_return id.error();
    auto question = [id = *id](storage::Database& database) { return database.alerts().find(id); };
    const auto alert = co_await deps_.store.ask(std::move(question));
    if (alert.has_error()) co_return alert.error();
    co_return json_response(200, alert_json(*alert));
}

}  // namespace carevoice::api
