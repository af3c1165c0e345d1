// Redis goes away for a while and comes back: calls do not notice, and nobody misses anything for good.
#include "integration/simulated_call.h"
#include "support/redis_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace carevoice::tests {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// Head and body of the answer.
std::string get(std::uint16_t port, const std::string& target) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    asio::write(socket, asio::buffer("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    std::string answer;
    boost::system::error_code at_end;
    asio::read(socket, asio::dynamic_buffer(answer), at_end);
    return answer;
}

/// Looks at live events from a thread of its own until the service stops.
class Onlooker {
public:
    explicit Onlooker(std::uint16_t port) : socket_(context_) {
        socket_.connect({asio::ip::make_address("127.0.0.1"), port});
        asio::write(socket_, asio::buffer(std::string("GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n")));
        thread_ = std::jthread([this] { read(); });
    }
    ~Onlooker() {
        boost::system::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    }
    Onlooker(const Onlooker&) = delete;
    Onlooker& operator=(const Onlooker&) = delete;

    std::string seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

private:
    void read() {
        boost::system::error_code failure;
        std::array<char, 4'096> bytes{};
        while (!failure) {
            const auto count = socket_.read_some(asio::buffer(bytes), failure);
            const std::lock_guard lock(mutex_);
            seen_.append(bytes.data(), count);
        }
    }

    asio::io_context context_;
    asio::ip::tcp::socket socket_;
    std::mutex mutex_;
    std::string seen_;
    std::jthread thread_;
};

bool until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (!done()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(20ms);
    }
    return true;
}

TEST(RedisOutage, LeavesLiveCallsAloneAndNothingIsLostAfter) {
    RedisServer redis;
    SimulatedHouse house({.adjust = [&](app::Settings& settings) { settings.redis_url = redis.url(); }});
    const auto port = house.service->port();
    Onlooker wall(port);
    const auto ready = [&] { return get(port, "/health/ready"); };
    EXPECT_THAT(ready(), HasSubstr("\"session_store\":\"ok\""));

    auto first = std::async(std::launch::async, [&] { return house.play("sc-02"); });
    ASSERT_TRUE(until([&] { return wall.seen().find("\"speaker\":\"patient\"") != std::string::npos; }));
    redis.stop();
    ASSERT_TRUE(until([&] { return ready().find("\"session_store\":\"down\"") != std::string::npos; }));
    EXPECT_THAT(ready(), HasSubstr("HTTP/1.1 200 "));
    EXPECT_THAT(ready(), HasSubstr("\"status\":\"degraded\""));
    EXPECT_THAT(first.get().broken, IsEmpty()) << house.conversation;
    EXPECT_THAT(wall.seen(), HasSubstr("event: alert")) << "those who look at this instance see its calls";
    EXPECT_THAT(house.play("sc-07").broken, IsEmpty()) << "calls are dialled, too: " << house.conversation;

    const auto before = wall.seen().size();
    redis.start();
    ASSERT_TRUE(until([&] { return ready().find("\"session_store\":\"ok\"") != std::string::npos; }));
    ASSERT_TRUE(until([&] { return wall.seen().find("event: reload", before) != std::string::npos; }));
    EXPECT_THAT(house.play("sc-07").broken, IsEmpty()) << house.conversation;
    EXPECT_THAT(wall.seen().substr(before), HasSubstr("\"status\":\"completed\""));
}

}  // namespace
}  // namespace carevoice::tests
