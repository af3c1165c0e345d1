#include "app/local_twilio.h"

#include "core/metrics.h"
#include "simulator/resident.h"
#include "speech/text_to_speech.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <thread>
#include <vector>

namespace carevoice::app {

namespace asio = async::asio;

/// Declared in the order of dependence.
struct LocalTwilio::Parts {
    Parts(const LocalTwilioOptions& options, std::unique_ptr<speech::TextToSpeech> voice_)
        : random(options.seed), voice(std::move(voice_)), voices(voice.get(), options.cache_folder) {
        simulator::TwilioOptions twilio_options;
        twilio_options.pace = options.pace;
        twilio_options.port = options.port;
        twilio.emplace(context.get_executor(), twilio_options, random, metrics);
        http.emplace(context.get_executor(), net::ClientOptions{}, random, metrics);
        // Paced audio wants its own thread: a frame that waits behind an HTTP parser is a late frame.
        for (int i = 0; i < 2; ++i) threads.emplace_back([this] { context.run(); });
    }

    ~Parts() {
        auto stop = [](Parts& parts) -> async::Task<> {
            co_await parts.twilio->stop();
            co_await parts.http->stop();
        };
        asio::co_spawn(asio::make_strand(context), stop(*this), asio::use_future).wait();
        keep_running.reset();
        threads.clear();
    }

    asio::io_context context{2};
    asio::executor_work_guard<asio::io_context::executor_type> keep_running{context.get_executor()};
    SystemClock clock;
    SeededRandom random;
    NoMetrics metrics;
    std::unique_ptr<speech::TextToSpeech> voice;
    simulator::VoiceCache voices;
    std::optional<simulator::TwilioSimulator> twilio;
    std::optional<net::HttpClient> http;
    std::vector<std::jthread> threads;
};

LocalTwilio::LocalTwilio(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LocalTwilio::~LocalTwilio() = default;

Result<std::unique_ptr<LocalTwilio>> LocalTwilio::start(const LocalTwilioOptions& options) {
    static NoMetrics no_metrics;
    auto voice = speech::load_piper(options.voice_folder, 1, no_metrics);
    if (voice.has_error())
        return Error{voice.error().code, "the simulated patients have no voice: " + voice.error().detail +
                                             "; run ./dev setup, or set MODELS_DIR to the folder of the models"};
    auto parts = std::make_unique<Parts>(options, std::move(*voice));
    if (const auto started = parts->twilio->start(); started.has_error()) return started.error();
    return std::unique_ptr<LocalTwilio>(new LocalTwilio(std::move(parts)));
}

std::string LocalTwilio::base_url() const {
    return parts_->twilio->base_url();
}

void LocalTwilio::set_faults(simulator::Faults faults) {
    parts_->twilio->set_faults(faults);
}

simulator::RecordingBook& LocalTwilio::recordings() const noexcept {
    return parts_->twilio->recordings();
}

void LocalTwilio::use_for(Settings& settings) const {
    const auto& options = parts_->twilio->options();
    settings.twilio_account_sid = options.account_sid;
    settings.twilio_auth_token = options.auth_token;
    settings.twilio_phone_number = options.phone_number;
    settings.callback_number = options.phone_number;
    settings.twilio_api_base_url = base_url();
    settings.twilio_webhook_url.clear();
    settings.calling_hours = {0, 24 * 60};
    settings.calls_per_second = 50;
    settings.retry_calls = false;  // a scenario is one call
}

Result<> LocalTwilio::add_test_patient(const simulator::RunOptions& run, std::ostream& out) {
    simulator::RunParts parts{
        .twilio = *parts_->twilio, .http = *parts_->http, .voices = parts_->voices, .clock = parts_->clock, .out = out};
    simulator::ResidentOptions resident;
    resident.scenarios_file = run.scenarios_file;
    resident.scenario = run.names.empty() ? "sc-01" : run.names.front();
    resident.service = run.service;
    resident.api_key = run.api_key;
    auto work = simulator::add_resident(std::move(resident), parts);
    return asio::co_spawn(asio::make_strand(parts_->context), std::move(work), asio::use_future).get();
}

Result<simulator::RunReport> LocalTwilio::play(simulator::RunOptions options, std::ostream& out) {
    simulator::RunParts parts{
        .twilio = *parts_->twilio, .http = *parts_->http, .voices = parts_->voices, .clock = parts_->clock, .out = out};
    auto run = simulator::run_scenarios(std::move(options), parts);
    return asio::co_spawn(asio::make_strand(parts_->context), std::move(run), asio::use_future).get();
}

}  // namespace carevoice::app
