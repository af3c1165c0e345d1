#include "api_house.h"

#include "api/openapi.h"
#include "schema_check.h"
#include "twilio/signature.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace carevoice::api {

namespace asio = async::asio;
namespace json = boost::json;
using asio::ip::tcp;

namespace {

using namespace std::chrono_literals;

std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> out;
    std::string now;
    for (const char c : path.substr(0, path.find('?'))) {
        if (c == '/') {
            out.push_back(std::move(now));
            now.clear();
        } else {
            now += c;
        }
    }
    out.push_back(std::move(now));
    return out;
}

/// The row whose pattern fits best: plain text before a name.
const Route* route_of(const std::string& method, const std::string& target) {
    const auto path = segments(target);
    const Route* best = nullptr;
    for (const auto& route : route_table()) {
        const auto pattern = segments(route.pattern);
        bool fits = method == route.method && pattern.size() == path.size();
        for (std::size_t i = 0; fits && i < path.size(); ++i) fits = pattern[i] == "{id}" || pattern[i] == path[i];
        if (fits && (best == nullptr || std::string_view(best->pattern).find('{') != std::string_view::npos))
            best = &route;
    }
    return best;
}

async::Task<std::string> raw_exchange(asio::io_context& context, std::uint16_t port, std::string bytes, bool hang_up) {
    tcp::socket socket(context);
    asio::steady_timer too_long(context, 10s);
    too_long.async_wait([&socket](boost::system::error_code failure) {
        if (!failure) ADD_FAILURE() << "the server keeps the connection";
        boost::system::error_code ignored;
        if (!failure) socket.close(ignored);
    });
    boost::system::error_code failure;
    const auto quietly = [&failure] { return asio::redirect_error(asio::use_awaitable, failure); };
    const tcp::endpoint there(asio::ip::make_address("127.0.0.1"), port);
    co_await socket.async_connect(there, quietly());
    co_await asio::async_write(socket, asio::buffer(bytes), quietly());
    if (hang_up) socket.shutdown(tcp::socket::shutdown_send, failure);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer), quietly());
    co_return answer;
}

}  // namespace

ApiHouse::ApiHouse(ApiHouseOptions options)
    : sessions(storage::open_sessions("", {}, clock, metrics).value()),
      feed(metrics, options.event_limits),
      publisher({.store = *sessions, .pool = asking, .random = random, .metrics = metrics}),
      house(options.with_engine,
            {.reply_writer = options.reply_writer, .watcher = options.live_events ? &publisher : nullptr}) {
    auto router = make_router(ApiDeps{.calls = *house.service,
                                      .store = house.store,
                                      .telephony = house.telephony,
                                      .clock = house.clock,
                                      .metrics = house.metrics,
                                      .public_origin = test_origin,
                                      .twilio_auth_tokens = {"an old token", test_auth_token},
                                      .admin_api_key = options.api_key,
                                      .missing_parts = options.missing_parts,
                                      .metrics_text = [] { return std::string("carevoice_live_calls 0\n"); },
                                      .wall = options.wall,
                                      .events = options.live_events ? &feed : nullptr,
                                      .events_heartbeat = options.heartbeat,
                                      .watcher = &publisher});
    server = std::make_unique<net::HttpServer>(house.context.get_executor(), std::move(router), options.limits, random);
    EXPECT_TRUE(server->listen("127.0.0.1", 0).has_value());
    tasks.spawn(asio::make_strand(house.context), server->run());
    if (options.live_events) {
        tasks.spawn(asio::make_strand(house.context), feed.hear(*sessions, hearing));
        tasks.spawn(asio::make_strand(house.context), publisher.run());
    }
    client =
        std::make_unique<net::HttpClient>(house.context.get_executor(), net::ClientOptions{}, random, house.metrics);
    document = openapi_document(route_table());
}

ApiHouse::~ApiHouse() {
    run(client->stop());
    run(server->stop(milliseconds{0}));
    run(tasks.stop());
}

net::HttpResponse ApiHouse::send(net::HttpRequest request) {
    const std::string method = request.method;
    const std::string target = request.target;
    auto response = fetch(std::move(request));
    if (response.status != 0) check_answer(method, target, response);
    return response;
}

net::HttpResponse ApiHouse::fetch(net::HttpRequest request) {
    const net::Url origin{.scheme = "http", .host = "127.0.0.1", .port = port()};
    const std::string what = request.method + " " + request.target;
    auto response = run(client->send(origin, std::move(request), Deadline::in(10s)));
    if (response.has_value()) return std::move(*response);
    ADD_FAILURE() << what << ": " << response.error().detail;
    return {.status = 0};
}

