// A time zone database of a few zones in 2026, for tests of pure code: offsets and changes as the IANA database has
// them.
#pragma once

#include "domain/calling_hours.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::tests {

class TableZones final : public domain::TimeZones {
public:
    TableZones() {
        using std::chrono::hours;
        const auto american = [this](const char* name, hours standard) {
            // The second Sunday of March and the first of November, at 2:00 by the clock before.
            add(name, standard, parse_rfc3339("2026-03-08T02:00:00Z").value() - standard,
                parse_rfc3339("2026-11-01T02:00:00Z").value() - standard - hours{1});
        };
        american("America/New_York", hours{-5});
        american("America/Chicago", hours{-6});
        american("America/Denver", hours{-7});
        american("America/Los_Angeles", hours{-8});
        american("America/Anchorage", hours{-9});
        add("Europe/London", hours{0}, parse_rfc3339("2026-03-29T01:00:00Z").value(),
            parse_rfc3339("2026-10-25T01:00:00Z").value());
        constant("Pacific/Honolulu", hours{-10});
        constant("UTC", hours{0});
        constant("Asia/Kolkata", std::chrono::minutes{330});
        constant("Pacific/Kiritimati", hours{14});
        // Clocks jump from midnight to one: a day without a midnight.
        add("Africa/Cairo", hours{2}, parse_rfc3339("2026-04-23T22:00:00Z").value(),
            parse_rfc3339("2026-10-29T21:00:00Z").value());
    }

    [[nodiscard]] std::optional<domain::OffsetSpan> span_at(const std::string& zone, WallTime time) const override {
        const auto found = spans_.find(zone);
        if (found == spans_.end()) return std::nullopt;
        for (const auto& span : found->second)
            if (time < span.end) return span;
        return std::nullopt;
    }

private:
    void add(const char* name, std::chrono::seconds standard, WallTime summer, WallTime winter) {
        spans_[name] = {{WallTime::min(), summer, standard},
                        {summer, winter, standard + std::chrono::hours{1}},
                        {winter, WallTime::max(), standard}};
    }
    void constant(const char* name, std::chrono::seconds offset) {
        spans_[name] = {{WallTime::min(), WallTime::max(), offset}};
    }

    std::map<std::string, std::vector<domain::OffsetSpan>> spans_;
};

}  // namespace carevoice::tests
