#include "api/problem.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace carevoice::api {

namespace {

namespace json = boost::json;

/// The part of the type that a client may switch on. Refusals of a call each have their own.
std::string_view kind_of(const Error& error) noexcept {
    if (error.provider_code != 0 && error.code == Errc::rejected) return "twilio-refused";
    if (error.code == Errc::rejected) {
        if (error.field == "phone") return "phone-not-callable";
        if (error.field == "consents.calls") return "consent-missing";
        if (error.field == "scheduled_at" || error.field == "time_zone") return "outside-calling-hours";
        if (error.field == "mode") return "mode-unavailable";
        return "rejected";
    }
    switch (error.code) {
        case Errc::invalid_input: return "invalid-input";
        case Errc::unauthorised: return "unauthorised";
        case Errc::forbidden: return "forbidden";
        case Errc::not_found: return "not-found";
        case Errc::conflict: return "conflict";
        case Errc::too_large: return "too-large";
        case Errc::unavailable: return "unavailable";
        case Errc::timed_out: return "timed-out";
        default: return "internal";
    }
}

constexpr std::size_t field_bytes_max = 64;

/// A field may be a name that a stranger made up: kept short, and cut between characters.
std::string_view shortened(std::string_view field) noexcept {
    if (field.size() <= field_bytes_max) return field;
    std::size_t end = field_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(field[end]) & 0xC0U) == 0x80U) --end;
    return field.substr(0, end);
}

net::HttpResponse respond(int status, std::string_view kind, std::string_view detail, const Error* error,
                          std::string_view request_id) {
    json::object body;
    body["type"] = "urn:carevoice:problem:" + std::string(kind);
    body["title"] = problem_title(status);
    body["status"] = status;
    body["detail"] = detail;
    if (error != nullptr && !error->field.empty()) body["field"] = shortened(error->field);
    if (error != nullptr && error->provider_code != 0) body["provider_code"] = error->provider_code;
    if (!request_id.empty()) body["instance"] = "urn:carevoice:request:" + std::string(request_id);
    auto response = net::text_response(status, "application/problem+json", json::serialize(body));
    if (status == 401) response.headers.set("WWW-Authenticate", "Bearer");
    if (status == 503) response.headers.set("Retry-After", "5");
    return response;
}

}  // namespace

std::string_view problem_title(int status) noexcept {
    switch (status) {
        case 400: return "Bad request";
        case 401: return "Not authenticated";
        case 403: return "Forbidden";
        case 404: return "Not found";
        case 405: return "Method not allowed";
        case 408: return "Too slow";
        case 409: return "Conflict";
        case 413: return "Too large";
        case 415: return "Unsupported media type";
        case 422: return "Not possible";
        case 426: return "Upgrade required";
        case 431: return "Header too large";
        case 502: return "Refused by the telephone network";
        case 503: return "Unavailable";
        case 504: return "Timed out";
        case 505: return "Not supported";
        default: return status < 500 ? "Bad request" : "Internal error";
    }
}

int http_status(const Error& error) noexcept {
    switch (error.code) {
        case Errc::invalid_input: return 400;
        case Errc::unauthorised: return error.provider_code != 0 ? 502 : 401;
        case Errc::forbidden: return 403;
        case Errc::not_found: return 404;
        case Errc::conflict: return 409;
        case Errc::too_large: return 413;
        case Errc::rejected: return error.provider_code != 0 ? 502 : 422;
        case Errc::unavailable: return 503;
        case Errc::timed_out: return 504;
        case Errc::cancelled: return 503;
        case Errc::corrupt:
        case Errc::internal: return 500;
    }
    return 500;
}

net::HttpResponse problem_response(const Error& error, std::string_view request_id) {
    const int status = http_status(error);
    const std::string_view detail =
        status == 500 ? std::string_view("a fault of ours; it has been logged") : error.detail;
    return respond(status, kind_of(error), detail, &error, request_id);
}

net::HttpResponse problem_response(int status, std::string_view detail, std::string_view request_id) {
    std::string_view kind = "bad-request";
    if (status == 404) kind = "not-found";
    if (status == 405) kind = "method-not-allowed";
    if (status == 413 || status == 431) kind = "too-large";
    if (status == 503) kind = "unavailable";
    if (status == 408) kind = "timed-out";
    if (status == 500) kind = "internal";
    return respond(status, kind, detail, nullptr, request_id);
}

}  // namespace carevoice::api
