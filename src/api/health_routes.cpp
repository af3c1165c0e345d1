#include "api/routes.h"

#include <boost/json/array.hpp>

namespace carevoice::api {

namespace json = boost::json;

Answer HealthRoutes::alive(net::HttpRequest) {
    json::object body;
    body["status"] = "ok";
    body["live_calls"] = deps_.calls.live_calls();
    co_return json_response(200, body);
}

Answer HealthRoutes::ready(net::HttpRequest) {
    auto question = [](storage::Database& database) { return database.ping(); };
    const auto database = co_await deps_.store.ask(std::move(question));
    json::object parts;
    parts["database"] = database.has_value() ? "ok" : "down";
    parts["speech_to_text"] = deps_.calls.can_transcribe() ? "ok" : "missing";
    const bool draining = deps_.calls.is_draining();
    if (draining) parts["service"] = "draining";
    const auto hold = deps_.calls.dial_hold();
    parts["dialling"] = hold.empty() ? "ok" : "on hold";
    json::array missing;
    for (const auto& part : deps_.missing_parts) missing.emplace_back(part);
    const bool shares = !deps_.shares_state || deps_.shares_state();
    if (deps_.shares_state) parts["session_store"] = shares ? "ok" : "down";
    if (!shares) missing.emplace_back("session store (REDIS_URL): this instance keeps to its share of the dial rate");
    if (!hold.empty()) missing.emplace_back("dialling: " + hold);
    json::object body;
    const bool ready = database.has_value() && !draining;
    body["status"] = !ready ? "unavailable" : (missing.empty() ? "ok" : "degraded");
    body["parts"] = std::move(parts);
    body["missing"] = std::move(missing);
    co_return json_response(ready ? 200 : 503, body);
}

Answer HealthRoutes::metrics(net::HttpRequest) {
    co_return net::text_response(200, "text/plain; version=0.0.4; charset=utf-8", deps_.metrics_text());
}

}  // namespace carevoice::api
