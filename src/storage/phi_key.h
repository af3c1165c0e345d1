// The key that patient data at rest is encrypted with.
#pragma once

#include "core/error.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::storage {

/// 32 bytes, wiped from memory with the last copy. Thread-safe to read.
class PhiKey {
public:
    static constexpr std::size_t size = 32;

    /// base64 of exactly 32 bytes; invalid_input otherwise, without a word of the text.
    static Result<PhiKey> from_base64(std::string_view text);
    /// A new one.
    static PhiKey make();

    [[nodiscard]] std::span<const std::uint8_t, size> bytes() const noexcept;
    /// 16 hex digits that tell keys apart and give nothing away (BLAKE2b of the key): stands beside what it encrypts.
    [[nodiscard]] const std::string& id() const noexcept;
    /// For the key file only.
    [[nodiscard]] std::string to_base64() const;

private:
    struct Secret;
    explicit PhiKey(std::shared_ptr<const Secret> secret) : secret_(std::move(secret)) {}
    std::shared_ptr<const Secret> secret_;
};

/// What is written is encrypted with `current`; what was written with a previous one can still be read.
struct PhiKeys {
    PhiKey current;
    std::vector<PhiKey> previous;

    /// nullptr when none of them has this id.
    [[nodiscard]] const PhiKey* find(std::string_view id) const noexcept;
};

struct KeyFile {
    PhiKey key;
    bool made = false;  ///< by this call
};
/// Reads the key in `file`, or makes one there that only its owner may read (mode 0600). Errc::corrupt when the file
/// holds no key, forbidden when others may read it, unavailable.
Result<KeyFile> load_or_make_key(const std::filesystem::path& file);

}  // namespace carevoice::storage
