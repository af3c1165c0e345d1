#include "net/server.h"

#include "async/task_group.h"
#include "core/log.h"
#include "net/server_connection.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace carevoice::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t refusals_at_once_max = 64;  ///< connections over the limit that are still told so
constexpr milliseconds accept_pause{100};         ///< after a failed accept: out of file descriptors, most likely
constexpr milliseconds close_grace{3'000};        ///< for the closing handshakes of WebSockets
constexpr int close_going_away = 1001;            // RFC 6455, section 7.4.1

/// A strand that knows the kind of its context is cheaper to go through than one behind two type erasures.
async::Executor make_connection_strand(const async::Executor& executor) {
    if (const auto* context = executor.target<asio::io_context::executor_type>()) return asio::make_strand(*context);
    return asio::make_strand(executor);
}

/// How often to look for overdue connections: fine enough for the shortest limit.
milliseconds tick_of(const ServerLimits& limits) {
    const auto shortest = std::min({limits.header_timeout, limits.request_timeout, limits.idle_timeout});
    return std::clamp(shortest / 8, milliseconds(5), milliseconds(100));
}

}  // namespace

class HttpServer::Impl {
public:
    Impl(async::Executor executor, Router router, ServerLimits limits, Random& random)
        : executor_(std::move(executor)),
          state_(std::make_shared<ServerState>(executor_, std::move(router), limits, random)),
          acceptor_(state_->strand) {}

    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::size_t connections() const noexcept { return state_->connection_count; }
    void set_router(Router router) { state_->router = std::move(router); }

    // On the state's strand:
    async::Task<> accept_all();
    async::Task<> stop(milliseconds grace);
    [[nodiscard]] const async::Executor& strand() const noexcept { return state_->strand; }

private:
    void take_in(tcp::socket socket);
    async::Task<> expire_overdue();
    async::Task<> wait_until_no_requests(SteadyTime deadline);
    async::Task<> wait_until_no_connections(SteadyTime deadline);
    static async::Task<> say_goodbye(std::shared_ptr<Connection> connection);
    /// Calls `what` for each connection on its strand.
    void tell_all(void (Connection::*what)());

    async::Executor executor_;
    std::shared_ptr<ServerState> state_;
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    async::TaskGroup background_{"http server"};
};

Result<> HttpServer::Impl::listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code failure;
    const auto ip = asio::ip::make_address(address, failure);
    if (failure) return Error{Errc::invalid_input, "not an IP address to listen on: " + address};
    const tcp::endpoint endpoint(ip, port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        return Error{Errc::unavailable,
                     "cannot listen on " + address + " port " + std::to_string(port) + ": " + failure.message()};
    }
    port_ = acceptor_.local_endpoint(failure).port();
    return {};
}

async::Task<> HttpServer::Impl::accept_all() {
    background_.spawn(state_->strand, expire_overdue());
    while (!state_->stopping) {
        auto [failure, socket] = co_await acceptor_.async_accept(make_connection_strand(executor_), as_tuple);
        if (failure == asio::error::operation_aborted || failure == asio::error::bad_descriptor) co_return;
        if (failure) {
            log(LogLevel::error, "cannot accept a connection", {{"what", failure.message()}});
            if ((co_await async::sleep_for(accept_pause)).has_error()) co_return;
            continue;
        }
        take_in(std::move(socket));
    }
}

void HttpServer::Impl::take_in(tcp::socket socket) {
    const auto count = state_->connections.size();
    boost::system::error_code ignored;
    if (state_->stopping || count >= state_->limits.connections + refusals_at_once_max) {
        socket.close(ignored);
        return;
    }
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(std::move(socket), state_);
    state_->connections.insert(connection);
    state_->connection_count = count + 1;
    auto on_end = [state = state_, connection](const std::exception_ptr&) {
        // Nothing but cancellation gets here: handlers' exceptions were logged where they were caught.
        connection->finish();
        asio::post(state->strand, [state, connection] {
            state->connections.erase(connection);
            state->connection_count = state->connections.size();
            state->changed.cancel();
        });
    };
    auto work = count < state_->limits.connections ? connection->serve() : connection->refuse();
    asio::co_spawn(connection->strand(), std::move(work),
                   asio::bind_cancellation_slot(connection->cancellation_slot(), std::move(on_end)));
}

async::Task<> HttpServer::Impl::expire_overdue() {
    const auto tick = tick_of(state_->limits);
    while ((co_await async::sleep_for(tick)).has_value()) {
        const auto now = std::chrono::steady_clock::now();
        for (const auto& connection : state_->connections)
            if (connection->is_overdue(now)) asio::post(connection->strand(), [connection] { connection->expire(); });
    }
}

void HttpServer::Impl::tell_all(void (Connection::*what)()) {
    for (const auto& connection : state_->connections)
        asio::post(connection->strand(), [connection, what] { (connection.get()->*what)(); });
}

async::Task<> HttpServer::Impl::say_goodbye(std::shared_ptr<Connection> connection) {
    const auto websocket = connection->websocket();
    if (websocket == nullptr) {
        connection->abort();
        co_return;
    }
    co_await websocket->close(close_going_away);
}

async::Task<> HttpServer::Impl::stop(milliseconds grace) {
    state_->stopping = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    tell_all(&Connection::stop_gently);
    co_await wait_until_no_requests(std::chrono::steady_clock::now() + grace);

    for (const auto& connection : state_->connections) background_.spawn(connection->strand(), say_goodbye(connection));
    co_await wait_until_no_connections(std::chrono::steady_clock::now() + close_grace);
    tell_all(&Connection::abort);
    co_await wait_until_no_connections(SteadyTime::max());
    co_await background_.stop();
}

async::Task<> HttpServer::Impl::wait_until_no_requests(SteadyTime deadline) {
    // On one strand with notify(): a change cannot fall between the question and the wait.
    while (state_->requests_in_progress > 0 && std::chrono::steady_clock::now() < deadline) {
        state_->changed.expires_at(deadline);
        co_await state_->changed.async_wait(as_tuple);
    }
}

async::Task<> HttpServer::Impl::wait_until_no_connections(SteadyTime deadline) {
    while (!state_->connections.empty() && std::chrono::steady_clock::now() < deadline) {
        state_->changed.expires_at(deadline);
        co_await state_->changed.async_wait(as_tuple);
    }
}

HttpServer::HttpServer(async::Executor executor, Router router, ServerLimits limits, Random& random)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(router), limits, random)) {}
HttpServer::~HttpServer() = default;

Result<> HttpServer::listen(const std::string& address, std::uint16_t port) {
    return impl_->listen(address, port);
}

std::uint16_t HttpServer::port() const noexcept {
    return impl_->port();
}

void HttpServer::set_router(Router router) {
    impl_->set_router(std::move(router));
}

async::Task<> HttpServer::run() {
    co_await asio::co_spawn(impl_->strand(), impl_->accept_all(), asio::use_awaitable);
}

async::Task<> HttpServer::stop(milliseconds grace) {
    co_await asio::co_spawn(impl_->strand(), impl_->stop(grace), asio::use_awaitable);
}

std::size_t HttpServer::connections() const noexcept {
    return impl_->connections();
}

}  // namespace carevoice::net
