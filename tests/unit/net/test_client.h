// A client on a thread of its own, whose calls block, and servers that misbehave; for tests over real sockets.
#pragma once

#include "core/metrics.h"
#include "net/client.h"
#include "test_server.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <mutex>

namespace carevoice::net {

class TestClient {
public:
    explicit TestClient(ClientOptions options = {}, int threads = 1)
        : client_(context_.get_executor(), std::move(options), random_, metrics_) {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
    }
    ~TestClient() {
        stop();
        work_.reset();
    }

    std::future<Result<HttpResponse>> begin(std::uint16_t port, HttpRequest request, milliseconds span = 10s,
                                            RetryPolicy retry = {}, std::string scheme = "http",
                                            std::string host = "127.0.0.1") {
        Url origin{.scheme = std::move(scheme), .host = std::move(host), .port = port};
        auto work = client_.send(std::move(origin), std::move(request), Deadline::in(span), retry);
        return asio::co_spawn(asio::make_strand(context_), std::move(work), asio::use_future);
    }
    Result<HttpResponse> send(std::uint16_t port, HttpRequest request, milliseconds span = 10s,
                              RetryPolicy retry = {}) {
        return begin(port, std::move(request), span, retry).get();
    }
    Result<HttpResponse> get(std::uint16_t port, std::string target, milliseconds span = 10s, RetryPolicy retry = {}) {
        return send(port, {.method = "GET", .target = std::move(target)}, span, retry);
    }
    Result<HttpResponse> post(std::uint16_t port, std::string body, milliseconds span = 10s, RetryPolicy retry = {}) {
        return send(port, {.method = "POST", .target = "/", .body = std::move(body)}, span, retry);
    }
    void stop() { asio::co_spawn(asio::make_strand(context_), client_.stop(), asio::use_future).get(); }
    HttpClient& client() { return client_; }
    asio::io_context& context() { return context_; }

private:
    asio::io_context context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{asio::make_work_guard(context_)};
    SystemRandom random_;
    NoMetrics metrics_;
    HttpClient client_;
    std::vector<std::jthread> threads_;
};

/// Reads a request's head, then lets a script deal with the connection; one connection after the other.
class ScriptedServer {
public:
    using Script = std::function<void(tcp::socket&, int connection)>;

    explicit ScriptedServer(Script script)
        : acceptor_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
          thread_([this, script = std::move(script)] {
              for (int number = 0;; ++number) {
                  boost::system::error_code failure;
                  auto socket = acceptor_.accept(failure);
                  if (failure || stopped_) return;
                  script(socket, number);
              }
          }) {}
    ~ScriptedServer() {
        stopped_ = true;
        asio::io_context context;
        tcp::socket wake(context);
        boost::system::error_code ignored;
        wake.connect(acceptor_.local_endpoint(), ignored);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    static std::string read_head(tcp::socket& socket) {
        std::string head;
        boost::system::error_code failure;
        char byte = 0;
        while (!head.ends_with("\r\n\r\n") && asio::read(socket, asio::buffer(&byte, 1), failure) == 1) head += byte;
        return head;
    }
    static void write(tcp::socket& socket, std::string_view bytes) {
        boost::system::error_code ignored;
        asio::write(socket, asio::buffer(bytes), ignored);
    }
    static void read_to_end(tcp::socket& socket) {
        boost::system::error_code failure;
        char bytes[4096];
        while (!failure) socket.read_some(asio::buffer(bytes), failure);
    }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::atomic<bool> stopped_{false};
    std::jthread thread_;
};

/// A port where nobody listens.
inline std::uint16_t closed_port() {
    asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    return acceptor.local_endpoint().port();
}

}  // namespace carevoice::net
