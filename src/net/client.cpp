#include "net/client.h"

#include "net/client_pool.h"
#include "net/client_stream.h"
#include "net/http_writer.h"
#include "net/response_parser.h"
#include "net/retry_budget.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace carevoice::net {

namespace asio = boost::asio;

namespace {

constexpr std::string_view unsent = "unsent: ";

/// How far one try has come; outlives the try, so that a deadline can tell what it interrupted.
struct Progress {
    bool may_have_arrived = false;  ///< bytes of the request were handed to the network
};

/// One request, ready for the wire; shared by its tries.
struct Order {
    Url origin;
    std::string origin_key;
    std::string bytes;
    bool is_head = false;
    bool is_idempotent = false;  ///< RFC 9110, section 9.2.2
};

bool is_idempotent(std::string_view method) {
    static constexpr std::array<std::string_view, 5> methods = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

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

}  // namespace

class HttpClient::Impl : public std::enable_shared_from_this<HttpClient::Impl> {
public:
    Impl(async::Executor executor, ClientOptions options, Random& random, Metrics& metrics)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          random_(random),
          metrics_(metrics),
          connector_(executor_, options_),
          pool_(std::make_shared<ClientPool>(options_.connections_per_origin, options_.idle_max)) {}

    async::Task<Result<HttpResponse>> send(Url origin, HttpRequest request, Deadline deadline, RetryPolicy retry);
    async::Task<Result<std::shared_ptr<WebSocket>>> open_websocket(Url url, Headers headers, Deadline deadline);
    async::Task<> stop();

private:
    using OrderPtr = std::shared_ptr<const Order>;
    using ProgressPtr = std::shared_ptr<Progress>;
    class Running;

    async::Task<Result<HttpResponse>> try_until(OrderPtr order, Deadline deadline, RetryPolicy retry);
    async::Task<Result<HttpResponse>> try_once(OrderPtr order, ProgressPtr progress);
    async::Task<Result<HttpResponse>> exchange_on_any(OrderPtr order, ProgressPtr progress);
    async::Task<Result<HttpResponse>> exchange(OrderPtr order, ProgressPtr progress, ClientPool::Lease* lease,
                                               bool* is_stale);
    async::Task<Result<HttpResponse>> read_response(OrderPtr order, ClientPool::Lease* lease, bool* has_begun);
    async::Task<Result<std::shared_ptr<WebSocket>>> connect_websocket(Url url, Headers headers);

    template <class T>
    async::Task<Result<T>> unless_stopped(async::Task<Result<T>> work, Deadline deadline, ProgressPtr progress);
    [[nodiscard]] bool may_try_again(const Error& error, const RetryPolicy& retry);
    [[nodiscard]] milliseconds wait_before(int next_attempt, const RetryPolicy& retry);
    void measure(const Result<HttpResponse>& outcome, SteadyTime began);

    async::Executor executor_;
    ClientOptions options_;
    Random& random_;
    Metrics& metrics_;
    Connector connector_;
    std::shared_ptr<ClientPool> pool_;
    RetryBudget budget_;
    std::mutex mutex_;
    bool stopping_ = false;                                            // under the mutex
    std::unordered_set<std::shared_ptr<asio::steady_timer>> running_;  // under the mutex: cancelling one ends a call
    std::vector<std::shared_ptr<asio::steady_timer>> waiting_for_the_end_;  // under the mutex
};

/// A call that stop() can end, for as long as this lives.
class HttpClient::Impl::Running {
public:
    Running(std::shared_ptr<Impl> client, const async::Executor& executor, Deadline deadline)
        : timer(std::make_shared<asio::steady_timer>(executor, deadline.at())), client_(std::move(client)) {
        const std::lock_guard lock(client_->mutex_);
        is_refused = client_->stopping_;
        client_->running_.insert(timer);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        const std::lock_guard lock(client_->mutex_);
        client_->running_.erase(timer);
        if (!client_->running_.empty()) return;
        for (const auto& waiting : client_->waiting_for_the_end_)
            asio::post(waiting->get_executor(), [waiting] { waiting->cancel(); });
    }

