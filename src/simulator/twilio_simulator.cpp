#include "simulator/twilio_simulator.h"

#include "async/task_group.h"
#include "net/server.h"
#include "simulator/call_engine.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <map>
#include <mutex>
#include <utility>

namespace carevoice::simulator {

namespace {

/// Slow answers are a fault that we play on purpose; the server must not cut them short.
net::ServerLimits server_limits() {
    net::ServerLimits limits;
    limits.request_timeout = milliseconds{90'000};
    return limits;
}

net::ClientOptions client_options() {
    net::ClientOptions options;
    // Certificates of a service on this machine are its own.
    options.verify_certificates = false;
    options.connections_per_origin = 256;
    return options;
}

}  // namespace

class TwilioSimulator::Impl final : public Switchboard {
public:
    Impl(async::Executor executor, TwilioOptions options, Random& random, Metrics& metrics)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          faults_(options_.faults, random),
          observer_([this](const CallEvent& event) { hub_.tell(event); }),
          http_(executor_, client_options(), random, metrics),
          webhooks_(http_, random, options_.auth_token),
          rest_(options_, book_, faults_, *this, random),
          recording_rest_(options_, book_, recordings_, faults_, *this, random),
          server_(executor_, routes(), server_limits(), random),
          group_("simulated calls"),
          parts_{options_, book_, recordings_, phones_, faults_, webhooks_, http_, random, group_, observer_} {}

    Result<> start() {
        const auto listening = server_.listen(options_.address, options_.port);
        if (!listening) return listening.error();
        group_.spawn(boost::asio::make_strand(executor_), server_.run());
        return {};
    }

    async::Task<> stop() {
        co_await server_.stop(milliseconds{100});
        co_await group_.stop();
        co_await http_.stop();
    }

    void start_call(CallRecord record) override {
        auto engine = std::make_shared<CallEngine>(parts_, boost::asio::make_strand(executor_), record);
        {
            const std::lock_guard lock(mutex_);
            std::erase_if(engines_, [](const auto& entry) { return entry.second.expired(); });
            engines_.insert_or_assign(record.sid, engine);
        }
        book_.add(std::move(record));
        auto life = engine->run(engine);
        group_.spawn(engine->strand(), std::move(life));
    }

    bool send(const std::string& sid, LineEvent event) override {
        const auto engine = find_engine(sid);
        if (!engine) return false;
        engine->post(std::move(event));
        return true;
    }

    void recording_changed(const std::string& sid, const std::string& recording_sid, bool ends) override {
        const auto engine = find_engine(sid);
        if (!engine) return;
        boost::asio::post(engine->strand(),
                          [engine, recording_sid, ends] { engine->recording_changed(recording_sid, ends); });
    }

    std::shared_ptr<CallEngine> find_engine(const std::string& sid) {
        const std::lock_guard lock(mutex_);
        const auto found = engines_.find(sid);
        return found == engines_.end() ? nullptr : found->second.lock();
    }

    async::Executor executor_;
    const TwilioOptions options_;
    FaultBox faults_;
    PhoneBook phones_;
    CallEventHub hub_;
    CallObserver observer_;
    CallBook book_;
    RecordingBook recordings_;
    net::HttpClient http_;
    WebhookClient webhooks_;
    RestApi rest_;
    RecordingApi recording_rest_;
    net::HttpServer server_;
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<CallEngine>> engines_;
    async::TaskGroup group_;
    EngineParts parts_;

private:
    net::Router routes() {
        net::Router router;
        rest_.add_routes(router);
        recording_rest_.add_routes(router);
        return router;
    }
};

TwilioSimulator::TwilioSimulator(async::Executor executor, TwilioOptions options, Random& random, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options), random, metrics)) {}

TwilioSimulator::~TwilioSimulator() = default;

Result<> TwilioSimulator::start() {
    return impl_->start();
}

std::string TwilioSimulator::base_url() const {
    return "http://" + impl_->options_.address + ":" + std::to_string(port());
}

std::uint16_t TwilioSimulator::port() const {
    return impl_->server_.port();
}

async::Task<> TwilioSimulator::stop() {
    return impl_->stop();
}

PhoneBook& TwilioSimulator::phones() noexcept {
    return impl_->phones_;
}

void TwilioSimulator::watch(std::string number, CallObserver observer) {
    impl_->hub_.watch(std::move(number), std::move(observer));
}

void TwilioSimulator::set_faults(Faults faults) {
    impl_->faults_.set(faults);
}

const TwilioOptions& TwilioSimulator::options() const noexcept {
    return impl_->options_;
}

std::vector<CallRecord> TwilioSimulator::calls() const {
    return impl_->book_.all();
}

RecordingBook& TwilioSimulator::recordings() noexcept {
    return impl_->recordings_;
}

std::vector<SentMessage> TwilioSimulator::messages() const {
    return impl_->rest_.messages();
}

}  // namespace carevoice::simulator
