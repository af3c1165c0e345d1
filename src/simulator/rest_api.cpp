#include "simulator/rest_api.h"

#include "core/text.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

constexpr std::size_t page_size_default = 50;
constexpr std::size_t page_size_max = 1000;
constexpr std::size_t message_characters_max = 1600;
/// Longer than any client waits.
constexpr milliseconds never{60'000};

json::object message_json(const SentMessage& message, const std::string& account) {
    return {{"sid", message.sid},
            {"account_sid", account},
            {"to", message.to},
            {"from", message.from},
            {"body", message.body},
            {"status", "queued"},
            {"num_segments", std::to_string(1 + message.body.size() / 161)},
            {"num_media", "0"},
            {"direction", "outbound-api"},
            {"price", nullptr},
            {"error_code", nullptr},
            {"error_message", nullptr},
            {"api_version", "2010-04-01"}};
}

/// "2026-11-22" or a whole RFC 3339 time; nullopt: no limit (or none that we understand).
std::optional<WallTime> time_limit(const net::FormFields& query, std::string_view name) {
    const auto text = net::find_field(query, name);
    if (!text) return std::nullopt;
    if (const auto whole = parse_rfc3339(*text)) return *whole;
    if (const auto day = parse_date(*text)) return WallTime{std::chrono::sys_days{*day}};
    return std::nullopt;
}

/// Which calls a list request asks for. A call that was not answered has no start time: its creation counts.
bool listed(const CallRecord& call, const net::FormFields& query) {
    const auto begun = call.started.value_or(call.created);
    if (const auto to = net::find_field(query, "To"); to && *to != call.to) return false;
    if (const auto from = net::find_field(query, "From"); from && *from != call.from) return false;
    if (const auto status = net::find_field(query, "Status"); status && *status != call.status) return false;
    // "StartTime>" with a value is written "StartTime>=…" on the wire.
    if (const auto after = time_limit(query, "StartTime>"); after && begun < *after) return false;
    if (const auto before = time_limit(query, "StartTime<"); before && begun > *before) return false;
    return true;
}

}  // namespace

net::HttpResponse rest_json(int status, const json::value& body) {
    return net::text_response(status, "application/json", json::serialize(body));
}

net::HttpResponse rest_error(int status, int code, std::string_view message) {
    const std::string more = "https://www.twilio.com/docs/errors/" + std::to_string(code);
    const json::object body{{"code", code}, {"message", message}, {"more_info", more}, {"status", status}};
    return rest_json(status, body);
}

net::HttpResponse rest_not_found(std::string_view target) {
    return rest_error(404, 20404, "The requested resource " + std::string(target) + " was not found");
}

bool is_authorised(const TwilioOptions& options, const net::HttpRequest& request) {
    const std::string pair = options.account_sid + ":" + options.auth_token;
    const std::string expected = "Basic " + base64_encode(std::as_bytes(std::span(pair)));
    return request.headers.find("Authorization") == expected;
}

RestApi::RestApi(const TwilioOptions& options, CallBook& book, FaultBox& faults, Switchboard& switchboard,
                 Random& random)
    : options_(options), book_(book), faults_(faults), switchboard_(switchboard), random_(random) {}

void RestApi::add_routes(net::Router& router) {
    const net::Router::Handler handler = [this](net::HttpRequest request) { return handle(std::move(request)); };
    for (const auto* method : {"GET", "POST"}) {
        router.on(method, "/2010-04-01/Accounts/{account}", handler);
        router.on(method, "/2010-04-01/Accounts/{account}/{resource}", handler);
        router.on(method, "/2010-04-01/Accounts/{account}/Calls/{call}", handler);
    }
}

std::vector<SentMessage> RestApi::messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
}

