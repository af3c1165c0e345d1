// Where a Redis is, and as whom to talk to it.
#pragma once

#include "core/error.h"

#include <string>

namespace carevoice::storage::redis {

struct RedisTarget {
    std::string host;  ///< empty when it is a Unix socket
    int port = 6379;
    std::string socket_path;
    std::string user;
    std::string password;  ///< empty: no login
    int database = 0;
};

/// Reads "redis://[user[:password]@]host[:port][/number]" and "unix://[user[:password]@]PATH[?db=number]"; user and
/// password may hold %XX. Errc::invalid_input naming "url" without repeating it.
Result<RedisTarget> parse_redis_url(const std::string& url);

}  // namespace carevoice::storage::redis
