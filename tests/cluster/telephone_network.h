// The world outside of the cluster in this process: a simulated Twilio, patients that speak in tones, a speech-to-text
// server, and a receiver of alert webhooks.
#pragma once

#include "async/task_group.h"
#include "cluster/line_watch.h"
#include "cluster/tone_speech.h"
#include "core/metrics.h"
#include "core/random.h"
#include "simulator/scenario_runner.h"
#include "simulator/twilio_simulator.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace carevoice::tests {

/// Counts what arrives at POST /alerts by its Idempotency-Key. Thread-safe.
class AlertSink {
public:
    net::Router router() {
        net::Router router;
        router.on("POST", "/alerts", [this](net::HttpRequest request) { return take(request); });
        return router;
    }
    [[nodiscard]] std::map<std::string, int> received() const {
        const std::lock_guard lock(mutex_);
        return received_;
    }

private:
    async::Task<net::HttpResponse> take(net::HttpRequest request) {
        {
            const std::lock_guard lock(mutex_);
            ++received_[std::string(request.headers.find("Idempotency-Key").value_or("-"))];
        }
        co_return net::text_response(204, "text/plain", "");
    }
    mutable std::mutex mutex_;
    std::map<std::string, int> received_;
};

class TelephoneNetwork {
public:
    /// The voice speaks this many times faster than real; patients and pauses keep their real time.
    static constexpr double pace = 25;

    explicit TelephoneNetwork(milliseconds ring) {
        simulator::TwilioOptions options;
        options.pace = pace;
        options.ring_time = std::chrono::round<milliseconds>(ring * pace);
        twilio_.emplace(context_.get_executor(), options, random_, metrics_);
        http_.emplace(context_.get_executor(), many_connections(), random_, metrics_);
        speech_server_ = serve(tone_server_.router());
        alert_server_ = serve(alert_sink_.router());
        for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { context_.run(); });
        if (twilio_->start().has_error()) throw std::runtime_error("the simulated Twilio does not start");
        twilio_->watch("", [this](const simulator::CallEvent& event) { line_.take(event); });
    }
    ~TelephoneNetwork() {
        wait_for(stop());
        keep_running_.reset();
        threads_.clear();
    }
    TelephoneNetwork(const TelephoneNetwork&) = delete;
    TelephoneNetwork& operator=(const TelephoneNetwork&) = delete;

    simulator::TwilioSimulator& twilio() { return *twilio_; }
    LineWatch& line() { return line_; }
    ToneServer& ears() { return tone_server_; }
    AlertSink& alerts() { return alert_sink_; }
    [[nodiscard]] std::uint16_t speech_port() const { return speech_server_->port(); }
    [[nodiscard]] std::uint16_t alerts_port() const { return alert_server_->port(); }

    /// Plays scenarios beside the caller. `out` gets the conversations and outlives it.
    std::future<Result<simulator::RunReport>> play(simulator::RunOptions options, std::ostream& out) {
        simulator::RunParts parts{.twilio = *twilio_, .http = *http_, .voices = voices_, .clock = clock_, .out = out};
        auto run = simulator::run_scenarios(std::move(options), parts);
        return async::asio::co_spawn(async::asio::make_strand(context_), std::move(run), async::asio::use_future);
    }

    /// One request, with 5 s of patience.
    Result<net::HttpResponse> ask(const std::string& method, const std::string& url, std::string body = {}) {
        const auto parsed = net::parse_url(url).value();
        net::HttpRequest request;
        request.method = method;
        request.target = parsed.path;
        if (!body.empty()) request.headers.set("Content-Type", "application/json");
        request.body = std::move(body);
        return wait_for(http_->send(parsed, std::move(request), Deadline::in(milliseconds(5'000))));
    }

private:
    static net::ClientOptions many_connections() {
        net::ClientOptions options;
        options.connections_per_origin = 256;
        return options;
    }
    template <class T>
    T wait_for(async::Task<T> work) {
        return async::asio::co_spawn(async::asio::make_strand(context_), std::move(work), async::asio::use_future)
            .get();
    }
    std::unique_ptr<net::HttpServer> serve(net::Router router) {
        auto server =
            std::make_unique<net::HttpServer>(context_.get_executor(), std::move(router), net::ServerLimits{}, random_);
        if (server->listen("127.0.0.1", 0).has_error()) throw std::runtime_error("a test server cannot listen");
        servers_.spawn(async::asio::make_strand(context_), server->run());
        return server;
    }
    async::Task<> stop() {
        co_await twilio_->stop();
        co_await http_->stop();
        co_await speech_server_->stop(milliseconds(100));
        co_await alert_server_->stop(milliseconds(100));
        co_await servers_.stop();
    }

    async::asio::io_context context_{2};
    std::optional<async::asio::executor_work_guard<async::asio::io_context::executor_type>> keep_running_{
        std::in_place, context_.get_executor()};
    SystemClock clock_;
    SystemRandom random_;
    NoMetrics metrics_;
    ToneBook tones_;
    ToneVoice voice_{tones_};
    simulator::VoiceCache voices_{&voice_, {}};
    ToneServer tone_server_{tones_};
    AlertSink alert_sink_;
    LineWatch line_;
    std::optional<simulator::TwilioSimulator> twilio_;
    std::optional<net::HttpClient> http_;
    std::unique_ptr<net::HttpServer> speech_server_;
    std::unique_ptr<net::HttpServer> alert_server_;
    async::TaskGroup servers_{"test servers"};
    std::vector<std::jthread> threads_;
};

}  // namespace carevoice::tests
