#include "api/json_input.h"
#include "api/problem.h"
#include "api/routes.h"
#include "core/text.h"
#include "twilio/signature.h"
#include "twilio/webhook.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace carevoice::api {

namespace {

constexpr std::string_view idempotency_header = "I-Twilio-Idempotency-Token";
constexpr std::string_view signature_header = "X-Twilio-Signature";
constexpr std::string_view passed_on_header = "X-Carevoice-Passed-On";
/// An owner that is alive answers in milliseconds, or within the second that a chat model may take.
constexpr milliseconds owner_patience{1'500};
/// Whether it is alive shows at once. A machine that hangs takes connections and says nothing, and its patient waits.
constexpr milliseconds owner_pulse{500};

std::string idempotency_token(const net::HttpRequest& request) {
    return std::string(request.headers.find(idempotency_header).value_or(""));
}

net::HttpResponse twiml_response(std::string twiml) {
    return net::text_response(200, "text/xml", std::move(twiml));
}

bool is_recording_sid(std::string_view text) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 34 && text.starts_with("RE") && std::ranges::all_of(text.substr(2), is_hex);
}

/// Keyed by recording and status, so that a repeat is known. The audio's address follows from the SID; it is not kept.
Result<storage::CallEvent> recording_event(const CallSessionId& id, const twilio::Webhook& webhook, WallTime now) {
    constexpr std::array<std::string_view, 4> statuses{"in-progress", "completed", "absent", "failed"};
    if (!is_recording_sid(webhook.recording_sid))
        return Error{Errc::invalid_input, "RecordingSid is missing or malformed", "RecordingSid"};
    if (std::ranges::find(statuses, webhook.recording_status) == statuses.end())
        return Error{Errc::invalid_input, "not a recording status", "RecordingStatus"};
    boost::json::object detail;
    detail["recording_sid"] = webhook.recording_sid;
    detail["status"] = webhook.recording_status;
    if (webhook.recording_duration_seconds) detail["duration_seconds"] = *webhook.recording_duration_seconds;
    return storage::CallEvent{.call_session_id = id,
                              .key = "recording:" + webhook.recording_sid + ":" + webhook.recording_status,
                              .kind = "recording",
                              .detail_json = boost::json::serialize(detail),
                              .received_at = now};
}

net::HttpResponse no_content() {
    net::HttpResponse response;
    response.status = 204;
    return response;
}

}  // namespace

Result<TwilioRoutes::Report> TwilioRoutes::read(const net::HttpRequest& request) const {
    auto fields = net::parse_form(request.body);
    // Without a signature a stranger learns nothing about what would have been wrong with the body.
    twilio::SignedRequest signed_request;
    signed_request.url = deps_.public_origin + request.target;
    if (fields.has_value()) signed_request.params = *fields;
    const auto signature = request.headers.find(signature_header).value_or("");
    if (!twilio::matching_url(deps_.twilio_auth_tokens, signed_request, signature)) {
        deps_.metrics.add("carevoice_signatures_refused_total", {{"kind", "webhook"}});
        return Error{Errc::forbidden, "the Twilio signature does not fit this request; `carevoice doctor` helps"};
    }
    if (fields.has_error()) return fields.error();
    auto webhook = twilio::parse_webhook(*fields);
    if (webhook.has_error()) return webhook.error();
    auto id = call_id(request);
    if (id.has_error()) return id.error();
    return Report{std::move(*id), std::move(*webhook)};
}

async::Task<std::optional<net::HttpResponse>> TwilioRoutes::ask_owner(CallSessionId id,
                                                                      net::HttpRequest request) const {
    // Never passed on twice: two instances that each think the other has the call would go on for ever.
    if (deps_.peers == nullptr || request.headers.find(passed_on_header)) co_return std::nullopt;
    const auto owner = co_await deps_.calls.followed_elsewhere(std::move(id));
    const auto origin = owner ? net::parse_url(*owner) : Result<net::Url>(Error{Errc::not_found, "no other owner"});
    if (origin.has_error()) co_return std::nullopt;
    net::HttpRequest pulse;
    pulse.target = "/health";
    const auto alive = co_await deps_.peers->send(*origin, std::move(pulse), Deadline::in(owner_pulse));
    if (alive.has_error() || alive->status != 200) {
        deps_.metrics.add("carevoice_webhooks_passed_on_total", {{"outcome", "taken_over"}});
        co_return std::nullopt;
    }
    net::HttpRequest copy;
    copy.method = "POST";
    copy.target = request.target;
    copy.headers.set(passed_on_header, "1");
    for (const auto name : {signature_header, idempotency_header, std::string_view("Content-Type")})
        if (const auto value = request.headers.find(name)) copy.headers.set(name, std::string(*value));
    copy.body = std::move(request.body);
    auto answer = co_await deps_.peers->send(*origin, std::move(copy), Deadline::in(owner_patience));
    const bool answered = answer.has_value() && answer->status < 500;
    deps_.metrics.add("carevoice_webhooks_passed_on_total", {{"outcome", answered ? "answered" : "taken_over"}});
    if (!answered) co_return std::nullopt;
    net::HttpResponse response;
    response.status = answer->status;
    if (const auto type = answer->headers.find("Content-Type"))
        response.headers.set("Content-Type", std::string(*type));
    response.body = std::move(answer->body);
    co_return response;
}

