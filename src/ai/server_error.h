// Errors as chat servers report them: Google's, OpenAI's and those of servers that imitate OpenAI.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string_view>

namespace carevoice::ai {

struct ServerError {
    /// unavailable (429 and 5xx: provider_code), rejected (other statuses). Its detail names the status and the
    /// server's word for it ("RESOURCE_EXHAUSTED"), never the server's message: that may quote the prompt.
    Error error;
    milliseconds wait{0};  ///< how long to ask for nothing more; 0 where trying again may help
};

/// `status`: of the HTTP response; `retry_after`: its field of that name, in seconds. `body` may be anything.
ServerError read_server_error(int status, std::optional<std::string_view> retry_after, std::string_view body);

/// The same for an error that came after the status 200, in what is already parsed: an object with a member "error", or
/// a list that begins with one. nullopt when this is no error.
std::optional<ServerError> find_server_error(const boost::json::value& body);

}  // namespace carevoice::ai
