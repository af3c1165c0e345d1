#include "storage/redis/redis_connections.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace carevoice::storage::redis {

namespace {

constexpr milliseconds pause_between_connects{500};

Error unavailable(std::string detail) {
    return {.code = Errc::unavailable, .detail = std::move(detail)};
}

timeval to_timeval(milliseconds span) {
    return {.tv_sec = static_cast<time_t>(span.count() / 1'000),
            .tv_usec = static_cast<suseconds_t>(span.count() % 1'000 * 1'000)};
}

/// Redis begins an error with a word that names its kind.
struct Kind {
    std::string_view word;
    std::string_view reason;
};
constexpr std::array kinds = {
    Kind{"LOADING", "Redis is starting up"},
    Kind{"BUSY", "Redis is busy with a script"},
    Kind{"OOM", "Redis is out of memory"},
    Kind{"READONLY", "this Redis only takes questions"},
    Kind{"MASTERDOWN", "the main Redis is away"},
    Kind{"MISCONF", "Redis cannot write to its disk"},
    Kind{"CLUSTERDOWN", "the Redis cluster is down"},
    Kind{"NOAUTH", "Redis wants a password"},
    Kind{"WRONGPASS", "Redis does not accept this user and password"},
    Kind{"NOPERM", "Redis does not let this user do that"},
    Kind{"ERR max number of clients", "Redis has too many clients"},
};

Error error_of(const redisReply& reply) {
    const std::string_view message(reply.str, reply.len);
    for (const Kind& kind : kinds)
        if (message.starts_with(kind.word)) return unavailable(std::string(kind.reason));
    if (message.starts_with("WRONGTYPE")) return {.code = Errc::corrupt, .detail = "a key in Redis is not ours"};
    return {.code = Errc::internal, .detail = "Redis refused a command"};
}

/// True when the other end has closed an idle connection, or said something that nobody asked for.
bool is_dead(const redisContext& context) {
    pollfd watched{.fd = context.fd, .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) != 0;
}

}  // namespace

Result<Reply> ask(redisContext* context, const std::vector<std::string>& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> lengths;
    for (const std::string& word : command) {
        words.push_back(word.data());
        lengths.push_back(word.size());
    }
    Reply reply(static_cast<redisReply*>(
        ::redisCommandArgv(context, static_cast<int>(words.size()), words.data(), lengths.data())));
    if (!reply) {
        const bool took_too_long = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
        return unavailable(took_too_long ? "Redis does not answer" : "the connection to Redis was lost");
    }
    if (reply->type == REDIS_REPLY_ERROR) return error_of(*reply);
    return reply;
}

Result<Context> connect(const RedisTarget& target, milliseconds patience) {
    const timeval wait = to_timeval(patience);
    Context context(target.host.empty() ? ::redisConnectUnixWithTimeout(target.socket_path.c_str(), wait)
                                        : ::redisConnectWithTimeout(target.host.c_str(), target.port, wait));
    if (!context || context->err != 0) return unavailable("Redis cannot be reached");
    if (::redisSetTimeout(context.get(), wait) != REDIS_OK) return unavailable("Redis cannot be reached in time");
    if (!target.password.empty() || !target.user.empty()) {
        std::vector<std::string> login = {"AUTH"};
        if (!target.user.empty()) login.push_back(target.user);
        login.push_back(target.password);
        if (const auto done = ask(context.get(), login); !done) return done.error();
    }
    if (target.database != 0) {
        const auto chosen = ask(context.get(), {"SELECT", std::to_string(target.database)});
        if (!chosen) return chosen.error();
    }
    return context;
}

/// The right to one connection, which is opened if need be, for the time of one question.
class RedisConnections::Place {
public:
    explicit Place(RedisConnections& all) : all_(all) {
        std::unique_lock lock(all_.mutex_);
        held_ = all_.place_is_free_.wait_for(lock, all_.patience_, [this] { return all_.free_places_ > 0; });
        if (!held_) return;
        --all_.free_places_;
        if (all_.idle_.empty()) return;
        context = std::move(all_.idle_.back());
        all_.idle_.pop_back();
    }
    ~Place() {
        if (!held_) return;
        const std::lock_guard lock(all_.mutex_);
        ++all_.free_places_;
        if (context && context->err == 0) all_.idle_.push_back(std::move(context));
        all_.place_is_free_.notify_one();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    [[nodiscard]] bool held() const noexcept { return held_; }

    Context context;

private:
    RedisConnections& all_;
    bool held_ = false;
};

Result<> RedisConnections::reconnect(Place& place) {
    place.context.reset();
    {
        const std::lock_guard lock(mutex_);
        if (std::chrono::steady_clock::now() < connects_again_at_) return unavailable("Redis is away");
    }
    auto connected = connect(target_, patience_);
    const std::lock_guard lock(mutex_);
    if (!connected) {
        connects_again_at_ = std::chrono::steady_clock::now() + pause_between_connects;
        // Those that are idle have met the same fate, or will be missed by nobody.
        idle_.clear();
        return connected.error();
    }
    if (has_connected_) metrics_.add("carevoice_sessions_reconnects_total");
    has_connected_ = true;
    place.context = std::move(*connected);
    return {};
}

Result<Reply> RedisConnections::ask_in(Place& place, const std::vector<std::string>& command, Repeat repeat) {
    const bool is_used = place.context != nullptr && !is_dead(*place.context);
    if (!is_used) {
        if (const auto connected = reconnect(place); !connected) return connected.error();
    }
    auto reply = redis::ask(place.context.get(), command);
    const bool was_cut_off =
        place.context->err == REDIS_ERR_EOF || (place.context->err == REDIS_ERR_IO && errno == EPIPE);
    if (reply || !is_used || !was_cut_off || repeat == Repeat::forbidden) return reply;
    if (const auto connected = reconnect(place); !connected) return connected.error();
    return redis::ask(place.context.get(), command);
}

Result<Reply> RedisConnections::ask(const std::vector<std::string>& command, Repeat repeat) {
    const auto began = std::chrono::steady_clock::now();
    Result<Reply> reply = unavailable("too many questions wait for Redis");
    if (Place place(*this); place.held()) reply = ask_in(place, command, repeat);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
    metrics_.observe_seconds("carevoice_sessions_seconds", took.count());
    if (!reply) metrics_.add("carevoice_sessions_errors_total", {{"code", to_string(reply.error().code)}});
    return reply;
}

}  // namespace carevoice::storage::redis
