#include "storage/recording_store.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <string_view>
#include <utility>

namespace carevoice::storage {

namespace {

constexpr std::string_view magic = "CVREC001";
constexpr std::size_t key_id_size = 16;
constexpr std::size_t piece_size = 65'536;
constexpr std::size_t head_size = magic.size() + key_id_size + crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t seal_size = crypto_secretstream_xchacha20poly1305_ABYTES;

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::string random_hex() {
    std::array<std::uint8_t, 8> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, 17> text{};
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    return text.data();
}

std::string bound_to(std::string_view key_id, const CallSessionId& call) {
    return "carevoice recording\n" + std::string(key_id) + "\n" + call.str();
}

std::string seal(const PhiKey& key, const CallSessionId& call, std::string_view audio) {
    const std::string bound = bound_to(key.id(), call);
    std::string sealed(head_size, '\0');
    sealed.replace(0, magic.size(), magic);
    sealed.replace(magic.size(), key_id_size, key.id());
    sealed.reserve(head_size + audio.size() + (audio.size() / piece_size + 1) * seal_size);
    crypto_secretstream_xchacha20poly1305_state state;
    auto* const header = reinterpret_cast<std::uint8_t*>(sealed.data()) + magic.size() + key_id_size;
    crypto_secretstream_xchacha20poly1305_init_push(&state, header, key.bytes().data());
    std::array<std::uint8_t, piece_size + seal_size> out{};
    for (bool last = false; !last;) {
        const auto piece = audio.substr(0, piece_size);
        audio.remove_prefix(piece.size());
        last = audio.empty();
        const auto tag = static_cast<unsigned char>(last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                                         : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        unsigned long long size = 0;
        crypto_secretstream_xchacha20poly1305_push(&state, out.data(), &size, bytes_of(piece), piece.size(),
                                                   bytes_of(bound), bound.size(), tag);
        sealed.append(reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(size));
    }
    sodium_memzero(&state, sizeof state);
    return sealed;
}

Error damaged() {
    return {Errc::corrupt, "the recording's file was changed or is not whole"};
}

Result<std::string> unseal(const PhiKeys& keys, const CallSessionId& call, std::string_view sealed) {
    if (sealed.size() < head_size + seal_size || !sealed.starts_with(magic)) return damaged();
    const auto key_id = sealed.substr(magic.size(), key_id_size);
    const PhiKey* const key = keys.find(key_id);
    if (key == nullptr) return Error{Errc::forbidden, "the recording was encrypted with a key that is not set here"};
    const std::string bound = bound_to(key_id, call);
    crypto_secretstream_xchacha20poly1305_state state;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state, bytes_of(sealed.substr(magic.size() + key_id_size)),
                                                        key->bytes().data()) != 0)
        return damaged();
    sealed.remove_prefix(head_size);
    std::string audio;
    audio.reserve(sealed.size());
    std::array<std::uint8_t, piece_size> out{};
    bool whole = false;
    while (!sealed.empty() && !whole) {
        const auto piece = sealed.substr(0, piece_size + seal_size);
        sealed.remove_prefix(piece.size());
        unsigned long long size = 0;
        unsigned char tag = 0;
        if (crypto_secretstream_xchacha20poly1305_pull(&state, out.data(), &size, &tag, bytes_of(piece), piece.size(),
                                                       bytes_of(bound), bound.size()) != 0)
            return damaged();
        audio.append(reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(size));
        whole = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    }
    sodium_memzero(&state, sizeof state);
    if (!whole || !sealed.empty()) return damaged();
    return audio;
}

Error no_access(std::string_view what, int failure) {
    return {Errc::unavailable, "cannot " + std::string(what) + " a recording: " + std::strerror(failure)};
}

/// A file that is closed, and removed unless it got its name.
class Draft {
public:
    explicit Draft(std::filesystem::path path)
        : path_(std::move(path)),
          file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
    ~Draft() {
        if (file_ >= 0) ::close(file_);
        if (!named_) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    bool write(std::string_view bytes) const {
        while (file_ >= 0 && !bytes.empty()) {
            const auto written = ::write(file_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return file_ >= 0 && ::fsync(file_) == 0;
    }
    bool take_name(const std::filesystem::path& name) {
        named_ = ::rename(path_.c_str(), name.c_str()) == 0;
        return named_;
    }

private:
    std::filesystem::path path_;
    int file_;
    bool named_ = false;
};

/// So that the name, or its removal, outlives a power cut.
void settle_folder(const std::filesystem::path& folder) {
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return;
    ::fsync(opened);
    ::close(opened);
}

class RecordingFolder final : public RecordingStore {
public:
    RecordingFolder(std::filesystem::path folder, std::string id, PhiKeys keys)
        : folder_(std::move(folder)), id_(std::move(id)), keys_(std::move(keys)) {}

    [[nodiscard]] const std::string& id() const noexcept override { return id_; }

    Result<> save(const CallSessionId& call, const std::string& audio) override {
        Draft draft(folder_ / ("draft-" + random_hex()));
        if (!draft.write(seal(keys_.current, call, audio)) || !draft.take_name(file_of(call)))
            return no_access("write", errno);
        settle_folder(folder_);
        return {};
    }

    Result<std::string> load(const CallSessionId& call) override {
        std::ifstream file(file_of(call), std::ios::binary);
        if (!file) {
            if (errno == ENOENT) return Error{Errc::not_found, "the recording's file is not here"};
            return no_access("read", errno);
        }
        const std::string sealed{std::istreambuf_iterator<char>(file), {}};
        if (file.bad()) return no_access("read", errno);
        return unseal(keys_, call, sealed);
    }

    Result<> remove(const CallSessionId& call) override {
        if (::unlink(file_of(call).c_str()) != 0 && errno != ENOENT) return no_access("remove", errno);
        settle_folder(folder_);
        return {};
    }

private:
    [[nodiscard]] std::filesystem::path file_of(const CallSessionId& call) const {
        std::array<std::uint8_t, 16> hash{};
        crypto_generichash(hash.data(), hash.size(), bytes_of(call.str()), call.str().size(), nullptr, 0);
        std::array<char, 33> name{};
        sodium_bin2hex(name.data(), name.size(), hash.data(), hash.size());
        return folder_ / (std::string(name.data()) + ".rec");
    }

    const std::filesystem::path folder_;
    const std::string id_;
    const PhiKeys keys_;
};

}  // namespace

Result<std::unique_ptr<RecordingStore>> open_recording_folder(const std::filesystem::path& folder, PhiKeys keys) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (!failure) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    if (failure) return Error{Errc::unavailable, "cannot use " + folder.string() + ": " + failure.message()};
    const auto id_file = folder / "id";
    for (int attempt = 0; attempt < 2; ++attempt) {
        std::string id;
        std::ifstream(id_file) >> id;
        if (id.size() == 2 * 8)
            return std::unique_ptr<RecordingStore>(
                std::make_unique<RecordingFolder>(folder, std::move(id), std::move(keys)));
        Draft draft(folder / ("draft-" + random_hex()));
        if (!draft.write(random_hex() + "\n") || !draft.take_name(id_file)) break;
    }
    return Error{Errc::unavailable, "cannot write in " + folder.string()};
}

}  // namespace carevoice::storage
