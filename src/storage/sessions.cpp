#include "storage/memory/memory_sessions.h"
#include "storage/redis/redis_sessions.h"
#include "storage/session_store.h"

namespace carevoice::storage {

Result<std::unique_ptr<SessionStore>> open_sessions(const std::string& url, const SessionOptions& options,
                                                    const Clock& clock, Metrics& metrics) {
    if (url.empty()) return std::make_unique<MemorySessions>(clock, metrics);
    if (options.connections < 1 || options.connections > 256)
        return Error{.code = Errc::invalid_input, .detail = "connections is 1 to 256", .field = "connections"};
    if (options.patience < milliseconds(10))
        return Error{.code = Errc::invalid_input, .detail = "patience is at least 10 ms", .field = "patience"};
    auto target = redis::parse_redis_url(url);
    if (!target) return target.error();
    auto sessions = std::make_unique<redis::RedisSessions>(std::move(*target), options, metrics);
    if (const auto answered = sessions->ping(); !answered) return answered.error();
    return sessions;
}

}  // namespace carevoice::storage
