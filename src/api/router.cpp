#include "api/router.h"

#include "api/problem.h"
#include "api/route_table.h"
#include "api/wall_routes.h"
#include "core/log.h"
#include "core/text.h"

#include <openssl/crypto.h>
#include <boost/json/serialize.hpp>

#include <memory>

namespace carevoice::api {

namespace {

using Shared = std::shared_ptr<Handlers>;

async::Task<net::HttpResponse> answer(Shared handlers, Access access, Answer (*handler)(Handlers&, net::HttpRequest),
                                      net::HttpRequest request) {
    const std::string request_id = request.request_id;
    if (access == Access::key && !is_authenticated(request, handlers->deps)) {
        const Error refused{Errc::unauthorised, "send `Authorization: Bearer KEY` with a valid API key"};
        co_return problem_response(refused, request_id);
    }
    auto response = co_await handler(*handlers, std::move(request));
    if (response.has_value()) {
        // Patient data: no browser or proxy keeps it.
        if (access != Access::open) response->headers.set("Cache-Control", "no-store");
        co_return std::move(*response);
    }
    if (http_status(response.error()) == 500)
        log(LogLevel::error, "request failed", {{"request", request_id}, {"reason", response.error().detail}});
    co_return problem_response(response.error(), request_id);
}

void add_media_stream(net::Router& router, const Shared& handlers, const char* pattern) {
    router.on_websocket(
        pattern, [handlers](net::HttpRequest request) { return handlers->twilio.check_stream(std::move(request)); },
        [handlers](std::shared_ptr<net::WebSocket> socket, net::HttpRequest request) {
            return handlers->twilio.stream(std::move(socket), std::move(request));
        });
}

void add_event_stream(net::Router& router, const Shared& handlers, const Route& route) {
    router.on_stream(
        route.pattern, route.answer.media_type,
        [handlers](net::HttpRequest request) { return handlers->events.check(std::move(request)); },
        [handlers](net::HttpRequest request, std::shared_ptr<net::Router::StreamSink> sink) {
            return handlers->events.stream(std::move(request), std::move(sink));
        });
}

}  // namespace

net::HttpResponse json_response(int status, const boost::json::object& body) {
    return net::text_response(status, "application/json", boost::json::serialize(body));
}

bool is_authenticated(const net::HttpRequest& request, const ApiDeps& deps) {
    if (deps.admin_api_key.empty()) return true;
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.headers.find("Authorization");
    if (!header || !equals_ignoring_case(header->substr(0, scheme.size()), scheme)) return false;
    const auto key = trim(header->substr(scheme.size()));
    return key.size() == deps.admin_api_key.size() &&
           CRYPTO_memcmp(key.data(), deps.admin_api_key.data(), key.size()) == 0;
}

net::Router make_router(ApiDeps deps) {
    const auto handlers = std::make_shared<Handlers>(std::move(deps));
    net::Router router;
    for (const auto& route : route_table()) {
        if (route.handler == nullptr) {
            if (route.answer.media_type == nullptr)
                add_media_stream(router, handlers, route.pattern);
            else
                add_event_stream(router, handlers, route);
            continue;
        }
        const auto* const row = &route;
        router.on(route.method, route.pattern, [handlers, row](net::HttpRequest request) {
            return answer(handlers, row->access, row->handler, std::move(request));
        });
    }
    auto wall = handlers->deps.wall;
    add_wall(router, wall ? std::move(wall) : std::make_shared<const WallFiles>(WallFiles::built_in()));
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
