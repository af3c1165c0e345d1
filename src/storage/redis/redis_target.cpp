#include "storage/redis/redis_target.h"

#include "core/text.h"

#include <optional>
#include <string_view>

namespace carevoice::storage::redis {

namespace {

constexpr std::string_view tcp_scheme = "redis://";
constexpr std::string_view unix_scheme = "unix://";

Error refused(std::string detail) {
    return {.code = Errc::invalid_input, .detail = std::move(detail), .field = "url"};
}

std::optional<unsigned> hex_digit(char letter) {
    if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
    if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a') + 10;
    if (letter >= 'A' && letter <= 'F') return static_cast<unsigned>(letter - 'A') + 10;
    return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        if (!low) return std::nullopt;
        decoded += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return decoded;
}

std::optional<int> number_up_to(std::string_view text, std::uint64_t most) {
    const auto number = parse_digits(text);
    if (!number || *number > most) return std::nullopt;
    return static_cast<int>(*number);
}

/// Takes "user:password@" off the front of `rest`, if it is there.
Result<> read_login(std::string_view& rest, RedisTarget& target) {
    const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
    if (at == std::string_view::npos) return {};
    const std::string_view login = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const std::size_t colon = login.find(':');
    const auto user = percent_decoded(login.substr(0, colon));
    const auto password =
        colon == std::string_view::npos ? std::optional<std::string>("") : percent_decoded(login.substr(colon + 1));
    if (!user || !password) return refused("the Redis URL's user or password has a broken %XX");
    target.user = *user;
    target.password = *password;
    return {};
}

Result<RedisTarget> read_socket(std::string_view rest, RedisTarget target) {
    constexpr std::string_view number_follows = "?db=";
    const std::size_t question = rest.find('?');
    if (question != std::string_view::npos) {
        const std::string_view query = rest.substr(question);
        const auto number = query.starts_with(number_follows)
                                ? number_up_to(query.substr(number_follows.size()), 65'535)
                                : std::nullopt;
        if (!number) return refused("after the path of a Redis socket only ?db=NUMBER may follow");
        target.database = *number;
    }
    target.socket_path = rest.substr(0, question);
    if (!target.socket_path.starts_with('/')) return refused("the path of a Redis socket begins with /");
    return target;
}

Result<RedisTarget> read_address(std::string_view rest, RedisTarget target) {
    const std::size_t slash = rest.find('/');
    std::string_view host = rest.substr(0, slash);
    if (slash != std::string_view::npos && slash + 1 < rest.size()) {
        const auto number = number_up_to(rest.substr(slash + 1), 65'535);
        if (!number) return refused("after the address of a Redis only /NUMBER may follow");
        target.database = *number;
    }
    // The colons of an IPv6 address stand in brackets.
    const std::size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
    if (colon != std::string_view::npos) {
        const auto port = number_up_to(host.substr(colon + 1), 65'535);
        if (!port || *port == 0) return refused("the port of a Redis is 1 to 65535");
        target.port = *port;
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return refused("the Redis URL has no host");
    target.host = host;
    return target;
}

}  // namespace

Result<RedisTarget> parse_redis_url(const std::string& url) {
    std::string_view rest = url;
    const bool is_tcp = rest.starts_with(tcp_scheme);
    if (!is_tcp && !rest.starts_with(unix_scheme))
        return refused("the Redis URL is redis://host:port or unix://PATH; secure connections are not supported");
    if (rest.find('\0') != std::string_view::npos) return refused("the Redis URL has a NUL in it");
    rest.remove_prefix(is_tcp ? tcp_scheme.size() : unix_scheme.size());
    RedisTarget target;
    if (const auto read = read_login(rest, target); !read) return read.error();
    return is_tcp ? read_address(rest, std::move(target)) : read_socket(rest, std::move(target));
}

}  // namespace carevoice::storage::redis
