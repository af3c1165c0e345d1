// A small real HTTP server that answers as scripted, and a client room to call it with.
#pragma once

#include "async/task_group.h"
#include "core/random.h"
#include "net/client.h"
#include "net/server.h"
#include "support/counting_metrics.h"
#include "twilio/call_recordings.h"
#include "twilio/rest_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::twilio::tests {

inline const std::string account_sid = "AC00000000000000000000000000000001";
inline const std::string auth_token = "0123456789abcdef0123456789abcdef";

class FakeApi {
public:
    FakeApi() : client_(context_.get_executor(), {}, random_, metrics_), tasks_("fake api") {
        net::Router router;
        const std::string account = "/2010-04-01/Accounts/{account}";
        for (const std::string& path : {account, account + "/{file}", account + "/Calls/{file}",
                                        "/prefix" + account + "/{file}", account + "/Calls/{call}/{file}",
                                        account + "/Calls/{call}/Recordings/{file}", account + "/Recordings/{file}"})
            for (const char* method : {"GET", "POST", "DELETE"})
                router.on(method, path, [this](net::HttpRequest request) { return answer(std::move(request)); });
        server_ =
            std::make_unique<net::HttpServer>(context_.get_executor(), std::move(router), net::ServerLimits{}, random_);
        if (server_->listen("127.0.0.1", 0).has_error()) throw std::runtime_error("cannot listen");
        tasks_.spawn(context_.get_executor(), server_->run());
        thread_ = std::jthread([this] { context_.run(); });
        telephony_ = telephony_at(server_->port());
        recordings_ = make_recordings_client({account_sid, auth_token}, {"http", "127.0.0.1", server_->port(), "/"},
                                             client_, metrics_);
    }

    ~FakeApi() {
        ask(client_.stop());
        ask(server_->stop(milliseconds{0}));
        ask(tasks_.stop());
        work_.reset();
    }
    FakeApi(const FakeApi&) = delete;
    FakeApi& operator=(const FakeApi&) = delete;

    /// The next answers, in order; after the last: 500.
    void answers(int status, std::string body, net::Headers headers = {}) {
        const std::lock_guard lock(mutex_);
        script_.push_back(net::HttpResponse{status, std::move(headers), std::move(body)});
    }
    /// The next request is read and never answered.
    void falls_silent() { answers(silence, ""); }

    std::vector<net::HttpRequest> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

    template <class T>
    T ask(async::Task<T> task) {
        return async::asio::co_spawn(context_, std::move(task), async::asio::use_future).get();
    }

    std::unique_ptr<Telephony> telephony_at(std::uint16_t port, std::string path = "/") {
        net::Url base{"http", "127.0.0.1", port, std::move(path)};
        return make_rest_client({account_sid, auth_token}, std::move(base), client_, metrics_);
    }

    Telephony& telephony() { return *telephony_; }
    CallRecordings& recordings() { return *recordings_; }
    carevoice::tests::CountingMetrics& metrics() { return metrics_; }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

private:
    static constexpr int silence = -1;

    async::Task<net::HttpResponse> answer(net::HttpRequest request) {
        net::HttpResponse next{500, {}, "no more answers"};
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(std::move(request));
            if (!script_.empty()) {
                next = std::move(script_.front());
                script_.pop_front();
            }
        }
        if (next.status == silence) {
            (void)co_await async::sleep_for(std::chrono::hours(1));
            next.status = 500;
        }
        co_return next;
    }

    async::asio::io_context context_;
    async::asio::executor_work_guard<async::asio::io_context::executor_type> work_{context_.get_executor()};
    SystemRandom random_;
    carevoice::tests::CountingMetrics metrics_;
    net::HttpClient client_;
    std::unique_ptr<net::HttpServer> server_;
    std::unique_ptr<Telephony> telephony_;
    std::unique_ptr<CallRecordings> recordings_;
    std::mutex mutex_;
    std::deque<net::HttpResponse> script_;
    std::vector<net::HttpRequest> requests_;
    std::jthread thread_;
    async::TaskGroup tasks_;
};

}  // namespace carevoice::twilio::tests
