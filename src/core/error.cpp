#include "core/error.h"

#include <stdexcept>

namespace carevoice {

std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return "invalid_input";
        case Errc::unauthorised: return "unauthorised";
        case Errc::forbidden: return "forbidden";
        case Errc::not_found: return "not_found";
        case Errc::conflict: return "conflict";
        case Errc::too_large: return "too_large";
        case Errc::timed_out: return "timed_out";
        case Errc::cancelled: return "cancelled";
        case Errc::unavailable: return "unavailable";
        case Errc::rejected: return "rejected";
        case Errc::corrupt: return "corrupt";
        case Errc::internal: return "internal";
    }
    return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    throw std::logic_error(std::string("value() of an error at ") + where.file_name() + ":" +
                           std::to_string(where.line()) + ": " + std::string(to_string(error.code)) + ", " +
                           error.detail);
}

}  // namespace carevoice
