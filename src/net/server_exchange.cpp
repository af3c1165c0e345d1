// What a connection does with one request: the half of Connection that runs handlers.
#include "core/log.h"
#include "net/server_connection.h"

namespace carevoice::net {

namespace asio = boost::asio;

namespace {

constexpr int close_normal = 1000;  // RFC 6455, section 7.4.1
constexpr int close_going_away = 1001;
constexpr int close_internal_error = 1011;

SteadyTime in(milliseconds span) {
    return std::chrono::steady_clock::now() + span;
}

/// To be awaited after a handler: makes the coroutine fit to wait again when the handler was cancelled.
auto forget_cancellation() {
    return asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
}

HttpRequest without_content(const HttpRequest& request) {
    HttpRequest trace;
    trace.method = request.method;
    trace.target = request.target;
    trace.path = request.path;
    trace.path_params = request.path_params;
    trace.route = request.route;
    trace.remote_address = request.remote_address;
    trace.request_id = request.request_id;
    return trace;
}

/// Logs what a handler threw; true when it was only cancelled.
bool was_cancelled(const std::exception_ptr& failure, const HttpRequest& trace) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) return true;
        log(LogLevel::error, "a handler failed",
            {{"route", trace.route}, {"request_id", trace.request_id}, {"what", error.what()}});
    } catch (const std::exception& error) {
        log(LogLevel::error, "a handler failed",
            {{"route", trace.route}, {"request_id", trace.request_id}, {"what", error.what()}});
    } catch (...) {
        log(LogLevel::error, "a handler failed", {{"route", trace.route}, {"request_id", trace.request_id}});
    }
    return false;
}

}  // namespace

