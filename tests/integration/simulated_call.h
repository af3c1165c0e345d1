// A real service and a simulated Twilio in one process, over real sockets: for tests of whole calls.
#pragma once

#include "app/local_twilio.h"
#include "app/service.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

namespace carevoice::tests {

/// The voice speaks this many times faster than real; patients and pauses keep their real time.
inline constexpr double test_pace = 25;

struct HouseOptions {
    std::filesystem::path models_dir = CAREVOICE_MODELS_DIR;  ///< of the service; patients always have their voice
    std::function<void(app::Settings&)> adjust = {};          ///< the service's settings, before it starts
};

class SimulatedHouse {
public:
    explicit SimulatedHouse(const HouseOptions& options = {}) {
        SystemRandom random;
        folder_ = std::filesystem::temp_directory_path() / ("carevoice-test-" + random.hex(8));
        std::filesystem::create_directories(folder_);
        app::LocalTwilioOptions twilio_options;
        twilio_options.pace = test_pace;
        twilio_options.voice_folder = std::filesystem::path(CAREVOICE_MODELS_DIR) / "voice";
        // Shared by all tests and runs: speaking an answer costs more than playing it.
        twilio_options.cache_folder = std::filesystem::temp_directory_path() / "carevoice-test-voices";
        twilio = app::LocalTwilio::start(twilio_options).value();
        twilio->use_for(settings);
        settings.listen_port = 0;
        settings.data_dir = folder_;
        settings.models_dir = options.models_dir;
        if (options.adjust) options.adjust(settings);
        service = app::Service::start(settings).value();
    }

    ~SimulatedHouse() {
        service.reset();
        twilio.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    SimulatedHouse(const SimulatedHouse&) = delete;
    SimulatedHouse& operator=(const SimulatedHouse&) = delete;

    /// Plays one scenario; the conversation is in `conversation` afterwards.
    simulator::ScenarioReport play(const std::string& id, const std::string& mode = "updates") {
        simulator::RunOptions run;
        run.service = net::parse_url(service->origin()).value();
        run.scenarios_file = std::filesystem::path(CAREVOICE_SOURCE_DIR) / "scenarios" / "call-scenarios.json";
        run.names = {id};
        run.mode = mode;
        run.call_limit = std::chrono::seconds(150);
        std::ostringstream out;
        auto report = twilio->play(std::move(run), out);
        conversation = out.str();
        return std::move(report.value().scenarios.at(0));
    }

    app::Settings settings;
    std::unique_ptr<app::LocalTwilio> twilio;
    std::unique_ptr<app::Service> service;
    std::string conversation;

private:
    std::filesystem::path folder_;
};

}  // namespace carevoice::tests
