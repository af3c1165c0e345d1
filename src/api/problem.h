// Errors as RFC 9457 problem details: a stable type, a sentence for a person, the field at fault.
#pragma once

#include "core/error.h"
#include "net/http.h"

#include <string_view>

namespace carevoice::api {

/// HTTP status of an error: 400 invalid_input, 401, 403, 404, 409, 413, 422 rejected (502 when another service said
/// no), 503 unavailable, 504 timed_out, 500 for faults of ours (their detail stays in the log).
int http_status(const Error& error) noexcept;

/// {"type":"urn:carevoice:problem:outside-calling-hours","title",…,"status","detail","field","provider_code"}.
net::HttpResponse problem_response(const Error& error, std::string_view request_id);

/// For errors that the server itself finds (404 without a route, 405, 413, 431, 503 …).
net::HttpResponse problem_response(int status, std::string_view detail, std::string_view request_id);

/// A few words for a status of refusal: the "title" above.
std::string_view problem_title(int status) noexcept;

}  // namespace carevoice::api
