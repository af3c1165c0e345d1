#include "net/client.h"

#include "net/client_exchange.h"
#include "net/client_pool.h"
#include "net/client_stream.h"
#include "net/retry_budget.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace carevoice::net {

namespace asio = boost::asio;

namespace {

/// Says in the error when nothing was sent.
Error marked(Error error, const Progress& progress) {
    if (!progress.may_have_arrived) error.detail.insert(0, unsent);
    return error;
}

std::string_view outcome_of(const Result<HttpResponse>& response) {
    if (response.has_error()) return to_string(response.error().code);
    return response->status >= 500 ? "server_error" : "ok";
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
    async::Task<Result<std::unique_ptr<ResponseStream>>> open_stream(Url origin, HttpRequest request,
                                                                     Deadline deadline);
    async::Task<Result<std::shared_ptr<WebSocket>>> open_websocket(Url url, Headers headers, Deadline deadline);
    async::Task<> stop();

private:
    using OrderPtr = std::shared_ptr<const Order>;
    using ProgressPtr = std::shared_ptr<Progress>;
    class Running;
    class Stream;

    async::Task<Result<HttpResponse>> try_until(OrderPtr order, Deadline deadline, RetryPolicy retry);
    async::Task<Result<HttpResponse>> try_once(OrderPtr order, ProgressPtr progress);
    async::Task<Result<std::unique_ptr<Exchange>>> try_to_begin(OrderPtr order, ProgressPtr progress);
    async::Task<Result<std::unique_ptr<Exchange>>> begin_on_any(OrderPtr order, ProgressPtr progress);
    async::Task<Result<std::shared_ptr<WebSocket>>> connect_websocket(Url url, Headers headers);

    template <class T>
    async::Task<Result<T>> unless_stopped(async::Task<Result<T>> work, Deadline deadline, ProgressPtr progress);
    [[nodiscard]] bool may_try_again(const Error& error, const RetryPolicy& retry);
    [[nodiscard]] milliseconds wait_before(int next_attempt, const RetryPolicy& retry);
    void measure(std::string_view outcome, SteadyTime began);

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
    measure(outcome_of(outcome), began);
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
        auto exchange = co_await begin_on_any(std::move(order), progress);
        if (exchange.has_error()) co_return marked(exchange.error(), *progress);
        co_return co_await (*exchange)->finish();
    } catch (const boost::system::system_error& failure) {
        co_return lost(failure.code());
    }
}

async::Task<Result<std::unique_ptr<Exchange>>> HttpClient::Impl::try_to_begin(OrderPtr order, ProgressPtr progress) {
    try {
        auto exchange = co_await begin_on_any(std::move(order), progress);
        if (exchange.has_error()) co_return marked(exchange.error(), *progress);
        co_return exchange;
    } catch (const boost::system::system_error& failure) {
        co_return lost(failure.code());
    }
}

async::Task<Result<std::unique_ptr<Exchange>>> HttpClient::Impl::begin_on_any(OrderPtr order, ProgressPtr progress) {
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
        auto exchange = std::make_unique<Exchange>(order, std::move(*lease), options_.response_bytes_max);
        const auto begun = co_await exchange->begin(progress);
        if (begun.has_value()) co_return exchange;
        if (!exchange->is_stale() || !is_kept) co_return begun.error();
        was_stale = true;
    }
}

/// What it leaves to unless_stopped() never throws, either.
class HttpClient::Impl::Stream final : public ResponseStream {
public:
    Stream(std::shared_ptr<Impl> client, std::unique_ptr<Exchange> exchange, ProgressPtr progress)
        : client_(std::move(client)),
          exchange_(std::move(exchange)),
          progress_(std::move(progress)),
          head_(exchange_->take_head()) {}

    [[nodiscard]] const HttpResponse& head() const noexcept override { return head_; }

    async::Task<Result<std::string>> next(Deadline deadline) override {
        if (!exchange_) co_return end_;
        auto work = read();
        auto piece = co_await client_->unless_stopped(std::move(work), deadline, progress_);
        if (piece.has_value() && !piece->empty()) co_return piece;
        exchange_.reset();
        end_ = piece;
        co_return piece;
    }

private:
    async::Task<Result<std::string>> read() {
        try {
            co_return co_await exchange_->next();
        } catch (const boost::system::system_error& failure) {
            co_return lost(failure.code());
        }
    }

    std::shared_ptr<Impl> client_;
    std::unique_ptr<Exchange> exchange_;  ///< nullptr after the end
    ProgressPtr progress_;
    HttpResponse head_;
    Result<std::string> end_ = std::string();
};

async::Task<Result<std::unique_ptr<ResponseStream>>> HttpClient::Impl::open_stream(Url origin, HttpRequest request,
                                                                                   Deadline deadline) {
    const auto self = shared_from_this();
    const auto began = std::chrono::steady_clock::now();
    auto order = make_order(std::move(origin), request);
    request = {};
    if (order.has_error()) {
        measure(to_string(order.error().code), began);
        co_return order.error();
    }
    budget_.count_request(began);
    auto progress = std::make_shared<Progress>();
    auto work = try_to_begin(std::move(*order), progress);
    auto exchange = co_await unless_stopped(std::move(work), deadline, progress);
    if (exchange.has_error()) {
        measure(to_string(exchange.error().code), began);
        co_return exchange.error();
    }
    std::unique_ptr<ResponseStream> stream = std::make_unique<Stream>(self, std::move(*exchange), std::move(progress));
    measure(outcome_of(stream->head()), began);
    co_return stream;
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

void HttpClient::Impl::measure(std::string_view outcome, SteadyTime began) {
    metrics_.add("carevoice_http_client_requests_total", {{"outcome", outcome}});
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

async::Task<Result<std::unique_ptr<ResponseStream>>> HttpClient::open_stream(Url origin, HttpRequest request,
                                                                             Deadline deadline) {
    return impl_->open_stream(std::move(origin), std::move(request), deadline);
}

async::Task<Result<std::shared_ptr<WebSocket>>> HttpClient::open_websocket(Url url, Headers headers,
                                                                           Deadline deadline) {
    return impl_->open_websocket(std::move(url), std::move(headers), deadline);
}

async::Task<> HttpClient::stop() {
    return impl_->stop();
}

}  // namespace carevoice::net