Answer TwilioRoutes::voice(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    if (auto answered = co_await ask_owner(report->id, request)) co_return std::move(*answered);
    auto twiml = co_await deps_.calls.voice(report->id, std::move(report->webhook), idempotency_token(request));
    if (twiml.has_error()) co_return twiml.error();
    co_return twiml_response(std::move(*twiml));
}

Answer TwilioRoutes::gather(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    if (auto answered = co_await ask_owner(report->id, request)) co_return std::move(*answered);
    auto twiml = co_await deps_.calls.gather(report->id, std::move(report->webhook), idempotency_token(request));
    if (twiml.has_error()) co_return twiml.error();
    co_return twiml_response(std::move(*twiml));
}

Answer TwilioRoutes::status(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    if (auto answered = co_await ask_owner(report->id, request)) co_return std::move(*answered);
    const auto taken = co_await deps_.calls.status(report->id, std::move(report->webhook));
    if (taken.has_error()) co_return taken.error();
    co_return no_content();
}

Answer TwilioRoutes::machine_verdict(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    if (auto answered = co_await ask_owner(report->id, request)) co_return std::move(*answered);
    const auto taken = co_await deps_.calls.machine_verdict(report->id, std::move(report->webhook));
    if (taken.has_error()) co_return taken.error();
    co_return no_content();
}

Answer TwilioRoutes::stream_status(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    if (auto answered = co_await ask_owner(report->id, request)) co_return std::move(*answered);
    const auto taken = co_await deps_.calls.stream_status(report->id, std::move(report->webhook));
    if (taken.has_error()) co_return taken.error();
    co_return no_content();
}

Answer TwilioRoutes::recording(net::HttpRequest request) {
    auto report = read(request);
    if (report.has_error()) co_return report.error();
    const auto event = recording_event(report->id, report->webhook, deps_.clock.wall_now());
    if (event.has_error()) co_return event.error();
    storage::RecordingReport said{.call_session_id = report->id,
                                  .recording_sid = report->webhook.recording_sid,
                                  .status = report->webhook.recording_status,
                                  .duration_seconds = report->webhook.recording_duration_seconds};
    auto question = [event = *event, report = std::move(said),
                     sid = report->webhook.call_sid](storage::Database& database) -> Result<bool> {
        const auto call = database.calls().find(event.call_session_id);
        if (call.has_error()) return call.error();
        if (!call->call_sid.empty() && call->call_sid != sid)
            return Error{Errc::conflict, "this CallSid belongs to another call", "CallSid"};
        if (const auto added = database.calls().add_event(event); added.has_error()) return added.error();
        auto fetchable = database.recordings().reported(report, event.received_at);
        // Not one that we asked for: without consent it is left alone.
        const bool is_foreign = fetchable.has_error() &&
                                (fetchable.error().code == Errc::not_found || fetchable.error().code == Errc::conflict);
        return is_foreign ? Result<bool>(false) : std::move(fetchable);
    };
    const auto fetchable = co_await deps_.store.ask(std::move(question));
    if (fetchable.has_error()) co_return fetchable.error();
    if (*fetchable && deps_.on_recording) deps_.on_recording();
    co_return no_content();
}

async::Task<boost::system::result<void, net::HttpResponse>> TwilioRoutes::check_stream(net::HttpRequest request) {
    using Verdict = boost::system::result<void, net::HttpResponse>;
    twilio::SignedRequest signed_request;
    // Signed over the address as it stands in our TwiML: wss for https.
    signed_request.url = "ws" + deps_.public_origin.substr(4) + request.target;
    signed_request.websocket = true;
    const auto signature = request.headers.find(signature_header).value_or("");
    if (!twilio::matching_url(deps_.twilio_auth_tokens, signed_request, signature)) {
        deps_.metrics.add("carevoice_signatures_refused_total", {{"kind", "stream"}});
        const Error refused{Errc::forbidden, "the Twilio signature does not fit this request"};
        co_return Verdict(problem_response(refused, request.request_id));
    }
    const auto id = call_id(request);
    if (id.has_error()) co_return Verdict(problem_response(id.error(), request.request_id));
    const auto allowed = co_await deps_.calls.may_stream(*id);
    if (allowed.has_error()) co_return Verdict(problem_response(allowed.error(), request.request_id));
    co_return Verdict();
}

async::Task<> TwilioRoutes::stream(std::shared_ptr<net::WebSocket> socket, net::HttpRequest request) {
    return deps_.calls.stream(CallSessionId(std::string(request.path_param("id"))), std::move(socket));
}

}  // namespace carevoice::api
