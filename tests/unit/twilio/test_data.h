// The sample files of tests/data, for the tests of this room.
#pragma once

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::twilio::tests {

inline std::string read_data(const std::string& name) {
    std::ifstream file(std::string(CAREVOICE_SOURCE_DIR "/tests/data/") + name, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<boost::json::value> read_json_lines(const std::string& name) {
    std::vector<boost::json::value> lines;
    const std::string text = read_data(name);
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (end > at) lines.push_back(boost::json::parse(std::string_view(text).substr(at, end - at)));
        at = end + 1;
    }
    return lines;
}

inline std::string text_at(const boost::json::value& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

}  // namespace carevoice::twilio::tests
