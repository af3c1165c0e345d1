// From the text of a setting to its value: readers that several settings share. Internal to the settings.
#pragma once

#include "app/settings.h"
#include "core/text.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::app {

inline Error wrong(std::string what) {
    return Error{Errc::invalid_input, std::move(what)};
}

/// A setting that is any text.
inline auto text_into(std::string Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        settings.*member = std::string(text);
        return {};
    };
}

inline auto number_into(int Settings::*member, int low, int high) {
    return [member, low, high](Settings& settings, std::string_view text) -> Result<> {
        const auto number = parse_digits(text);
        if (!number || *number < static_cast<std::uint64_t>(low) || *number > static_cast<std::uint64_t>(high))
            return wrong("must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
        settings.*member = static_cast<int>(*number);
        return {};
    };
}

/// A list with commas; `check` says what is wrong with an entry, or nothing.
template <class Check>
auto list_into(std::vector<std::string> Settings::*member, Check check) {
    return [member, check](Settings& settings, std::string_view text) -> Result<> {
        std::vector<std::string> entries;
        while (!text.empty()) {
            const auto comma = std::min(text.find(','), text.size());
            const auto entry = trim(text.substr(0, comma));
            text.remove_prefix(std::min(comma + 1, text.size()));
            if (entry.empty()) continue;
            if (const std::string_view fault = check(entry); !fault.empty()) return wrong(std::string(fault));
            entries.emplace_back(entry);
        }
        settings.*member = std::move(entries);
        return {};
    };
}

/// "08:30" as minutes after midnight; "24:00" is 1440.
inline std::optional<int> minute_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = parse_digits(text.substr(0, 2));
    const auto minute = parse_digits(text.substr(3));
    if (!hour || !minute || *hour > 24 || *minute > 59 || (*hour == 24 && *minute > 0)) return std::nullopt;
    return static_cast<int>(*hour * 60 + *minute);
}

}  // namespace carevoice::app
