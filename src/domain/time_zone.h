// Time zone names of the IANA database, so that a patient's zone can be checked without reading files.
#pragma once

#include <string_view>

namespace carevoice::domain {

/// True for a name that the IANA database knows ("America/Chicago"), old names and links included. Case matters.
bool is_known_time_zone(std::string_view name) noexcept;

}  // namespace carevoice::domain