    std::shared_ptr<asio::steady_timer> timer;
    bool is_refused = false;

private:
    std::shared_ptr<Impl> client_;
};

async::Task<Result<HttpResponse>> HttpClient::Impl::send(Url origin, HttpRequest request, Deadline deadline,
                                                         RetryPolicy retry) {
    const auto self = shared_from_this();
    const auto began = std::chrono::steady_clock::now();
    auto order = make_order(std::move(origin), request);
    request = {};
    Result<HttpResponse> outcome = order.has_error() ? Result<HttpResponse>(order.error()) : HttpResponse{};
    if (order.has_value()) outcome = co_await try_until(std::move(*order), deadline, retry);
    measure(outcome, began);
    co_return outcome;
}

async::Task<Result<HttpResponse>> HttpClient::Impl::try_until(OrderPtr order, Deadline deadline, RetryPolicy retry) {
    budget_.count_request(std::chrono::steady_clock::now());
    for (int attempt = 1;; ++attempt) {
        const auto progress = std::make_shared<Progress>();
        auto work = try_once(order, progress);
        auto outcome = co_await unless_stopped(std::move(work), deadline, progress);
        if (outcome.has_value() || attempt >= retry.attempts || !may_try_again(outcome.error(), retry))
            co_return outcome;
        const auto next = std::chrono::steady_clock::now() + wait_before(attempt + 1, retry);
        if (deadline.passed(next) || !budget_.take(next)) co_return outcome;
        if ((co_await async::sleep_until(next)).has_error()) co_return Error{Errc::cancelled, "stopped"};
    }
}

/// Never throws: `||` would wait for the other side then.
async::Task<Result<HttpResponse>> HttpClient::Impl::try_once(OrderPtr order, ProgressPtr progress) {
    try {
        auto outcome = co_await exchange_on_any(std::move(order), progress);
        if (outcome.has_error() && !progress->may_have_arrived)
            outcome = Error{outcome.error().code, std::string(unsent) + outcome.error().detail};
        co_return outcome;
    } catch (const boost::system::system_error& failure) {
        co_return lost(failure.code());
    }
}

async::Task<Result<HttpResponse>> HttpClient::Impl::exchange_on_any(OrderPtr order, ProgressPtr progress) {
    for (bool was_stale = false;;) {
        auto lease = co_await pool_->acquire(order->origin_key);
        if (lease.has_error()) co_return lease.error();
        if (was_stale) lease->stream.reset();  // where one kept connection was dead, others are, too
        const bool is_kept = lease->stream != nullptr;
        if (!is_kept) {
            auto stream = co_await connector_.connect(order->origin, executor_);
            if (stream.has_error()) co_return stream.error();
            lease->stream = std::move(*stream);
        }
        bool is_stale = false;
        auto outcome = co_await exchange(order, progress, &*lease, &is_stale);
        if (!is_stale || !is_kept) co_return outcome;
        was_stale = true;
    }
}

/// One request and its response on a connection. `is_stale`: it was dead, and repeating the request does no harm.
async::Task<Result<HttpResponse>> HttpClient::Impl::exchange(OrderPtr order, ProgressPtr progress,
                                                             ClientPool::Lease* lease, bool* is_stale) {
    const bool had_arrived = std::exchange(progress->may_have_arrived, true);
    const auto sent = co_await lease->stream->write(asio::buffer(order->bytes));
    // Over TLS, zero bytes sent may still be a record on its way.
    if (sent.failure && sent.bytes == 0 && order->origin.scheme == "http") progress->may_have_arrived = had_arrived;
    const bool is_harmless = order->is_idempotent || !progress->may_have_arrived;
    if (sent.failure == asio::error::operation_aborted) co_return lost(sent.failure);
    bool has_begun = false;
    // A server may refuse a long body before it has read all of it, so that its answer counts even after a failed
    // write.
    auto outcome = co_await read_response(order, lease, &has_begun);
    *is_stale = is_harmless && !has_begun && outcome.has_error() && outcome.error().code == Errc::unavailable;
    co_return outcome;
}

async::Task<Result<HttpResponse>> HttpClient::Impl::read_response(OrderPtr order, ClientPool::Lease* lease,
                                                                  bool* has_begun) {
    ResponseParser parser(options_.response_bytes_max, order->is_head);
    for (;;) {
        const auto read = co_await lease->stream->read_some(parser.prepare());
        // A truncated TLS stream must not pass for a complete answer, so only a clean end completes one.
        if (read.failure) {
            if (read.failure == asio::error::eof && parser.end()) co_return parser.take();
            co_return lost(read.failure);
        }
        *has_begun = true;
        parser.commit(read.bytes);
        const auto is_complete = parser.advance();
        if (is_complete.has_error()) co_return is_complete.error();
        if (!*is_complete) continue;
        if (parser.keep_alive()) lease->keep();
        co_return parser.take();
    }
}

template <class T>
async::Task<Result<T>> HttpClient::Impl::unless_stopped(async::Task<Result<T>> work, Deadline deadline,
                                                        ProgressPtr progress) {
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    const Running running(shared_from_this(), executor, deadline);
    const std::string prefix(unsent);
    if (running.is_refused) co_return Error{Errc::cancelled, prefix + "the client was stopped"};
    if (deadline.passed(std::chrono::steady_clock::now()))
        co_return Error{Errc::timed_out, prefix + "the deadline had passed already"};
    auto winner = co_await (std::move(work) || running.timer->async_wait(asio::as_tuple(asio::use_awaitable)));
    if (winner.index() == 0) co_return std::get<0>(std::move(winner));
    const bool was_stopped = static_cast<bool>(std::get<0>(std::get<1>(winner)));
    const std::string why = was_stopped ? "stopped" : "no answer by the deadline";
    co_return Error{was_stopped ? Errc::cancelled : Errc::timed_out, progress->may_have_arrived ? why : prefix + why};
}

bool HttpClient::Impl::may_try_again(const Error& error, const RetryPolicy& retry) {
    if (error.code != Errc::unavailable) return false;
    return !retry.only_unsent || error.detail.starts_with(unsent);
}

milliseconds HttpClient::Impl::wait_before(int next_attempt, const RetryPolicy& retry) {
    const int doublings = std::min(next_attempt - 2, 20);
    const auto longest = std::min(milliseconds(retry.first_wait * (1LL << doublings)), retry.longest_wait);
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(longest.count()) * random_.next_unit()));
}

