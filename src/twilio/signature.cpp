#include "twilio/signature.h"

#include "core/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace carevoice::twilio {

namespace {

/// A URL cut at its seams and never changed inside: signatures cover the exact bytes.
struct UrlParts {
    std::string_view scheme;
    std::string_view userinfo;  ///< without '@'
    bool has_userinfo = false;
    std::string_view host;  ///< with the brackets of IPv6
    std::string_view port;  ///< without ':'
    bool has_port = false;
    std::string_view path;
    std::string_view query;     ///< with its '?'
    std::string_view fragment;  ///< with its '#'
};

std::optional<UrlParts> split_url(std::string_view url) {
    UrlParts parts;
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    parts.scheme = url.substr(0, scheme_end);
    std::string_view rest = url.substr(scheme_end + 3);
    if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
        parts.fragment = rest.substr(hash);
        rest = rest.substr(0, hash);
    }
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        parts.query = rest.substr(mark);
        rest = rest.substr(0, mark);
    }
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        parts.path = rest.substr(slash);
        rest = rest.substr(0, slash);
    }
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        parts.userinfo = rest.substr(0, at);
        parts.has_userinfo = true;
        rest = rest.substr(at + 1);
    }
    // The colons inside an IPv6 address belong to the host.
    const auto bracket = rest.rfind(']');
    const auto colon = rest.rfind(':');
    parts.has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    parts.host = parts.has_port ? rest.substr(0, colon) : rest;
    if (parts.has_port) parts.port = rest.substr(colon + 1);
    return parts;
}

std::string_view default_port(std::string_view scheme) {
    return equals_ignoring_case(scheme, "https") || equals_ignoring_case(scheme, "wss") ? "443" : "80";
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string changed;
    for (auto at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
        changed.append(text.substr(0, at)).append(to);
        text.remove_prefix(at + from.size());
    }
    return changed.append(text);
}

std::vector<std::string> query_spellings(std::string_view query) {
    std::vector<std::string> spellings{std::string(query)};
    if (query.find('\'') != std::string_view::npos) spellings.push_back(replace_all(query, "'", "%27"));
    if (query.find("%27") != std::string_view::npos) spellings.push_back(replace_all(query, "%27", "'"));
    return spellings;
}

std::vector<std::string> path_spellings(std::string_view path, bool websocket) {
    std::vector<std::string> spellings{std::string(path)};
    if (!websocket) return spellings;
    if (path.ends_with('/')) {
        spellings.emplace_back(path.substr(0, path.size() - 1));
    } else {
        spellings.push_back(std::string(path) + '/');
    }
    return spellings;
}

std::vector<std::string> origin_spellings(const UrlParts& parts) {
    std::vector<std::string> ports{parts.has_port ? ":" + std::string(parts.port) : std::string()};
    if (parts.has_port) {
        ports.emplace_back();
    } else {
        ports.push_back(":" + std::string(default_port(parts.scheme)));
    }
    std::vector<std::string> users{parts.has_userinfo ? std::string(parts.userinfo) + "@" : std::string()};
    if (parts.has_userinfo) users.emplace_back();
    std::vector<std::string> origins;
    for (const auto& user : users)
        for (const auto& port : ports)
            origins.push_back(std::string(parts.scheme).append("://").append(user).append(parts.host).append(port));
    return origins;
}

std::string signed_params(const net::FormFields& params) {
    std::vector<std::pair<std::string_view, std::string_view>> pairs(params.begin(), params.end());
    std::ranges::sort(pairs);
    // A repeated name contributes each distinct value once, as the official libraries do.
    const auto repeated = std::ranges::unique(pairs);
    pairs.erase(repeated.begin(), repeated.end());
    std::string text;
    for (const auto& [name, value] : pairs) text.append(name).append(value);
    return text;
}

std::string hmac_base64(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), digest.data(), &length);
    return base64_encode(std::as_bytes(std::span(digest.data(), length)));
}

std::string sha256_hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string hex;
    for (const unsigned byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xFU];
    }
    return hex;
}

bool same_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

/// The value of bodySHA256 in the URL's query, which the signature covers like the rest of the URL.
std::optional<std::string_view> body_hash_in(std::string_view url) {
    const auto parts = split_url(url);
    if (!parts || parts->query.empty()) return std::nullopt;
    std::string_view fields = parts->query.substr(1);
    constexpr std::string_view name = "bodySHA256=";
    while (!fields.empty()) {
        const auto end = std::min(fields.find('&'), fields.size());
        const std::string_view field = fields.substr(0, end);
        if (field.starts_with(name)) return field.substr(name.size());
        fields.remove_prefix(std::min(end + 1, fields.size()));
    }
    return std::nullopt;
}

}  // namespace

std::string sign(std::string_view auth_token, std::string_view url, const net::FormFields& params) {
    return hmac_base64(auth_token, std::string(url).append(signed_params(params)));
}

std::vector<std::string> candidate_urls(std::string_view url, bool websocket) {
    std::vector<std::string> candidates{std::string(url)};
    const auto parts = split_url(url);
    if (!parts) return candidates;
    const auto add = [&](std::string candidate) {
        if (std::ranges::find(candidates, candidate) == candidates.end()) candidates.push_back(std::move(candidate));
    };
    for (const auto& origin : origin_spellings(*parts))
        for (const auto& path : path_spellings(parts->path, websocket))
            for (const auto& query : query_spellings(parts->query)) {
                std::string candidate = std::string(origin).append(path).append(query);
                if (!parts->fragment.empty()) add(std::string(candidate).append(parts->fragment));
                add(std::move(candidate));
            }
    return candidates;
}

std::optional<std::string> matching_url(const std::vector<std::string>& auth_tokens, const SignedRequest& request,
                                        std::string_view signature) {
    if (request.json_body) {
        const auto expected = body_hash_in(request.url);
        if (!expected || !same_in_constant_time(*expected, sha256_hex(*request.json_body))) return std::nullopt;
    }
    const std::string params = signed_params(request.params);
    for (auto& candidate : candidate_urls(request.url, request.websocket)) {
        const std::string text = candidate + params;
        for (const auto& token : auth_tokens) {
            // Anybody can sign with an empty key: a token that is not set never matches.
            if (!token.empty() && same_in_constant_time(hmac_base64(token, text), signature)) return candidate;
        }
    }
    return std::nullopt;
}

}  // namespace carevoice::twilio