void ApiHouse::check_answer(const std::string& method, const std::string& target,
                            const net::HttpResponse& response) const {
    const auto type = response.headers.find("Content-Type").value_or("");
    const auto* const route = route_of(method, target);
    const auto hold_to = [&](const char* schema) {
        const json::object reference{{"$ref", "#/components/schemas/" + std::string(schema)}};
        EXPECT_EQ(schema_fault(document, reference, body_of(response)), "") << method << " " << target;
    };
    const bool is_unready = target == "/health/ready" && response.status == 503;
    if (response.status >= 400 && !is_unready) {
        EXPECT_EQ(type, "application/problem+json") << method << " " << target;
        hold_to("Problem");
        if (type == "application/problem+json") EXPECT_EQ(body_of(response).at("status"), response.status);
        return;
    }
    if (route == nullptr) return;
    const std::string_view promised = route->answer.media_type == nullptr ? "" : route->answer.media_type;
    EXPECT_TRUE(promised.empty() ? response.body.empty() : type.starts_with(promised)) << target << " is " << type;
    if (route->answer.schema != nullptr) hold_to(route->answer.schema);
    const auto caching = response.headers.find("Cache-Control").value_or("");
    EXPECT_EQ(caching, route->access == Access::open ? "" : "no-store") << target;
}

net::HttpResponse ApiHouse::get(std::string target) {
    return send({.method = "GET", .target = std::move(target)});
}

net::HttpResponse ApiHouse::remove(std::string target) {
    return send({.method = "DELETE", .target = std::move(target)});
}

net::HttpResponse ApiHouse::post_json(std::string target, std::string body) {
    net::HttpRequest request{.method = "POST", .target = std::move(target), .body = std::move(body)};
    request.headers.add("Content-Type", "application/json");
    return send(std::move(request));
}

net::HttpResponse ApiHouse::put_json(std::string target, std::string body) {
    net::HttpRequest request{.method = "PUT", .target = std::move(target), .body = std::move(body)};
    request.headers.add("Content-Type", "application/json; charset=utf-8");
    return send(std::move(request));
}

net::HttpResponse ApiHouse::post_form(std::string target, const net::FormFields& fields, std::string signed_url) {
    if (signed_url.empty()) signed_url = test_origin + target;
    net::HttpRequest request{.method = "POST", .target = std::move(target), .body = net::encode_form(fields)};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.add("X-Twilio-Signature", twilio::sign(test_auth_token, signed_url, fields));
    return send(std::move(request));
}

std::string ApiHouse::exchange(std::string bytes, bool hang_up) {
    return run(raw_exchange(house.context, port(), std::move(bytes), hang_up));
}

void ApiHouse::expect_alive() {
    const auto response = get("/health");
    EXPECT_EQ(response.status, 200);
}

net::FormFields ApiHouse::webhook(net::FormFields more) const {
    net::FormFields fields{{"CallSid", house.telephony.next_sid}};
    for (auto& field : more) fields.push_back(std::move(field));
    return fields;
}

std::string ApiHouse::answer_call() {
    const auto twiml = post_form("/api/v1/twilio/voice-webhook/s1", webhook({{"CallStatus", "in-progress"}})).body;
    constexpr std::string_view mark = "name=\"token\" value=\"";
    const auto from = twiml.find(mark);
    if (from == std::string::npos) {
        ADD_FAILURE() << "no token in " << twiml;
        return {};
    }
    const auto begin = from + mark.size();
    return twiml.substr(begin, twiml.find('"', begin) - begin);
}

json::value body_of(const net::HttpResponse& response) {
    boost::system::error_code failure;
    auto value = json::parse(response.body, failure);
    EXPECT_FALSE(failure) << response.body.substr(0, 200);
    return value;
}

std::string field_of(const net::HttpResponse& response) {
    const auto body = body_of(response);
    const auto* const field = body.is_object() ? body.get_object().if_contains("field") : nullptr;
    return field == nullptr ? "" : std::string(field->as_string());
}

std::string kind_of(const net::HttpResponse& response) {
    constexpr std::string_view prefix = "urn:carevoice:problem:";
    return std::string(body_of(response).at("type").as_string()).substr(prefix.size());
}

std::string patient_json(const std::string& id, json::object change) {
    json::object patient{{"patient_id", id},
                         {"first_name", "Ada"},
                         {"last_name", "Example"},
                         {"date_of_birth", "1957-03-14"},
                         {"phone", "+14155550123"}};
    for (auto& member : change) patient[member.key()] = std::move(member.value());
    return json::serialize(patient);
}

}  // namespace carevoice::api
