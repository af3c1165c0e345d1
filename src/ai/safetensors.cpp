#include "ai/safetensors.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <bit>
#include <cstdint>
#include <fstream>
#include <optional>
#include <utility>

namespace carevoice::ai {

namespace {

static_assert(std::endian::native == std::endian::little, "the numbers are read as they lie in the file");

constexpr std::uint64_t longest_header = 1UL << 20;  ///< bytes

Error corrupt(std::string why) {
    return {Errc::corrupt, "the model file is not readable: " + std::move(why)};
}

std::optional<std::vector<std::size_t>> sizes_of(const boost::json::value* list) {
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::size_t> sizes;
    for (const auto& size : list->get_array()) {
        if (!size.is_int64() || size.get_int64() < 0) return std::nullopt;
        sizes.push_back(static_cast<std::size_t>(size.get_int64()));
    }
    return sizes;
}

}  // namespace

Result<Safetensors> Safetensors::read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return Error{Errc::not_found, "there is no model file " + path.filename().string()};
    const auto bytes = static_cast<std::uint64_t>(file.tellg());
    file.seekg(0);
    std::uint64_t header_bytes = 0;
    file.read(reinterpret_cast<char*>(&header_bytes), sizeof header_bytes);
    if (!file || header_bytes > longest_header || header_bytes + sizeof header_bytes > bytes) {
        return corrupt("its header is cut off");
    }
    std::string header(header_bytes, '\0');
    file.read(header.data(), static_cast<std::streamsize>(header_bytes));
    Safetensors model;
    model.numbers_.resize((bytes - sizeof header_bytes - header_bytes) / sizeof(float));
    const std::size_t data_bytes = model.numbers_.size() * sizeof(float);
    file.read(reinterpret_cast<char*>(model.numbers_.data()), static_cast<std::streamsize>(data_bytes));
    boost::system::error_code failed;
    const auto entries = boost::json::parse(header, failed);
    if (!file || failed || !entries.is_object()) return corrupt("its header is not JSON");

    for (const auto& [name, entry] : entries.get_object()) {
        const auto* fields = entry.if_object();
        const auto* type = fields == nullptr ? nullptr : fields->if_contains("dtype");
        if (type == nullptr || *type != "F32") continue;
        auto shape = sizes_of(fields->if_contains("shape"));
        const auto place = sizes_of(fields->if_contains("data_offsets"));
        if (!shape || !place || place->size() != 2 || (*place)[0] > (*place)[1] || (*place)[1] > data_bytes ||
            (*place)[0] % sizeof(float) != 0) {
            return corrupt("a tensor lies outside of it");
        }
        model.places_.emplace(std::string(name), Place{std::move(*shape), (*place)[0] / sizeof(float),
                                                       ((*place)[1] - (*place)[0]) / sizeof(float)});
    }
    return model;
}

Result<std::span<const float>> Safetensors::tensor(const std::string& name,
                                                   const std::vector<std::size_t>& shape) const {
    const auto found = places_.find(name);
    std::size_t count = 1;
    for (const std::size_t size : shape) count *= size;
    if (found == places_.end() || found->second.shape != shape || found->second.count != count) {
        return corrupt("it has no tensor " + name + " of the size we know");
    }
    return std::span(numbers_).subspan(found->second.first, count);
}

Result<std::span<float>> Safetensors::mutable_tensor(const std::string& name, const std::vector<std::size_t>& shape) {
    const auto found = tensor(name, shape);
    if (!found) return found.error();
    return std::span(numbers_).subspan(places_.find(name)->second.first, found->size());
}

}  // namespace carevoice::ai
