#include "net/http_writer.h"

#include "core/log.h"
#include "core/text.h"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace carevoice::net {

namespace {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), made once a second and thread.
std::string_view http_date() {
    thread_local std::array<char, 40> text{};
    thread_local std::size_t length = 0;
    thread_local std::time_t made_at = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        made_at = now;
    }
    return {text.data(), length};
}

bool concerns_the_connection(std::string_view name) noexcept {
    return equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Transfer-Encoding") ||
           equals_ignoring_case(name, "Connection");
}

bool is_safe_field(const std::string& name, const std::string& value) noexcept {
    const auto breaks_name = [](char c) { return c <= ' ' || c == ':' || c == 0x7F; };
    const auto breaks_value = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    return !name.empty() && std::none_of(name.begin(), name.end(), breaks_name) &&
           std::none_of(value.begin(), value.end(), breaks_value);
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
}

bool is_safe_target(std::string_view target) noexcept {
    const auto breaks_line = [](char c) { return c <= ' ' || c == 0x7F; };  // char is signed: also all beyond ASCII
    return target.starts_with('/') && std::none_of(target.begin(), target.end(), breaks_line);
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

}  // namespace

Result<std::string> request_bytes(const HttpRequest& request, std::string_view host) {
    if (!is_token(request.method)) return Error{Errc::invalid_input, "not an HTTP method"};
    if (!is_safe_target(request.target)) return Error{Errc::invalid_input, "not a request target"};
    std::string bytes;
    bytes.reserve(512 + request.body.size());
    bytes += request.method;
    bytes += ' ';
    bytes += request.target;
    bytes += " HTTP/1.1\r\n";
    append_field(bytes, "Host", host);
    if (!request.headers.find("User-Agent")) append_field(bytes, "User-Agent", "carevoice");
    for (const auto& [name, value] : request.headers.fields()) {
        if (!is_safe_field(name, value)) return Error{Errc::invalid_input, "a header field would break the head"};
        if (!concerns_the_connection(name) && !equals_ignoring_case(name, "Host")) append_field(bytes, name, value);
    }
    const bool usually_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (usually_has_body || !request.body.empty())
        append_field(bytes, "Content-Length", std::to_string(request.body.size()));
    bytes += "\r\n";
    bytes += request.body;
    return bytes;
}

bool is_bodiless(int status) noexcept {
    return status == 204 || status == 304 || (status >= 100 && status < 200);
}

std::string response_head(const HttpResponse& response, ResponseFraming framing) {
    std::string head;
    head.reserve(256);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
    head.append(reason.data(), reason.size());
    head += "\r\n";
    append_field(head, "Date", http_date());
    for (const auto& [name, value] : response.headers.fields()) {
        if (concerns_the_connection(name)) continue;
        if (is_safe_field(name, value))
            append_field(head, name, value);
        else
            log(LogLevel::error, "a response field was left out: it would break the head");
    }
    if (framing.body == BodyFraming::length && !is_bodiless(response.status))
        append_field(head, "Content-Length", std::to_string(response.body.size()));
    if (framing.body == BodyFraming::chunked) append_field(head, "Transfer-Encoding", "chunked");
    if (!framing.keep_alive) append_field(head, "Connection", "close");
    head += "\r\n";
    return head;
}

std::string chunk(std::string_view data) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16).ptr;
    std::string bytes;
    bytes.reserve(data.size() + 24);
    bytes.append(size.data(), end);
    bytes += "\r\n";
    bytes += data;
    bytes += "\r\n";
    return bytes;
}

}  // namespace carevoice::net
