#include "core/resources.h"

#include <algorithm>

namespace carevoice {

std::optional<std::string_view> find_embedded_resource(std::string_view path) noexcept {
    const auto all = embedded_resources();
    const auto found = std::ranges::lower_bound(all, path, {}, &EmbeddedResource::path);
    if (found == all.end() || found->path != path) return std::nullopt;
    return found->text;
}

}  // namespace carevoice
