// A real Redis for tests, reachable by a Unix socket in a temporary folder only.
#pragma once

#include "support/child_server.h"

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace carevoice::tests {

class RedisServer {
public:
    /// The one of this test program, started when it is first asked for.
    static RedisServer& shared() {
        static RedisServer server;
        return server;
    }

    RedisServer() { start(); }
    ~RedisServer() {
        if (process_ > 0) end();
    }
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    [[nodiscard]] std::string url() const { return "unix://" + socket(); }
    [[nodiscard]] std::string socket() const { return (folder_.path() / "redis.sock").string(); }

    /// Runs one command behind everybody's back, each word an argument; throws when Redis refuses it.
    void command(const std::vector<const char*>& words) {
        if (!answers(words)) throw std::runtime_error("Redis refused a command");
    }

    /// Comes back when it takes commands. It remembers nothing of the time before.
    void start() {
        process_ = start_program({"/usr/bin/redis-server", "--port", "0", "--unixsocket", socket(), "--save", "",
                                  "--appendonly", "no", "--dir", folder_.path().string()},
                                 user_, folder_.path() / "log", SIGKILL);
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!answers({"PING"})) {
            if (std::chrono::steady_clock::now() > give_up)
                throw std::runtime_error("Redis does not start: run ./dev setup");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    /// As in a crash.
    void stop() { end(); }

    /// Makes it stand still, as on a machine that hangs; resume() lets it go on.
    void pause() { ::kill(process_, SIGSTOP); }
    void resume() { ::kill(process_, SIGCONT); }

private:
    bool answers(std::vector<const char*> words) {
        const timeval wait{.tv_sec = 5, .tv_usec = 0};
        const std::unique_ptr<redisContext, void (*)(redisContext*)> context(
            ::redisConnectUnixWithTimeout(socket().c_str(), wait), ::redisFree);
        if (!context || context->err != 0) return false;
        auto* reply = static_cast<redisReply*>(
            ::redisCommandArgv(context.get(), static_cast<int>(words.size()), words.data(), nullptr));
        if (reply == nullptr) return false;
        const bool good = reply->type != REDIS_REPLY_ERROR;
        ::freeReplyObject(reply);
        return good;
    }
    void end() {
        ::kill(process_, SIGKILL);
        wait_for_end(process_);
        process_ = -1;
        std::error_code ignored;
        std::filesystem::remove(socket(), ignored);
    }

    UnprivilegedUser user_ = UnprivilegedUser::find();
    ServerFolder folder_{user_};
    pid_t process_ = -1;
};

}  // namespace carevoice::tests
