#include "storage/phi_key.h"

#include "core/text.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace carevoice::storage {

struct PhiKey::Secret {
    Secret() {
        if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
    }
    ~Secret() { sodium_memzero(bytes.data(), bytes.size()); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    void name() {
        std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
        crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
        std::array<char, 17> text{};
        sodium_bin2hex(text.data(), text.size(), hash.data(), 8);
        id = text.data();
    }

    std::array<std::uint8_t, size> bytes{};
    std::string id;
};

Result<PhiKey> PhiKey::from_base64(std::string_view text) {
    std::vector<std::uint8_t> decoded;
    decoded.reserve(2 * size);
    const bool readable = base64_decode(trim(text), decoded);
    auto secret = std::make_shared<Secret>();
    const bool fits = readable && decoded.size() == size;
    if (fits) std::ranges::copy(decoded, secret->bytes.begin());
    if (!decoded.empty()) sodium_memzero(decoded.data(), decoded.size());
    if (!fits) return Error{Errc::invalid_input, "must be 32 bytes in base64"};
    secret->name();
    return PhiKey(std::move(secret));
}

PhiKey PhiKey::make() {
    auto secret = std::make_shared<Secret>();
    randombytes_buf(secret->bytes.data(), secret->bytes.size());
    secret->name();
    return PhiKey(std::move(secret));
}

std::span<const std::uint8_t, PhiKey::size> PhiKey::bytes() const noexcept {
    return secret_->bytes;
}

const std::string& PhiKey::id() const noexcept {
    return secret_->id;
}

std::string PhiKey::to_base64() const {
    return base64_encode(std::as_bytes(std::span(secret_->bytes)));
}

const PhiKey* PhiKeys::find(std::string_view id) const noexcept {
    if (current.id() == id) return &current;
    const auto found = std::ranges::find(previous, id, &PhiKey::id);
    return found == previous.end() ? nullptr : &*found;
}

namespace {

Error no_key_file(const std::filesystem::path& file, int failure) {
    return {Errc::unavailable, "cannot make the key file " + file.string() + ": " + std::strerror(failure)};
}

Result<PhiKey> read_key(const std::filesystem::path& file) {
    struct stat state {};
    if (::stat(file.c_str(), &state) != 0)
        return Error{Errc::unavailable, "cannot look at " + file.string() + ": " + std::strerror(errno)};
    if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Error{Errc::forbidden, file.string() + " may be read by others: chmod 600 it"};
    std::ifstream stream(file);
    std::string text;
    std::getline(stream, text);
    auto key = PhiKey::from_base64(text);
    sodium_memzero(text.data(), text.size());
    if (key.has_error()) return Error{Errc::corrupt, file.string() + " holds no key: " + key.error().detail};
    return key;
}

}  // namespace

Result<KeyFile> load_or_make_key(const std::filesystem::path& file) {
    // Whole before it has its name, so that nobody ever reads half a key; and a name is taken once.
    const PhiKey made = PhiKey::make();
    const std::filesystem::path draft = file.string() + "." + made.id();
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        const int written = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (written < 0) return no_key_file(file, errno);
        const std::string text = made.to_base64() + "\n";
        const bool whole =
            ::write(written, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(written) == 0;
        const int failure = errno;
        ::close(written);
        const bool named = whole && ::link(draft.c_str(), file.c_str()) == 0;
        const bool taken = whole && !named && errno == EEXIST;
        ::unlink(draft.c_str());
        if (named) return KeyFile{.key = made, .made = true};
        if (!taken) return no_key_file(file, failure);
    }
    auto key = read_key(file);
    if (key.has_error()) return key.error();
    return KeyFile{.key = std::move(*key), .made = false};
}

}  // namespace carevoice::storage
