// The time zones of this machine, for the domain's rules about calling hours.
#pragma once

#include "domain/calling_hours.h"

namespace carevoice::calls {

/// The system's IANA database, read once per process. Thread-safe.
class SystemTimeZones final : public domain::TimeZones {
public:
    [[nodiscard]] std::optional<domain::OffsetSpan> span_at(const std::string& zone, WallTime time) const override;
};

}  // namespace carevoice::calls
