// What Twilio's REST API answers, as our values and errors. Pure functions, used by the REST client only.
#pragma once

#include "core/error.h"
#include "core/time.h"
#include "net/http.h"
#include "twilio/telephony.h"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::twilio {

/// What a failure means depends on what was asked.
enum class Effect {
    read,        ///< nothing changes: may be repeated
    repeatable,  ///< changes something, but twice is the same as once (hanging up)
    change,      ///< may not be repeated blindly; its failure is just a failure (redirecting a live call)
    create,      ///< may not be repeated blindly; may have happened although it failed (dialling, an SMS)
};

/// The body of a 2xx answer (null for a change without a readable one), or the error that the status and Twilio's code
/// stand for. Never quotes the body of a success; phone numbers in Twilio's messages are blanked.
Result<boost::json::value> judge(Effect effect, const net::HttpResponse& response);

/// A failure below HTTP, seen from the caller: a create that may have arrived becomes timed_out.
Error judge_transport(Effect effect, Error error);

/// True when the same request may be sent again.
bool may_repeat(Effect effect, const net::HttpResponse& response);

/// Retry-After in seconds (RFC 9110, section 10.2.3); nullopt when absent or a date.
std::optional<milliseconds> retry_after(const net::HttpResponse& response);

struct ListedCall {
    RemoteCall call;
    std::optional<WallTime> created_at;  ///< of the record; a queued call has no start yet
};
/// Errc::corrupt without sid or status. Numbers may be strings; null and absent are the same.
Result<ListedCall> read_call(const boost::json::value& body);

struct CallPage {
    std::vector<ListedCall> calls;
    std::string next_page_uri;  ///< path and query on the same server; empty on the last page
};
Result<CallPage> read_call_page(const boost::json::value& body);

/// Empty when the field is absent or no string.
std::string string_field(const boost::json::value& body, std::string_view name);

}  // namespace carevoice::twilio
