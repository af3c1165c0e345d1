// The one error type of the house, and the result that carries it.
//
// Expected failures are values: a function that can fail returns Result<T>. Exceptions are for bugs and start-up only.
// Codes are few and chosen by what the caller does next, not by what went wrong inside.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace carevoice {

enum class Errc {
    invalid_input = 1,  ///< the caller sent something wrong; `field` names it. Do not retry.
    unauthorised,       ///< no or wrong credentials (HTTP 401)
    forbidden,          ///< known caller, not allowed; also a wrong Twilio signature (HTTP 403)
    not_found,          ///< no such thing (HTTP 404)
    conflict,           ///< clashes with what is stored, or with the thing's state (HTTP 409)
    too_large,          ///< over a stated limit (HTTP 413)
    timed_out,          ///< the deadline passed; the work may or may not have happened
    cancelled,          ///< stopped by its owner; never logged as an error
    unavailable,        ///< try again later: overloaded, down, queue full
    rejected,           ///< the other side said no, for good; `provider_code` has its number
    corrupt,            ///< stored or received data breaks its own rules
    internal,           ///< a bug of ours
};

/// Stable lower-case name, as used in logs, metrics and problem types ("invalid_input").
std::string_view to_string(Errc code) noexcept;

/// What failed. `detail` is one sentence for a person and never holds patient data or secrets.
struct Error {
    Errc code = Errc::internal;
    std::string detail;
    std::string field = {};  ///< the input at fault, as the caller named it ("context.prior.pain_scores"); may be empty
    int provider_code = 0;   ///< the other side's own number (a Twilio error code, an HTTP status); 0 when none

    friend bool operator==(const Error&, const Error&) = default;
};

/// Called by boost::system::result when value() is asked of an error: that is a bug, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T = void>
using Result = boost::system::result<T, Error>;

}  // namespace carevoice
