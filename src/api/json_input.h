// Reading JSON bodies and query parameters strictly: each fault names its field.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"
#include "net/http.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::api {

/// The body as one JSON object: UTF-8, at most 32 levels deep, nothing after it. A Content-Type other than JSON is
/// refused when it is given. Errc::invalid_input.
Result<boost::json::object> read_json_object(const net::HttpRequest& request);

/// Errc::invalid_input naming the first member that is not in `known`.
Result<> refuse_unknown_fields(const boost::json::object& object, std::initializer_list<std::string_view> known);

/// Absent and null give nullopt. Errc::invalid_input when it is no string, or longer than `length_max` bytes.
Result<std::optional<std::string>> optional_string(const boost::json::object& object, std::string_view field,
                                                   std::size_t length_max = 200);
Result<std::string> required_string(const boost::json::object& object, std::string_view field,
                                    std::size_t length_max = 200);

/// The same value always as the same text: members sorted by name, at every level.
std::string canonical_json(const boost::json::value& value);

/// The path's {id}. Errc::not_found naming `field` for one that cannot exist: "no such " `what`.
template <class Id>
Result<Id> path_id(const net::HttpRequest& request, std::string_view what, std::string_view field) {
    const auto id = request.path_param("id");
    if (is_valid_public_id(id)) return Id(std::string(id));
    return Error{Errc::not_found, "no such " + std::string(what), std::string(field)};
}
inline Result<CallSessionId> call_id(const net::HttpRequest& request) {
    return path_id<CallSessionId>(request, "call", "call_session_id");
}
inline Result<PatientId> patient_id(const net::HttpRequest& request) {
    return path_id<PatientId>(request, "patient", "patient_id");
}

/// "limit" from 1 to 200 (default 50) of the query.
Result<int> query_limit(const net::HttpRequest& request);
/// An RFC 3339 time of the query.
Result<std::optional<WallTime>> query_time(const net::HttpRequest& request, std::string_view field);

}  // namespace carevoice::api
