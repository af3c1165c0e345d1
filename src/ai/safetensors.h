// A model file in the safetensors format: 8 bytes of header length (little endian), a JSON header of names, types,
// shapes and places, then the numbers.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace carevoice::ai {

class Safetensors {
public:
    /// Reads the whole file. Errc::not_found, or corrupt when a tensor lies outside the file or overlong headers are
    /// claimed.
    static Result<Safetensors> read(const std::filesystem::path& file);

    /// The numbers of a tensor of type F32 with exactly `shape` (outer dimension first). Errc::corrupt when there is
    /// none.
    [[nodiscard]] Result<std::span<const float>> tensor(const std::string& name,
                                                        const std::vector<std::size_t>& shape) const;
    /// The same to change, in memory only.
    [[nodiscard]] Result<std::span<float>> mutable_tensor(const std::string& name,
                                                          const std::vector<std::size_t>& shape);

private:
    struct Place {
        std::vector<std::size_t> shape;
        std::size_t first = 0;  ///< index of a float in numbers_
        std::size_t count = 0;
    };
    std::vector<float> numbers_;
    std::map<std::string, Place, std::less<>> places_;
};

}  // namespace carevoice::ai