void HttpClient::Impl::measure(const Result<HttpResponse>& outcome, SteadyTime began) {
    std::string_view name = "ok";
    if (outcome.has_error())
        name = to_string(outcome.error().code);
    else if (outcome->status >= 500)
        name = "server_error";
    metrics_.add("carevoice_http_client_requests_total", {{"outcome", name}});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    metrics_.observe_seconds("carevoice_http_client_seconds", took.count());
}

async::Task<Result<std::shared_ptr<WebSocket>>> HttpClient::Impl::open_websocket(Url url, Headers headers,
                                                                                 Deadline deadline) {
    const auto self = shared_from_this();
    if (url.scheme != "ws" && url.scheme != "wss")
        co_return Error{Errc::invalid_input, "the URL is neither ws nor wss"};
    const auto progress = std::make_shared<Progress>();
    auto work = connect_websocket(std::move(url), std::move(headers));
    co_return co_await unless_stopped(std::move(work), deadline, progress);
}

async::Task<Result<std::shared_ptr<WebSocket>>> HttpClient::Impl::connect_websocket(Url url, Headers headers) {
    try {
        auto stream = co_await connector_.connect(url, co_await asio::this_coro::executor);
        if (stream.has_error()) co_return stream.error();
        const auto session = (*stream)->become_websocket({.message_bytes_max = options_.response_bytes_max,
                                                          .idle_timeout = options_.websocket_idle_timeout,
                                                          .write_timeout = options_.websocket_idle_timeout});
        const auto opened = co_await session->handshake(host_header(url), url.path, std::move(headers));
        if (opened.has_error()) co_return opened.error();
        co_return std::shared_ptr<WebSocket>(session);
    } catch (const boost::system::system_error& failure) {
        co_return lost(failure.code());
    }
}

async::Task<> HttpClient::Impl::stop() {
    const auto self = shared_from_this();
    const auto executor = co_await asio::this_coro::executor;
    const auto ended = std::make_shared<asio::steady_timer>(executor, SteadyTime::max());
    bool must_wait = false;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const auto& timer : running_) asio::post(timer->get_executor(), [timer] { timer->cancel(); });
        must_wait = !running_.empty();
        if (must_wait) waiting_for_the_end_.push_back(ended);
    }
    if (must_wait) co_await ended->async_wait(asio::as_tuple(asio::use_awaitable));
    pool_->close();
}

HttpClient::HttpClient(async::Executor executor, ClientOptions options, Random& random, Metrics& metrics)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), random, metrics)) {}
HttpClient::~HttpClient() = default;

async::Task<Result<HttpResponse>> HttpClient::send(Url origin, HttpRequest request, Deadline deadline,
                                                   RetryPolicy retry) {
    return impl_->send(std::move(origin), std::move(request), deadline, retry);
}

async::Task<Result<std::shared_ptr<WebSocket>>> HttpClient::open_websocket(Url url, Headers headers,
                                                                           Deadline deadline) {
    return impl_->open_websocket(std::move(url), std::move(headers), deadline);
}

async::Task<> HttpClient::stop() {
    return impl_->stop();
}

}  // namespace carevoice::net