async::Task<net::HttpResponse> RestApi::handle(net::HttpRequest request) {
    if (!is_authorised(options_, request)) co_return rest_error(401, 20003, "Authenticate");
    const bool is_post = request.method == "POST";
    net::FormFields form;
    if (is_post) {
        auto parsed = net::parse_form(request.body);
        if (!parsed) co_return rest_error(400, 20001, "The body is not a form");
        form = std::move(*parsed);
    }
    auto account_name = std::string(request.path_param("account"));
    const auto resource = request.path_param("resource");
    auto call = std::string(request.path_param("call"));
    if (resource.empty() && call.empty()) {
        if (account_name != options_.account_sid + ".json" || is_post) co_return rest_not_found(request.path);
        co_return account();
    }
    if (account_name != options_.account_sid) co_return rest_not_found(request.path);
    if (!call.empty()) {
        if (!call.ends_with(".json")) co_return rest_not_found(request.path);
        call.resize(call.size() - 5);
        co_return is_post ? update_call(call, form) : fetch_call(call);
    }
    const bool is_call = resource == "Calls.json";
    if (!is_call && resource != "Messages.json") co_return rest_not_found(request.path);
    if (!is_post) co_return is_call ? list_calls(request.query) : list_messages();
    co_return co_await create(std::move(form), is_call);
}

