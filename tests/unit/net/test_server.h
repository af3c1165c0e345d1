// A server on a thread of its own and a raw client that blocks, for tests over real sockets.
#pragma once

#include "async/task_group.h"
#include "core/random.h"
#include "net/server.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>

#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace carevoice::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr milliseconds no_grace{0};

class TestServer {
public:
    explicit TestServer(Router router, ServerLimits limits = {}, int threads = 1)
        : server_(context_.get_executor(), std::move(router), limits, random_) {
        EXPECT_TRUE(server_.listen("127.0.0.1", 0).has_value());
        group_.spawn(asio::make_strand(context_), server_.run());
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
    }
    ~TestServer() { stop(no_grace); }

    void stop(milliseconds grace) {
        if (threads_.empty()) return;
        begin_stop(grace).get();
        asio::co_spawn(asio::make_strand(context_), group_.stop(), asio::use_future).get();
        work_.reset();
        threads_.clear();
    }
    std::future<void> begin_stop(milliseconds grace) {
        return asio::co_spawn(asio::make_strand(context_), server_.stop(grace), asio::use_future);
    }

    HttpServer& server() { return server_; }
    std::uint16_t port() const { return server_.port(); }
    asio::io_context& context() { return context_; }

private:
    asio::io_context context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{asio::make_work_guard(context_)};
    SystemRandom random_;
    HttpServer server_;
    async::TaskGroup group_{"test server"};
    std::vector<std::jthread> threads_;
};

/// Speaks bytes. A read that gets nothing for 10 s fails the test.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(context_) {
        socket_.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
        const timeval patience{10, 0};
        setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    void send(std::string_view bytes) {
        // MSG_NOSIGNAL: the server may have had enough already.
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void get(std::string_view path) { send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n"); }

    /// Head and body of the next response with a Content-Length (or without a body).
    std::string read_response(bool with_body = true) {
        while (buffer_.find("\r\n\r\n") == std::string::npos)
            if (!read_more()) return take(buffer_.size());
        const auto head_end = buffer_.find("\r\n\r\n") + 4;
        const auto length_at = buffer_.find("Content-Length: ");
        std::size_t length = 0;
        if (with_body && length_at < head_end) length = std::stoul(buffer_.substr(length_at + 16));
        while (buffer_.size() < head_end + length)
            if (!read_more()) break;
        return take(std::min(buffer_.size(), head_end + length));
    }
    std::string read_until(std::string_view mark) {
        while (buffer_.find(mark) == std::string::npos)
            if (!read_more()) return take(buffer_.size());
        return take(buffer_.find(mark) + mark.size());
    }
    std::string read_to_end() {
        while (read_more()) {
        }
        return take(buffer_.size());
    }
    bool is_closed_by_server() { return read_to_end().empty() && !timed_out_; }
    void shutdown_send() { socket_.shutdown(tcp::socket::shutdown_send); }
    void close() { socket_.close(); }

private:
    bool read_more() {
        char bytes[16 * 1024];
        const auto got = recv(socket_.native_handle(), bytes, sizeof bytes, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            timed_out_ = true;
            ADD_FAILURE() << "nothing came for too long";
        }
        if (got <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }
    std::string take(std::size_t count) {
        std::string taken = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return taken;
    }

    asio::io_context context_;
    tcp::socket socket_;
    std::string buffer_;
    bool timed_out_ = false;
};

}  // namespace carevoice::net
