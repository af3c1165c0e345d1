// The shipped guard rails, and the collected model outputs to hold them to.
#pragma once

#include "ai/guard_rails.h"
#include "core/resources.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai::test {

inline const GuardRails& shipped_rails() {
    static const GuardRails rails = [] {
        auto loaded = GuardRails::load(find_embedded_resource("protocols/guard_rails.json").value_or(""),
                                       find_embedded_resource("protocols/lexicon.json").value_or(""));
        if (!loaded) throw std::runtime_error(loaded.error().detail);
        return std::move(*loaded);
    }();
    return rails;
}

/// The lines of tests/data/guard_rails/NAME.
inline std::vector<boost::json::object> collected(std::string_view name) {
    const auto path = std::filesystem::path(CAREVOICE_SOURCE_DIR) / "tests/data/guard_rails" / name;
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::vector<boost::json::object> rows;
    for (std::string line; std::getline(file, line);) rows.push_back(boost::json::parse(line).as_object());
    return rows;
}

inline std::string field(const boost::json::object& row, std::string_view name) {
    const auto* value = row.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace carevoice::ai::test