/// The body of a streamed response, chunk by chunk.
class Connection::Sink final : public Router::StreamSink {
public:
    explicit Sink(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

    async::Task<Result<>> write(std::string data) override {
        const auto turn = co_await turns_.take();
        if (turn.has_error()) co_return turn.error();
        const auto connection = connection_;
        if (connection == nullptr || connection->client_gone_)
            co_return Error{Errc::unavailable, "the client has gone"};
        if (data.empty()) co_return Result<>{};
        std::string bytes = connection->exchange_.is_http_1_0 ? std::move(data) : chunk(data);
        connection->deadline_ = in(connection->server_->limits.request_timeout);
        is_writing_ = true;
        const bool written = co_await connection->write_all(std::move(bytes), {});
        is_writing_ = false;
        if (connection_ != nullptr) connection->deadline_ = SteadyTime::max();
        if (!written) co_return Error{Errc::unavailable, "the client has gone"};
        co_return Result<>{};
    }

    /// The connection has no more use for it; the handler may still hold it. False when a chunk is half written.
    bool end() {
        turns_.close();
        connection_ = nullptr;
        return !is_writing_;
    }

private:
    std::shared_ptr<Connection> connection_;
    WriteTurns turns_{64};
    bool is_writing_ = false;
};

async::Task<bool> Connection::answer(HttpRequest request) {
    const auto& tables = server_->router.tables();
    const auto parsed = parse_target(request);
    const Route* route = parsed.has_value() ? tables.match(request) : nullptr;
    exchange_.trace = without_content(request);
    if (parsed.has_error()) co_return co_await send_error(400, parsed.error().detail);
    if (route == nullptr && request.target != "*") co_return co_await send_error(404, "there is nothing at this path");

    if (route != nullptr) {
        const bool is_get = request.method == "GET";
        if (route->websocket && is_get && exchange_.is_upgrade)
            co_return co_await answer_with_websocket(route, std::move(request));
        if (route->stream && (is_get || request.method == "HEAD"))
            co_return co_await answer_with_stream(route, std::move(request));
        const auto* handler = route->find(request.method);
        if (handler == nullptr && request.method == "HEAD") handler = route->find("GET");
        if (handler != nullptr) co_return co_await answer_with_handler(handler, std::move(request));
        if (route->websocket && is_get) co_return co_await answer_with_websocket(route, std::move(request));
    }
    HttpResponse response;
    if (request.method == "OPTIONS")
        response.status = 204;
    else
        response = tables.error(405, "this path does not know the method", exchange_.trace);
    response.headers.set("Allow", route == nullptr ? "OPTIONS" : route->allowed_methods());
    co_return co_await send(std::move(response));
}

async::Task<bool> Connection::answer_with_handler(const Router::Handler* handler, HttpRequest request) {
    enter(Phase::in_handler, exchange_.began + server_->limits.request_timeout);
    auto response = co_await run_handler(handler, std::move(request));
    co_await forget_cancellation();
    co_return co_await send(std::move(response));
}

async::Task<bool> Connection::answer_with_stream(const Route* route, HttpRequest request) {
    if (route->stream_check) {
        enter(Phase::in_handler, exchange_.began + server_->limits.request_timeout);
        HttpRequest copy = request;
        auto verdict = co_await run_check(&route->stream_check, std::move(copy));
        co_await forget_cancellation();
        if (verdict.has_error()) co_return co_await send(std::move(verdict).error());
    }
    auto head = text_response(200, route->stream_type, {});
    head.headers.add("Cache-Control", "no-store");
    const auto body = exchange_.is_http_1_0 ? BodyFraming::until_close : BodyFraming::chunked;
    enter(Phase::writing, in(server_->limits.request_timeout));
    std::string head_bytes = response_head(head, ResponseFraming{.body = body, .keep_alive = false});
    const bool written = co_await write_all(std::move(head_bytes), {});
    report(head.status);
    if (!written || request.method == "HEAD") co_return false;

    enter(Phase::streaming, SteadyTime::max());
    watch_for_the_clients_end();
    // A stop that came before this phase began did not see a stream.
    if (!server_->stopping) co_await run_stream(route, std::move(request));
    co_await forget_cancellation();
    enter(Phase::writing, in(server_->limits.request_timeout));
    if (!client_gone_ && !cut_ && !exchange_.is_http_1_0) co_await write_all("0\r\n\r\n", {});
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    co_return false;
}

async::Task<> Connection::run_stream(const Route* route, HttpRequest request) {
    const auto sink = std::make_shared<Sink>(shared_from_this());
    std::exception_ptr failure;
    try {
        co_await route->stream(std::move(request), sink);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) was_cancelled(failure, exchange_.trace);
    if (!sink->end()) cut_ = true;
}

void Connection::watch_for_the_clients_end() {
    socket_.async_read_some(asio::buffer(ignored_),
                            [self = shared_from_this()](boost::system::error_code failure, std::size_t) {
                                if (self->phase_ != Phase::streaming) return;
                                if (!failure) return self->watch_for_the_clients_end();
                                self->client_gone_ = true;
                                self->signal_.emit(asio::cancellation_type::terminal);
                            });
}

async::Task<bool> Connection::answer_with_websocket(const Route* route, HttpRequest request) {
    const auto version = request.headers.find("Sec-WebSocket-Version");
    if (!exchange_.is_upgrade || version != "13") {
        auto response = server_->router.tables().error(426, "this path speaks WebSocket, version 13", exchange_.trace);
        response.headers.set("Upgrade", "websocket");
        response.headers.set("Sec-WebSocket-Version", "13");
        co_return co_await send(std::move(response));
    }
    // Frames before the 101 break RFC 6455, section 4.1, and a body would be taken for frames.
    if (parser_.has_input() || !request.body.empty() || !request.headers.find("Sec-WebSocket-Key")) {
        has_unread_input_ = true;
        co_return co_await send_error(400, "this is not a WebSocket handshake");
    }
    if (route->websocket_check) {
        enter(Phase::in_handler, exchange_.began + server_->limits.request_timeout);
        HttpRequest copy = request;
        auto verdict = co_await run_check(&route->websocket_check, std::move(copy));
        co_await forget_cancellation();
        if (verdict.has_error()) co_return co_await send(std::move(verdict).error());
    }
    if (server_->stopping || cut_) co_return co_await send_error(503, "the server stops");

    const auto& limits = server_->limits;
    parser_.release();
    websocket_ = make_websocket(std::move(socket_), {.message_bytes_max = limits.websocket_message_bytes,
                                                     .idle_timeout = limits.websocket_idle_timeout,
                                                     .write_timeout = limits.websocket_idle_timeout});
    enter(Phase::upgraded, SteadyTime::max());
    HttpRequest upgrade = request;
    const auto accepted = co_await websocket_->accept(std::move(upgrade));
    report(accepted.has_value() ? 101 : 400);
    if (accepted.has_error()) co_return false;
    // A stop that came during the handshake did not see an open WebSocket.
    int code = close_going_away;
    if (!server_->stopping) code = co_await run_websocket(route, std::move(request));
    co_await forget_cancellation();
    co_await websocket_->close(code);
    co_return false;
}

async::Task<int> Connection::run_websocket(const Route* route, HttpRequest request) {
    std::exception_ptr failure;
    try {
        co_await route->websocket(websocket_, std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failure && !was_cancelled(failure, exchange_.trace) ? close_internal_error : close_normal;
}

async::Task<HttpResponse> Connection::run_handler(const Router::Handler* handler, HttpRequest request) {
    std::exception_ptr failure;
    try {
        co_return co_await (*handler)(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failed_response(failure);
}

async::Task<Connection::Verdict> Connection::run_check(const Router::UpgradeCheck* check, HttpRequest request) {
    std::exception_ptr failure;
    try {
        co_return co_await (*check)(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failed_response(failure);
}

HttpResponse Connection::failed_response(const std::exception_ptr& failure) const {
    const auto& tables = server_->router.tables();
    if (was_cancelled(failure, exchange_.trace)) return tables.error(503, "this took too long", exchange_.trace);
    return tables.error(500, "something is wrong on our side", exchange_.trace);
}

}  // namespace carevoice::net
