// The one implementation of WebSocketSession, for plain and TLS streams. Only websocket_{plain,tls}.cpp include this.
#pragma once

#include "net/websocket_session.h"
#include "net/write_turns.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <utility>

namespace carevoice::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

constexpr std::size_t websocket_writes_waiting_max = 256;
constexpr std::size_t websocket_buffer_bytes_kept = 64UL * 1024;
constexpr std::chrono::seconds websocket_close_timeout{2};

/// Headers, request and response of the opening handshake, between our values and Beast's.
boost::beast::websocket::request_type to_beast(const HttpRequest& request);
/// What went wrong on a WebSocket, as the contract of WebSocket::read() has it.
Error websocket_error(const boost::system::error_code& failure, int close_code, bool was_stopped);

template <class Stream>
class WebSocketOn final : public WebSocketSession, public std::enable_shared_from_this<WebSocketOn<Stream>> {
public:
    WebSocketOn(Stream stream, WebSocketLimits limits)
        : limits_(limits), stream_(std::move(stream)), tick_(stream_.get_executor()) {
        stream_.read_message_max(limits.message_bytes_max);
        stream_.auto_fragment(false);
        stream_.control_callback([this](websocket::frame_type, boost::beast::string_view) { has_heard_ = true; });
        set_handshake_timeout(websocket_close_timeout);
    }

    async::Task<Result<>> accept(HttpRequest request) override {
        const auto upgrade = to_beast(request);
        const auto [failure] = co_await stream_.async_accept(upgrade, as_tuple);
        if (failure) co_return Error{Errc::unavailable, "the WebSocket handshake failed: " + failure.message()};
        watch();
        co_return Result<>{};
    }

    async::Task<Result<>> handshake(std::string host, std::string target, Headers headers) override {
        stream_.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
            for (const auto& [name, value] : headers.fields()) request.insert(name, value);
        }));
        set_handshake_timeout(websocket::stream_base::none());  // the caller has a deadline
        websocket::response_type response;
        const auto [failure] = co_await stream_.async_handshake(response, host, target, as_tuple);
        if (failure == websocket::error::upgrade_declined) {
            const auto status = static_cast<int>(response.result_int());
            co_return Error{Errc::rejected, "the server refused the WebSocket", {}, status};
        }
        if (failure) co_return Error{Errc::unavailable, "the WebSocket handshake failed: " + failure.message()};
        set_handshake_timeout(websocket_close_timeout);
        watch();
        co_return Result<>{};
    }

    async::Task<Result<Message>> read() override {
        buffer_.clear();
        if (buffer_.capacity() > websocket_buffer_bytes_kept) buffer_.shrink_to_fit();
        const auto [failure, bytes] = co_await stream_.async_read(buffer_, as_tuple);
        if (failure) {
            turns_.close();
            tick_.cancel();
            if (has_timed_out_) co_return Error{Errc::timed_out, "nothing came on the WebSocket for too long"};
            const bool was_stopped =
                closing_ || (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
            co_return websocket_error(failure, stream_.reason().code, was_stopped);
        }
        has_heard_ = true;
        const auto data = buffer_.cdata();
        co_return Message{.text = {static_cast<const char*>(data.data()), bytes}, .is_text = stream_.got_text()};
    }

    async::Task<Result<>> write(std::string text) override {
        const auto turn = co_await turns_.take();
        if (turn.has_error()) co_return turn.error();
        if (!stream_.is_open() || closing_) co_return Error{Errc::unavailable, "the WebSocket is closed"};
        write_began_ = std::chrono::steady_clock::now();
        const auto [failure, bytes] = co_await stream_.async_write(asio::buffer(text), as_tuple);
        write_began_ = SteadyTime::max();
        if (failure) co_return Error{Errc::unavailable, "the WebSocket is gone: " + failure.message()};
        co_return Result<>{};
    }

    async::Task<> close(int code) override {
        const auto self = this->shared_from_this();
        if (closing_ || !stream_.is_open()) co_return;
        closing_ = true;
        turns_.close();
        asio::steady_timer limit(stream_.get_executor(), websocket_close_timeout);
        limit.async_wait([self](const boost::system::error_code& stopped) {
            if (!stopped) self->abort();
        });
        const websocket::close_reason reason(static_cast<std::uint16_t>(code));
        tick_.cancel();
        co_await stream_.async_close(reason, as_tuple);
    }

    async::Executor executor() override { return stream_.get_executor(); }

    void abort() override {
        turns_.close();
        tick_.cancel();
        boost::beast::close_socket(boost::beast::get_lowest_layer(stream_));
    }

private:
    static constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

    /// Beast's handshake timeout is also that of the closing handshake. Its idle timeout stays off, for it sets a timer
    /// anew with every read.
    void set_handshake_timeout(websocket::stream_base::duration span) {
        stream_.set_option(websocket::stream_base::timeout{
            .handshake_timeout = span, .idle_timeout = websocket::stream_base::none(), .keep_alive_pings = false});
    }

    /// Looks after the connection every half idle timeout, so that a frame costs no timer.
    void watch() {
        tick_.expires_after(limits_.idle_timeout / 2);
        tick_.async_wait([weak = this->weak_from_this()](const boost::system::error_code& stopped) {
            const auto self = weak.lock();
            if (!stopped && self) self->look_after();
        });
    }

    void look_after() {
        if (closing_ || !stream_.is_open()) return;
        const bool is_stuck = write_began_ != SteadyTime::max() &&
                              std::chrono::steady_clock::now() - write_began_ >= limits_.write_timeout;
        quiet_ticks_ = std::exchange(has_heard_, false) ? 0 : quiet_ticks_ + 1;
        has_timed_out_ = quiet_ticks_ >= 2;
        if (is_stuck || has_timed_out_) return abort();
        if (quiet_ticks_ == 1) ping();
        watch();
    }

    void ping() {
        if (std::exchange(is_pinging_, true)) return;
        stream_.async_ping(
            {}, [self = this->shared_from_this()](const boost::system::error_code&) { self->is_pinging_ = false; });
    }

    WebSocketLimits limits_;
    websocket::stream<Stream, false> stream_;  // without per-message deflate
    boost::beast::flat_buffer buffer_;
    WriteTurns turns_{websocket_writes_waiting_max};
    asio::steady_timer tick_;
    SteadyTime write_began_ = SteadyTime::max();  ///< max: nothing is being written
    int quiet_ticks_ = 0;                         ///< since the last frame from the other side
    bool has_heard_ = true;
    bool has_timed_out_ = false;
    bool is_pinging_ = false;
    bool closing_ = false;
};

}  // namespace carevoice::net
