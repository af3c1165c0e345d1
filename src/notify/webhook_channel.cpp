#include "notify/webhook_channel.h"

#include "core/text.h"
#include "notify/webhook_signature.h"

#include <algorithm>
#include <array>

namespace carevoice::notify {

namespace {

constexpr std::uint64_t retry_after_seconds_max = 24UL * 3600;

/// Seconds, or a date (RFC 9110, section 10.2.3); 0 for anything else.
milliseconds retry_after(const net::HttpResponse& response, WallTime now) {
    const auto field = response.headers.find("Retry-After");
    if (!field) return milliseconds(0);
    if (const auto seconds = parse_digits(*field))
        return std::chrono::seconds(std::min(*seconds, retry_after_seconds_max));
    if (!field->ends_with(" GMT")) return milliseconds(0);
    const auto date = parse_rfc2822(std::string(field->substr(0, field->size() - 3)) + "+0000");
    return date.has_value() ? std::max(*date - now, milliseconds(0)) : milliseconds(0);
}

bool may_work_later(int status) {
    constexpr std::array later = {408, 409, 425, 429};
    return status < 400 || status >= 500 || std::ranges::find(later, status) != later.end();
}

Delivery judge(const net::HttpResponse& response, WallTime now) {
    if (response.status >= 200 && response.status < 300) return {.receipt = std::string()};
    const bool later = may_work_later(response.status);
    Error error{later ? Errc::unavailable : Errc::rejected,
                "the webhook's receiver answered " + std::to_string(response.status)};
    error.provider_code = response.status;
    return {.receipt = std::move(error), .retry_after = retry_after(response, now)};
}

/// What the client could not do. Its own texts may name the host, which is no secret, but nothing of ours.
Delivery judge(const Error& error) {
    switch (error.code) {
        // Something was answered, so it may have been taken.
        case Errc::corrupt:
        case Errc::too_large:
        case Errc::timed_out: return {.receipt = Error{Errc::timed_out, "the webhook's receiver gave no answer"}};
        case Errc::invalid_input: return {.receipt = error};
        default: return {.receipt = Error{Errc::unavailable, "the webhook's receiver cannot be reached"}};
    }
}

}  // namespace

net::HttpRequest WebhookChannel::request_of(const Message& message, const net::Url& url) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.wall_now()).time_since_epoch().count();
    const std::string& id = message.notification.id.str();
    const std::string timestamp = std::to_string(seconds);
    net::HttpRequest request;
    request.method = "POST";
    request.target = url.path;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("User-Agent", "carevoice");
    request.headers.add("webhook-id", id);
    request.headers.add("webhook-timestamp", timestamp);
    if (!key_.empty()) request.headers.add("webhook-signature", sign_webhook(key_, id, timestamp, message.json));
    request.headers.add("Idempotency-Key", id);
    request.body = message.json;
    return request;
}

async::Task<Delivery> WebhookChannel::deliver(Message message, Deadline deadline) {
    const auto url = net::parse_url(message.notification.recipient);
    if (url.has_error() || (url->scheme != "http" && url->scheme != "https")) {
        Delivery refused{.receipt = Error{Errc::invalid_input, "the webhook's address is not a URL", "recipient"}};
        co_return refused;
    }
    auto request = request_of(message, *url);
    const auto response = co_await http_.send(*url, std::move(request), deadline);
    co_return response.has_error() ? judge(response.error()) : judge(*response, clock_.wall_now());
}

}  // namespace carevoice::notify
