// One accepted connection, from its first request to its end. Internal to net.
#pragma once

#include "async/task.h"
#include "net/http_writer.h"
#include "net/request_parser.h"
#include "net/server_state.h"
#include "net/websocket_session.h"
#include "net/write_turns.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace carevoice::net {

/// serve() is its one coroutine. All calls on the connection's strand, but for those marked otherwise. It has no timer:
/// the server looks at all connections every now and then and ends what is overdue.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<ServerState> server);

    /// Answers requests until either side has enough.
    async::Task<> serve();
    /// Says 503 and goes: for connections over the limit.
    async::Task<> refuse();

    /// Any thread.
    [[nodiscard]] bool is_overdue(SteadyTime now) const noexcept { return deadline_.load() <= now; }
    [[nodiscard]] const async::Executor& strand() const noexcept { return strand_; }

    /// Ends whatever is overdue, if it still is.
    void expire();
    /// The server stops: ends what waits for nothing (idle connections, streams); the rest may finish.
    void stop_gently();
    /// Cuts the connection; a handler that runs is cancelled.
    void abort();
    /// After serve(), however that ended.
    void finish();
    /// nullptr unless the connection has become a WebSocket.
    [[nodiscard]] std::shared_ptr<WebSocketSession> websocket() const { return websocket_; }
    [[nodiscard]] boost::asio::cancellation_slot cancellation_slot() { return signal_.slot(); }

private:
    using Route = Router::Tables::Route;
    class Sink;
    using Verdict = boost::system::result<void, HttpResponse>;

    enum class Phase { idle, in_head, in_body, in_handler, writing, streaming, upgraded, leaving };

    /// The request at hand.
    struct Exchange {
        HttpRequest trace;  ///< the request without headers and body, for the log once the handler has taken it
        SteadyTime began{};
        bool keep_alive = true;
        bool is_http_1_0 = false;
        bool is_upgrade = false;
    };

    async::Task<bool> serve_one();
    async::Task<Result<>> read_request();
    async::Task<Result<>> read_some();
    async::Task<> leave();

    // What the request at hand gets; true when the connection goes on after it.
    async::Task<bool> answer(HttpRequest request);
    async::Task<bool> answer_with_handler(const Router::Handler* handler, HttpRequest request);
    async::Task<bool> answer_with_stream(const Route* route, HttpRequest request);
    async::Task<bool> answer_with_websocket(const Route* route, HttpRequest request);
    async::Task<bool> send(HttpResponse response);
    async::Task<bool> send_error(int status, std::string detail);
    async::Task<bool> write_all(std::string head, std::string body);

    async::Task<HttpResponse> run_handler(const Router::Handler* handler, HttpRequest request);
    async::Task<Verdict> run_check(const Router::UpgradeCheck* check, HttpRequest request);
    async::Task<> run_stream(const Route* route, HttpRequest request);
    async::Task<int> run_websocket(const Route* route, HttpRequest request);
    HttpResponse failed_response(const std::exception_ptr& failure) const;

    void enter(Phase phase, SteadyTime deadline);
    void watch_for_the_clients_end();
    void report(int status) const;

    std::shared_ptr<ServerState> server_;
    boost::asio::ip::tcp::socket socket_;
    async::Executor strand_;
    RequestParser parser_;
    std::shared_ptr<WebSocketSession> websocket_;
    boost::asio::cancellation_signal signal_;
    std::atomic<SteadyTime> deadline_;
    Phase phase_ = Phase::in_head;
    Exchange exchange_;
    bool in_progress_ = false;       ///< counted in ServerState::requests_in_progress
    bool expired_ = false;           ///< the current phase ran out of time
    bool cut_ = false;               ///< abort() was called
    bool has_unread_input_ = false;  ///< a refused request may still be coming in
    bool client_gone_ = false;       ///< while streaming
    std::string remote_address_;
    std::array<char, 64> ignored_{};  ///< what a client says while we stream
};

}  // namespace carevoice::net
