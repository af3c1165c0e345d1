// The data files that are part of the program: protocols/ and migrations/, built in, so that one binary runs alone.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace carevoice {

struct EmbeddedResource {
    std::string_view path;  ///< as in the repository: "protocols/followup.json"
    std::string_view text;
};

/// All of them, sorted by path. Static storage.
std::span<const EmbeddedResource> embedded_resources() noexcept;

std::optional<std::string_view> find_embedded_resource(std::string_view path) noexcept;

}  // namespace carevoice
