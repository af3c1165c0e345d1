#include "net/client_exchange.h"

#include "net/http_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::net {

namespace asio = boost::asio;

namespace {

bool is_idempotent(std::string_view method) {
    static constexpr std::array<std::string_view, 5> methods = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

std::string host_header(const Url& url) {
    std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    const bool is_default = url.port == (url.scheme == "https" || url.scheme == "wss" ? 443 : 80);
    return is_default ? host : host + ":" + std::to_string(url.port);
}

Result<std::shared_ptr<const Order>> make_order(Url origin, const HttpRequest& request) {
    if (origin.scheme != "http" && origin.scheme != "https")
        return Error{Errc::invalid_input, "the origin is neither http nor https"};
    auto bytes = request_bytes(request, host_header(origin));
    if (bytes.has_error()) return bytes.error();
    auto order = std::make_shared<Order>();
    order->origin_key = origin.scheme + "://" + origin.host + ":" + std::to_string(origin.port);
    order->origin = std::move(origin);
    order->bytes = std::move(*bytes);
    order->is_head = request.method == "HEAD";
    order->is_idempotent = is_idempotent(request.method);
    return std::shared_ptr<const Order>(std::move(order));
}

Error lost(const boost::system::error_code& failure) {
    if (failure == asio::error::operation_aborted) return Error{Errc::cancelled, "stopped"};
    return Error{Errc::unavailable, "the connection was lost: " + failure.message()};
}

Exchange::Exchange(std::shared_ptr<const Order> order, ClientPool::Lease lease, std::size_t body_bytes_max)
    : order_(std::move(order)), lease_(std::move(lease)), parser_(body_bytes_max, order_->is_head) {}

async::Task<Result<>> Exchange::begin(std::shared_ptr<Progress> progress) {
    const bool had_arrived = std::exchange(progress->may_have_arrived, true);
    const auto sent = co_await lease_->stream->write(asio::buffer(order_->bytes));
    // Over TLS, zero bytes sent may still be a record on its way.
    if (sent.failure && sent.bytes == 0 && order_->origin.scheme == "http") progress->may_have_arrived = had_arrived;
    const bool is_harmless = order_->is_idempotent || !progress->may_have_arrived;
    if (sent.failure == asio::error::operation_aborted) co_return lost(sent.failure);
    // A server may refuse a long body before it has read all of it, so that its answer counts even after a failed
    // write.
    while (lease_ && !parser_.has_head()) {
        const auto read = co_await read_more();
        if (read.has_value()) continue;
        is_stale_ = is_harmless && !parser_.has_begun() && read.error().code == Errc::unavailable;
        co_return read.error();
    }
    co_return Result<>{};
}

async::Task<Result<>> Exchange::read_more() {
    const auto read = co_await lease_->stream->read_some(parser_.prepare());
    // A truncated TLS stream must not pass for a complete answer, so only a clean end completes one.
    if (read.failure) {
        if (read.failure != asio::error::eof || !parser_.end()) co_return lost(read.failure);
        lease_.reset();
        co_return Result<>{};
    }
    parser_.commit(read.bytes);
    const auto is_complete = parser_.advance();
    if (is_complete.has_error()) co_return is_complete.error();
    if (*is_complete) {
        if (parser_.keep_alive()) lease_->keep();
        lease_.reset();
    }
    co_return Result<>{};
}

async::Task<Result<HttpResponse>> Exchange::finish() {
    while (lease_) {
        const auto read = co_await read_more();
        if (read.has_error()) co_return read.error();
    }
    co_return parser_.take();
}

HttpResponse Exchange::take_head() {
    return parser_.take_head();
}

async::Task<Result<std::string>> Exchange::next() {
    for (;;) {
        auto piece = parser_.take_body();
        if (!piece.empty() || !lease_) co_return piece;
        const auto read = co_await read_more();
        if (read.has_error()) co_return read.error();
    }
}

}  // namespace carevoice::net
