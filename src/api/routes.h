// The handlers, by subject. Internal to the room: router.cpp puts them together.
#pragma once

#include "api/router.h"
#include "net/http.h"
#include "net/websocket.h"

#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace carevoice::api {

/// A handler that may fail; the router turns errors into problem details.
using Answer = async::Task<Result<net::HttpResponse>>;

net::HttpResponse json_response(int status, const boost::json::object& body);

/// True when the request carries the key, or none is needed. Compares in constant time.
bool is_authenticated(const net::HttpRequest& request, const ApiDeps& deps);

class CallRoutes {
public:
    explicit CallRoutes(const ApiDeps& deps) : deps_(deps) {}
    Answer initiate(net::HttpRequest request);
    Answer list(net::HttpRequest request);
    Answer status(net::HttpRequest request);
    Answer transcript(net::HttpRequest request);
    Answer end(net::HttpRequest request);
    Answer analytics(net::HttpRequest request);
    Answer twilio_status(net::HttpRequest request);

private:
    const ApiDeps& deps_;
};

class PatientRoutes {
public:
    explicit PatientRoutes(const ApiDeps& deps) : deps_(deps) {}
    Answer list(net::HttpRequest request);
    Answer create(net::HttpRequest request);
    Answer fetch(net::HttpRequest request);
    Answer replace(net::HttpRequest request);
    Answer remove(net::HttpRequest request);
    Answer import_csv(net::HttpRequest request);

private:
    const ApiDeps& deps_;
};

class AlertRoutes {
public:
    explicit AlertRoutes(const ApiDeps& deps) : deps_(deps) {}
    Answer list(net::HttpRequest request);
    Answer fetch(net::HttpRequest request);
    Answer acknowledge(net::HttpRequest request);
    Answer resolve(net::HttpRequest request);
    Answer add_note(net::HttpRequest request);

private:
    Answer set_status(net::HttpRequest request, domain::AlertStatus status);
    const ApiDeps& deps_;
};

/// Server-sent events of what happens in calls.
class EventRoutes {
public:
    explicit EventRoutes(const ApiDeps& deps) : deps_(deps) {}
    async::Task<boost::system::result<void, net::HttpResponse>> check(net::HttpRequest request);
    async::Task<> stream(net::HttpRequest request, std::shared_ptr<net::Router::StreamSink> sink);

private:
    const ApiDeps& deps_;
};

/// Webhooks and the media WebSocket: each request's signature is checked before anything else.
class TwilioRoutes {
public:
    explicit TwilioRoutes(const ApiDeps& deps) : deps_(deps) {}
    Answer voice(net::HttpRequest request);
    Answer gather(net::HttpRequest request);
    Answer status(net::HttpRequest request);
    Answer machine_verdict(net::HttpRequest request);
    Answer stream_status(net::HttpRequest request);
    Answer recording(net::HttpRequest request);
    async::Task<boost::system::result<void, net::HttpResponse>> check_stream(net::HttpRequest request);
    async::Task<> stream(std::shared_ptr<net::WebSocket> socket, net::HttpRequest request);

private:
    struct Report {
        CallSessionId id;
        twilio::Webhook webhook;
    };
    /// What Twilio posted and about which call, its signature checked: else forbidden, invalid_input or not_found.
    [[nodiscard]] Result<Report> read(const net::HttpRequest& request) const;
    /// Passes a webhook on when another instance follows the call: its answer. nullopt when that one is gone or there
    /// is none: then it is ours to handle, and the call with it.
    async::Task<std::optional<net::HttpResponse>> ask_owner(CallSessionId id, net::HttpRequest request) const;
    const ApiDeps& deps_;
};

class HealthRoutes {
public:
    explicit HealthRoutes(const ApiDeps& deps) : deps_(deps) {}
    Answer alive(net::HttpRequest request);
    Answer ready(net::HttpRequest request);
    Answer metrics(net::HttpRequest request);

private:
    const ApiDeps& deps_;
};

/// The description of all this, made once from the route table.
class DocumentationRoutes {
public:
    DocumentationRoutes();
    Answer openapi(net::HttpRequest request);
    Answer page(net::HttpRequest request);

private:
    std::string openapi_;
    std::string page_;
};

/// All handlers with what they share; kept alive by the router's closures.
struct Handlers {
    explicit Handlers(ApiDeps deps_)
        : deps(std::move(deps_)), calls(deps), patients(deps), alerts(deps), events(deps), twilio(deps), health(deps) {}
    ApiDeps deps;
    CallRoutes calls;
    PatientRoutes patients;
    AlertRoutes alerts;
    EventRoutes events;
    TwilioRoutes twilio;
    HealthRoutes health;
    DocumentationRoutes documentation;
};

}  // namespace carevoice::api
