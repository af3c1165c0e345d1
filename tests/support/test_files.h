// Files that tests read: those kept in tests/data, and the models that ./dev setup brings.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace carevoice::tests {

inline std::filesystem::path data_file(const std::string& name) {
    return std::filesystem::path(CAREVOICE_SOURCE_DIR) / "tests" / "data" / name;
}

inline std::filesystem::path model_file(const std::string& name) {
    return std::filesystem::path(CAREVOICE_MODELS_DIR) / name;
}

/// Empty, with a failed expectation, when the file cannot be read.
inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path << " is missing: ./dev setup brings models, git brings the rest";
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace carevoice::tests
