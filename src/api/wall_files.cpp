#include "api/wall_files.h"

#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

namespace carevoice::api {

namespace {

constexpr std::string_view built_folder = "web/dist/";
constexpr std::string_view fingerprinted_folder = "assets/";
constexpr std::uintmax_t folder_bytes_max = std::uintmax_t{16} * 1024 * 1024;

std::string_view media_type_of(std::string_view path) noexcept {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
    };
    for (const auto& [ending, type] : types)
        if (path.ends_with(ending)) return type;
    return "application/octet-stream";
}

std::string etag_of(std::string_view body) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(), hash.data());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string etag = "\"";
    for (std::size_t i = 0; i < 16; ++i) {
        etag += digits[hash[i] >> 4U];
        etag += digits[hash[i] & 15U];
    }
    return etag + '"';
}

}  // namespace

void WallFiles::add(const std::string& path, std::string body) {
    File file;
    file.media_type = media_type_of(path);
    file.etag = etag_of(body);
    file.body = std::move(body);
    file.is_fingerprinted = path.starts_with(fingerprinted_folder);
    files_.insert_or_assign(path, std::move(file));
}

WallFiles WallFiles::built_in() {
    WallFiles files;
    for (const auto& [path, text] : embedded_wall())
        if (path.starts_with(built_folder)) files.add(std::string(path.substr(built_folder.size())), std::string(text));
    return files;
}

Result<WallFiles> WallFiles::from_folder(const std::filesystem::path& folder) {
    WallFiles files;
    std::uintmax_t bytes = 0;
    std::error_code failure;
    std::filesystem::recursive_directory_iterator entries(folder, failure);
    if (failure) return Error{Errc::not_found, "cannot read the wall's folder: " + failure.message(), "WALL_DIR"};
    for (const auto& entry : entries) {
        if (!entry.is_regular_file(failure)) continue;
        bytes += entry.file_size(failure);
        if (failure || bytes > folder_bytes_max)
            return Error{Errc::invalid_input, "the wall's folder holds more than 16 MiB", "WALL_DIR"};
        std::ifstream file(entry.path(), std::ios::binary);
        std::string body{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        files.add(entry.path().lexically_relative(folder).generic_string(), std::move(body));
    }
    if (files.find("index.html") == nullptr)
        return Error{Errc::not_found, "the wall's folder has no index.html: ./dev web builds it", "WALL_DIR"};
    return files;
}

const WallFiles::File* WallFiles::find(std::string_view path) const {
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : &found->second;
}

}  // namespace carevoice::api
