// HTTP messages as bytes. Internal to net.
#pragma once

#include "net/http.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace carevoice::net {

enum class BodyFraming { length, chunked, until_close, none };

struct ResponseFraming {
    BodyFraming body = BodyFraming::length;
    bool keep_alive = true;
};

/// Status line and header fields with the empty line after them. What concerns the connection (Content-Length,
/// Transfer-Encoding, Connection) is ours alone; a field that would break the head is left out and logged as a bug.
std::string response_head(const HttpResponse& response, ResponseFraming framing);

/// Head and body of a request to `host` (as in a Host header). invalid_input when a part would break the head.
Result<std::string> request_bytes(const HttpRequest& request, std::string_view host);

/// True for statuses whose responses never have a body (RFC 9110, section 6.4.1).
bool is_bodiless(int status) noexcept;

/// One chunk of a chunked body (RFC 9112, section 7.1).
std::string chunk(std::string_view data);

}  // namespace carevoice::net
