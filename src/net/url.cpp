#include "core/text.h"
#include "net/client.h"

#include <algorithm>
#include <array>
#include <limits>

namespace carevoice::net {

namespace {

struct Scheme {
    std::string_view name;
    std::uint16_t default_port;
};
constexpr std::array schemes = {Scheme{"http", 80}, Scheme{"https", 443}, Scheme{"ws", 80}, Scheme{"wss", 443}};

Error bad_url(const char* why) {
    return Error{Errc::invalid_input, std::string("not a URL: ") + why};
}

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_character(char c) noexcept {
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

/// Splits "host:port" or "[v6]:port" into `url`.
Result<> parse_authority(std::string_view authority, Url& url) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return bad_url("'[' without ']'");
        url.host = to_lower_ascii(authority.substr(1, close - 1));
        if (!std::all_of(url.host.begin(), url.host.end(), is_ipv6_character)) return bad_url("bad IPv6 address");
        port = authority.substr(close + 1);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = to_lower_ascii(authority.substr(0, colon));
        if (!std::all_of(url.host.begin(), url.host.end(), is_name_character))
            return bad_url("a character that host names do not have");
        port = authority.substr(colon);
    }
    if (url.host.empty() || url.host.size() > 253) return bad_url("no host, or one that is too long");
    if (port.empty()) return {};
    const auto number = port.front() == ':' ? parse_digits(port.substr(1)) : std::nullopt;
    if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max()) return bad_url("bad port");
    url.port = static_cast<std::uint16_t>(*number);
    return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    const auto is_forbidden = [](char c) { return c <= ' ' || c >= 0x7F; };
    if (std::any_of(text.begin(), text.end(), is_forbidden)) return bad_url("white space or a character beyond ASCII");
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return bad_url("no scheme");

    Url url;
    url.scheme = to_lower_ascii(text.substr(0, colon));
    const auto scheme =
        std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& known) { return known.name == url.scheme; });
    if (scheme == schemes.end()) return bad_url("the scheme is none of http, https, ws, wss");
    url.port = scheme->default_port;

    const auto rest = text.substr(colon + 3);
    const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    const auto parsed = parse_authority(rest.substr(0, authority_end), url);
    if (parsed.has_error()) return parsed.error();

    auto path = rest.substr(authority_end);
    path = path.substr(0, path.find('#'));
    if (!path.starts_with('/')) url.path = "/";
    if (path.starts_with('/')) url.path.clear();
    url.path += path;
    return url;
}

}  // namespace carevoice::net
