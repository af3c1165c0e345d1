#include "net/server_connection.h"

#include <boost/asio/write.hpp>

namespace carevoice::net {

namespace asio = boost::asio;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
/// How long, and for how many bytes, a refused client may go on talking before the connection is cut: closing at once
/// would reset the connection, and the client might never read why (RFC 9112, section 9.6).
constexpr milliseconds leave_timeout{2'000};
constexpr std::size_t leave_bytes_max = 256UL * 1024;
/// For writing a response after the request's own time has run out.
constexpr milliseconds last_words_timeout{2'000};

SteadyTime in(milliseconds span) {
    return std::chrono::steady_clock::now() + span;
}

std::string address_of(const asio::ip::tcp::socket& socket) {
    boost::system::error_code failure;
    const auto endpoint = socket.remote_endpoint(failure);
    return failure ? std::string() : endpoint.address().to_string();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<ServerState> server)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      strand_(socket_.get_executor()),
      parser_(server_->limits.header_bytes, server_->limits.body_bytes),
      deadline_(in(server_->limits.header_timeout)),
      remote_address_(address_of(socket_)) {}

async::Task<> Connection::serve() {
    while (!cut_ && co_await serve_one()) {
        if (server_->stopping && !parser_.has_input()) break;
        const bool has_input = parser_.has_input();
        enter(has_input ? Phase::in_head : Phase::idle,
              in(has_input ? server_->limits.header_timeout : server_->limits.idle_timeout));
    }
    co_await leave();
}

async::Task<> Connection::refuse() {
    has_unread_input_ = true;
    exchange_.began = std::chrono::steady_clock::now();
    co_await send_error(503, "too many connections");
    co_await leave();
}

async::Task<bool> Connection::serve_one() {
    exchange_ = {};
    const auto read = co_await read_request();
    if (read.has_error()) {
        const int status = read.error().provider_code;
        if (status == 0) co_return false;  // the client has gone, or never said a word
        has_unread_input_ = true;
        exchange_.trace = parser_.take();
        exchange_.trace.remote_address = remote_address_;
        exchange_.trace.request_id = server_->random.hex(8);
        co_await send_error(status, read.error().detail);
        co_return false;
    }
    exchange_.is_http_1_0 = parser_.is_http_1_0();
    exchange_.is_upgrade = parser_.is_websocket_upgrade();
    exchange_.keep_alive = parser_.keep_alive() && !exchange_.is_http_1_0;

    HttpRequest request = parser_.take();
    request.remote_address = remote_address_;
    request.request_id = server_->random.hex(8);
    co_return co_await answer(std::move(request));
}

async::Task<Result<>> Connection::read_request() {
    bool head_is_complete = false;
    for (;;) {
        const auto state = parser_.advance();
        if (state.has_error()) co_return state.error();
        if (*state == RequestParser::State::in_head && phase_ == Phase::idle)
            enter(Phase::in_head, in(server_->limits.header_timeout));
        if (*state >= RequestParser::State::in_body && !head_is_complete) {
            head_is_complete = true;
            exchange_.began = std::chrono::steady_clock::now();
            enter(Phase::in_body, in(server_->limits.request_timeout));
            const bool must_say_continue = *state == RequestParser::State::in_body && parser_.wants_continue();
            if (must_say_continue && !co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {}))
                co_return Error{Errc::unavailable, "the client has gone"};
            if (*state == RequestParser::State::in_body) continue;  // part of the body may have come with the head
        }
        if (*state == RequestParser::State::done) co_return Result<>{};
        const auto read = co_await read_some();
        if (read.has_error()) co_return read.error();
    }
}

async::Task<Result<>> Connection::read_some() {
    const auto [failure, bytes] = co_await socket_.async_read_some(parser_.prepare(), as_tuple);
    if (!failure) {
        parser_.commit(bytes);
        co_return Result<>{};
    }
    const bool has_begun = phase_ == Phase::in_body || parser_.has_input();
    if (expired_ && has_begun && !cut_) co_return Error{Errc::timed_out, "the request came too slowly", {}, 408};
    co_return Error{Errc::unavailable, "the client has gone"};
}

async::Task<bool> Connection::send_error(int status, std::string detail) {
    exchange_.keep_alive = exchange_.keep_alive && !has_unread_input_;
    auto response = server_->router.tables().error(status, detail, exchange_.trace);
    co_return co_await send(std::move(response));
}

async::Task<bool> Connection::send(HttpResponse response) {
    exchange_.keep_alive = exchange_.keep_alive && !server_->stopping;
    const ResponseFraming framing{.body = BodyFraming::length, .keep_alive = exchange_.keep_alive};
    std::string head = response_head(response, framing);
    const bool has_body = exchange_.trace.method != "HEAD" && !is_bodiless(response.status);
    enter(Phase::writing, std::max(exchange_.began + server_->limits.request_timeout, in(last_words_timeout)));
    std::string body = has_body ? std::move(response.body) : std::string();
    const bool written = co_await write_all(std::move(head), std::move(body));
    report(response.status);
    co_return written&& exchange_.keep_alive;
}

async::Task<bool> Connection::write_all(std::string head, std::string body) {
    const std::array<asio::const_buffer, 2> both = {asio::buffer(head), asio::buffer(body)};
    const auto [failure, bytes] = co_await asio::async_write(socket_, both, as_tuple);
    co_return !failure;
}

async::Task<> Connection::leave() {
    boost::system::error_code ignored;
    enter(Phase::leaving, in(leave_timeout));
    if (has_unread_input_ && socket_.is_open() && !cut_) {
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        for (std::size_t total = 0; total < leave_bytes_max;) {
            const auto [failure, bytes] = co_await socket_.async_read_some(parser_.prepare(), as_tuple);
            if (failure) break;
            total += bytes;
        }
    }
    if (socket_.is_open()) socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void Connection::enter(Phase phase, SteadyTime deadline) {
    phase_ = phase;
    expired_ = false;
    deadline_ = deadline;
    const bool is_partial_head = phase == Phase::in_head && parser_.has_input();
    const bool in_progress = is_partial_head || (phase >= Phase::in_body && phase <= Phase::streaming);
    if (in_progress == in_progress_) return;
    in_progress_ = in_progress;
    if (in_progress)
        ++server_->requests_in_progress;
    else if (--server_->requests_in_progress == 0 && server_->stopping)
        server_->notify();
}

void Connection::expire() {
    if (!is_overdue(std::chrono::steady_clock::now())) return;
    deadline_ = SteadyTime::max();
    expired_ = true;
    boost::system::error_code ignored;
    switch (phase_) {
        case Phase::idle:
        case Phase::in_head:
        case Phase::in_body:
        case Phase::leaving: socket_.cancel(ignored); break;
        case Phase::in_handler: signal_.emit(asio::cancellation_type::terminal); break;
        case Phase::writing:
        case Phase::streaming: abort(); break;
        case Phase::upgraded: break;
    }
}

void Connection::stop_gently() {
    boost::system::error_code ignored;
    if (phase_ == Phase::idle || (phase_ == Phase::in_head && !parser_.has_input())) socket_.cancel(ignored);
    if (phase_ == Phase::leaving) socket_.cancel(ignored);
    if (phase_ == Phase::streaming) signal_.emit(asio::cancellation_type::terminal);
}

void Connection::abort() {
    cut_ = true;
    signal_.emit(asio::cancellation_type::terminal);
    if (websocket_) websocket_->abort();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void Connection::finish() {
    enter(Phase::leaving, SteadyTime::max());
    abort();
}

void Connection::report(int status) const {
    const auto took = std::chrono::steady_clock::now() - exchange_.began;
    server_->router.tables().finished(exchange_.trace, status, std::chrono::duration_cast<milliseconds>(took));
}

}  // namespace carevoice::net
