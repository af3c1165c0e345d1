// HTTP requests and responses as plain values: no Beast in sight, for the rooms that only speak in them.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::net {

/// Header fields in wire order; names compare without regard to case.
class Headers {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void set(std::string_view name, std::string value);
    /// The first value; nullopt when the field is absent.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Name and value pairs of a query or a form, decoded, in wire order; names may repeat.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// application/x-www-form-urlencoded (WHATWG URL, section 5): '+' is a space. invalid_input for a broken %-escape, bad
/// UTF-8 after decoding, or more than 1,000 fields.
Result<FormFields> parse_form(std::string_view body);
std::string encode_form(const FormFields& fields);
/// Undoes %-encoding ('+' stays '+'). invalid_input for a broken %-escape or bad UTF-8 after decoding.
Result<std::string> decode_component(std::string_view text);
/// %-encodes all but the unreserved characters of RFC 3986.
std::string encode_component(std::string_view text);
/// The first value of that name.
std::optional<std::string_view> find_field(const FormFields& fields, std::string_view name) noexcept;

struct HttpRequest {
    std::string method = "GET";
    std::string target;  ///< path and query exactly as on the wire: what a Twilio signature covers
    Headers headers;
    std::string body;

    // Filled by the server only:
    std::string path;  ///< decoded, without query
    FormFields query;
    std::vector<std::pair<std::string, std::string>> path_params;  ///< "{id}" of the route, decoded
    std::string route;                                             ///< the pattern that matched, for metrics; or empty
    std::string remote_address;                                    ///< for rate limits and logs
    std::string request_id;                                        ///< ours; in each log line and problem+json

    [[nodiscard]] std::string_view path_param(std::string_view name) const noexcept;
};

struct HttpResponse {
    int status = 200;
    Headers headers;
    std::string body;
};

HttpResponse text_response(int status, std::string_view content_type, std::string body);

}  // namespace carevoice::net