async::Task<net::HttpResponse> RestApi::create(net::FormFields form, bool is_call) {
    const auto make = [this, is_call](const net::FormFields& fields) {
        return is_call ? create_call(fields) : create_message(fields);
    };
    switch (faults_.draw_create_fault()) {
        case CreateFault::none: break;
        case CreateFault::too_many_requests: co_return rest_error(429, 20429, "Too Many Requests");
        case CreateFault::gateway_page:
            co_return net::text_response(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>");
        case CreateFault::server_error:
            make(form);
            co_return rest_error(500, 20500, "An internal server error has occurred");
        case CreateFault::never_answers: {
            auto response = make(form);
            co_await async::sleep_for(never);
            co_return response;
        }
        case CreateFault::slow: {
            auto response = make(form);
            co_await async::sleep_for(faults_.get().create_delay);
            co_return response;
        }
    }
    co_return make(form);
}

net::HttpResponse RestApi::create_call(const net::FormFields& form) {
    auto call = read_create(form, options_.phone_number);
    if (!call) return rest_error(400, call.error().provider_code, call.error().detail);
    call->sid = "CA" + random_.hex(16);
    call->account_sid = options_.account_sid;
    call->created = call->updated = wall_now();
    const auto body = to_json(*call);
    switchboard_.start_call(std::move(*call));
    return rest_json(201, body);
}

net::HttpResponse RestApi::create_message(const net::FormFields& form) {
    const auto field = [&](std::string_view name) { return std::string(net::find_field(form, name).value_or("")); };
    SentMessage message{"SM" + random_.hex(16), field("To"), field("From"), field("Body"), field("StatusCallback")};
    if (!is_e164(message.to)) return rest_error(400, 21211, "The 'To' number is not a valid phone number.");
    if (message.from != options_.phone_number)
        return rest_error(400, 21606, "The 'From' phone number provided is not a message-capable number");
    if (message.body.empty()) return rest_error(400, 21602, "Message body is required.");
    if (message.body.size() > message_characters_max)
        return rest_error(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    const auto body = message_json(message, options_.account_sid);
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    return rest_json(201, body);
}

net::HttpResponse RestApi::update_call(const std::string& sid, const net::FormFields& form) {
    if (faults_.draw(&Faults::update_500)) return rest_error(500, 20500, "An internal server error has occurred");
    const auto call = book_.find(sid);
    if (!call) return rest_not_found("/2010-04-01/Accounts/" + options_.account_sid + "/Calls/" + sid + ".json");
    if (const auto status = net::find_field(form, "Status")) return end_call(*call, *status);
    LiveUpdate update{.twiml = std::string(net::find_field(form, "Twiml").value_or("")),
                      .url = std::string(net::find_field(form, "Url").value_or("")),
                      .method = std::string(net::find_field(form, "Method").value_or("POST"))};
    if (update.twiml.empty() == update.url.empty()) return rest_error(400, 20001, "Give either Url or Twiml");
    if (update.twiml.size() > 4000) return rest_error(400, 32018, "The Twiml parameter exceeds 4000 characters");
    if (call->status != "in-progress" || !switchboard_.send(sid, std::move(update)))
        return rest_error(400, 21220, "Call is not in-progress. Cannot redirect.");
    return rest_json(200, to_json(*call));
}

net::HttpResponse RestApi::end_call(const CallRecord& call, std::string_view status) {
    if (status != "completed" && status != "canceled")
        return rest_error(400, 20001, "Status must be completed or canceled");
    if (is_over(call)) return rest_error(400, 21220, "Call is not in-progress. Cannot redirect.");
    // Canceled leaves an answered call alone.
    const bool acts = status == "completed" || call.status != "in-progress";
    if (acts) switchboard_.send(call.sid, HangUpByRest{});
    return rest_json(200, to_json(call));
}

net::HttpResponse RestApi::fetch_call(const std::string& sid) const {
    const auto call = book_.find(sid);
    if (!call) return rest_not_found("/2010-04-01/Accounts/" + options_.account_sid + "/Calls/" + sid + ".json");
    return rest_json(200, to_json(*call));
}

net::HttpResponse RestApi::list_calls(const net::FormFields& query) const {
    const auto number = [&](std::string_view name, std::size_t fallback) {
        const auto text = net::find_field(query, name);
        const auto value = text ? parse_digits(*text) : std::nullopt;
        return value ? static_cast<std::size_t>(*value) : fallback;
    };
    const auto size = std::clamp<std::size_t>(number("PageSize", page_size_default), 1, page_size_max);
    const auto page = std::min<std::size_t>(number("Page", 0), 1'000'000);
    json::array calls;
    std::size_t seen = 0;
    bool more = false;
    for (const auto& call : book_.all()) {
        if (!listed(call, query)) continue;
        if (seen >= page * size && calls.size() < size)
            calls.push_back(to_json(call));
        else if (seen >= page * size)
            more = true;
        ++seen;
    }
    const auto uri = [&](std::size_t index) {
        net::FormFields fields;
        for (const auto& field : query)
            if (field.first != "Page" && field.first != "PageSize") fields.push_back(field);
        fields.emplace_back("PageSize", std::to_string(size));
        fields.emplace_back("Page", std::to_string(index));
        return "/2010-04-01/Accounts/" + options_.account_sid + "/Calls.json?" + net::encode_form(fields);
    };
    const auto uri_or_null = [&](bool there, std::size_t index) {
        return there ? json::value(uri(index)) : json::value(nullptr);
    };
    const std::size_t count = calls.size();
    json::object body{{"page", page},
                      {"page_size", size},
                      {"start", page * size},
                      {"end", page * size + (count > 0 ? count - 1 : 0)},
                      {"uri", uri(page)},
                      {"first_page_uri", uri(0)},
                      {"next_page_uri", uri_or_null(more, page + 1)},
                      {"previous_page_uri", uri_or_null(page > 0, page - 1)}};
    body["calls"] = std::move(calls);
    return rest_json(200, body);
}

net::HttpResponse RestApi::list_messages() const {
    json::array list;
    for (const auto& message : messages()) list.push_back(message_json(message, options_.account_sid));
    const json::object body{{"messages", list}, {"page", 0}, {"next_page_uri", nullptr}};
    return rest_json(200, body);
}

net::HttpResponse RestApi::account() const {
    const json::object body{{"sid", options_.account_sid},
                            {"friendly_name", "Simulated account"},
                            {"status", "active"},
                            {"type", "Full"},
                            {"owner_account_sid", options_.account_sid},
                            {"auth_token", options_.auth_token}};
    return rest_json(200, body);
}

}  // namespace carevoice::simulator
