#include "api/router.h"

#include "api/problem.h"
#include "api/routes.h"
#include "core/log.h"

#include <openssl/crypto.h>
#include <boost/json/serialize.hpp>

#include <memory>

namespace carevoice::api {

namespace {

/// All handlers with what they share; kept alive by the router's closures.
struct Handlers {
    explicit Handlers(ApiDeps deps_)
        : deps(std::move(deps_)), calls(deps), patients(deps), alerts(deps), twilio(deps), health(deps) {}
    ApiDeps deps;
    CallRoutes calls;
    PatientRoutes patients;
    AlertRoutes alerts;
    TwilioRoutes twilio;
    HealthRoutes health;
};

using Shared = std::shared_ptr<Handlers>;

enum class Access {
    key,  ///< the API key, when one is set
    signed_by_twilio,
    open,  ///< no patient data in the answer
};

async::Task<net::HttpResponse> answer(Shared handlers, Access access, Answer (*handler)(Handlers&, net::HttpRequest),
                                      net::HttpRequest request) {
    const std::string request_id = request.request_id;
    if (access == Access::key && !is_authenticated(request, handlers->deps)) {
        const Error refused{Errc::unauthorised, "send `Authorization: Bearer KEY` with a valid API key"};
        co_return problem_response(refused, request_id);
    }
    auto response = co_await handler(*handlers, std::move(request));
    if (response.has_value()) co_return std::move(*response);
    if (http_status(response.error()) == 500)
        log(LogLevel::error, "request failed", {{"request", request_id}, {"reason", response.error().detail}});
    co_return problem_response(response.error(), request_id);
}

/// A row of the table below: the room and the member function that answer.
template <auto Room, auto Function>
Answer call_member(Handlers& handlers, net::HttpRequest request) {
    return ((handlers.*Room).*Function)(std::move(request));
}

struct Route {
    const char* method;
    const char* pattern;
    Access access;
    Answer (*handler)(Handlers&, net::HttpRequest);
};

constexpr Route routes[] = {
    {"POST", "/api/v1/calls/initiate", Access::key, call_member<&Handlers::calls, &CallRoutes::initiate>},
    {"GET", "/api/v1/calls", Access::key, call_member<&Handlers::calls, &CallRoutes::list>},
    {"GET", "/api/v1/calls/status/{id}", Access::key, call_member<&Handlers::calls, &CallRoutes::status>},
    {"GET", "/api/v1/calls/transcripts/{id}", Access::key, call_member<&Handlers::calls, &CallRoutes::transcript>},
    {"POST", "/api/v1/calls/{id}/end", Access::key, call_member<&Handlers::calls, &CallRoutes::end>},
    {"GET", "/api/v1/calls/analytics", Access::key, call_member<&Handlers::calls, &CallRoutes::analytics>},
    {"GET", "/api/v1/calls/twilio-status", Access::key, call_member<&Handlers::calls, &CallRoutes::twilio_status>},
    {"GET", "/api/v1/patients", Access::key, call_member<&Handlers::patients, &PatientRoutes::list>},
    {"POST", "/api/v1/patients", Access::key, call_member<&Handlers::patients, &PatientRoutes::create>},
    {"GET", "/api/v1/patients/{id}", Access::key, call_member<&Handlers::patients, &PatientRoutes::fetch>},
    {"PUT", "/api/v1/patients/{id}", Access::key, call_member<&Handlers::patients, &PatientRoutes::replace>},
    {"DELETE", "/api/v1/patients/{id}", Access::key, call_member<&Handlers::patients, &PatientRoutes::remove>},
    {"GET", "/api/v1/alerts", Access::key, call_member<&Handlers::alerts, &AlertRoutes::list>},
    {"POST", "/api/v1/alerts/{id}/acknowledge", Access::key, call_member<&Handlers::alerts, &AlertRoutes::acknowledge>},
    {"POST", "/api/v1/alerts/{id}/resolve", Access::key, call_member<&Handlers::alerts, &AlertRoutes::resolve>},
    {"POST", "/api/v1/twilio/voice-webhook/{id}", Access::signed_by_twilio,
     call_member<&Handlers::twilio, &TwilioRoutes::voice>},
    {"POST", "/api/v1/twilio/gather/{id}", Access::signed_by_twilio,
     call_member<&Handlers::twilio, &TwilioRoutes::gather>},
    {"POST", "/api/v1/twilio/status-callback/{id}", Access::signed_by_twilio,
     call_member<&Handlers::twilio, &TwilioRoutes::status>},
    {"POST", "/api/v1/twilio/amd/{id}", Access::signed_by_twilio,
     call_member<&Handlers::twilio, &TwilioRoutes::machine_verdict>},
    {"POST", "/api/v1/twilio/stream-status/{id}", Access::signed_by_twilio,
     call_member<&Handlers::twilio, &TwilioRoutes::stream_status>},
    {"GET", "/health", Access::open, call_member<&Handlers::health, &HealthRoutes::alive>},
    {"GET", "/health/ready", Access::open, call_member<&Handlers::health, &HealthRoutes::ready>},
    {"GET", "/metrics", Access::open, call_member<&Handlers::health, &HealthRoutes::metrics>},
};

}  // namespace

net::HttpResponse json_response(int status, const boost::json::object& body) {
    return net::text_response(status, "application/json", boost::json::serialize(body));
}

bool is_authenticated(const net::HttpRequest& request, const ApiDeps& deps) {
    if (deps.admin_api_key.empty()) return true;
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.headers.find("Authorization");
    if (!header || !header->starts_with(scheme)) return false;
    const auto key = header->substr(scheme.size());
    return key.size() == deps.admin_api_key.size() &&
           CRYPTO_memcmp(key.data(), deps.admin_api_key.data(), key.size()) == 0;
}

net::Router make_router(ApiDeps deps) {
    const auto handlers = std::make_shared<Handlers>(std::move(deps));
    net::Router router;
    for (const auto& route : routes)
        router.on(route.method, route.pattern, [handlers, route](net::HttpRequest request) {
            return answer(handlers, route.access, route.handler, std::move(request));
        });
    router.on_websocket(
        "/api/v1/twilio/audio-stream/{id}",
        [handlers](net::HttpRequest request) { return handlers->twilio.check_stream(std::move(request)); },
        [handlers](std::shared_ptr<net::WebSocket> socket, net::HttpRequest request) {
            return handlers->twilio.stream(std::move(socket), std::move(request));
        });
    router.on_error([](int status, std::string_view detail, const net::HttpRequest& request) {
        return problem_response(status, detail, request.request_id);
    });
    router.on_finished([handlers](const net::HttpRequest& request, int status, milliseconds took) {
        const char* const kind = status < 400 ? "ok" : (status < 500 ? "refused" : "failed");
        handlers->deps.metrics.add("carevoice_http_requests_total", {{"outcome", kind}});
        handlers->deps.metrics.observe_seconds("carevoice_http_seconds", std::chrono::duration<double>(took).count());
        log(LogLevel::debug, "request",
            {{"request", request.request_id}, {"status", status}, {"ms", static_cast<std::int64_t>(took.count())}});
    });
    return router;
}

}  // namespace carevoice::api
