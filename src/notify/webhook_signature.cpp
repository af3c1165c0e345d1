#include "notify/webhook_signature.h"

#include "core/text.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>
#include <vector>

namespace carevoice::notify {

namespace {

/// As long as the specification asks for.
constexpr std::size_t key_bytes_min = 24;

}  // namespace

Result<std::string> webhook_key(std::string_view secret) {
    constexpr std::string_view prefix = "whsec_";
    std::string key(secret);
    if (secret.starts_with(prefix)) {
        std::vector<std::uint8_t> bytes;
        if (!base64_decode(secret.substr(prefix.size()), bytes))
            return Error{Errc::invalid_input, "what follows whsec_ must be base64"};
        key.assign(bytes.begin(), bytes.end());
    }
    if (key.size() < key_bytes_min) return Error{Errc::invalid_input, "must have at least 24 bytes"};
    return key;
}

std::string sign_webhook(std::string_view key, std::string_view id, std::string_view timestamp, std::string_view body) {
    std::string content(id);
    content.append(".").append(timestamp).append(".").append(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(content.data()),
         content.size(), digest.data(), &length);
    return "v1," + base64_encode(std::as_bytes(std::span(digest).first(length)));
}

}  // namespace carevoice::notify
