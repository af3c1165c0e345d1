#include "app/commands/commands.h"
#include "app/json_log.h"
#include "app/local_twilio.h"
#include "app/service.h"
#include "net/client.h"

#include <filesystem>
#include <iostream>

namespace carevoice::app {

namespace {

/// A folder that goes with the command: the data of a service that lives for one run.
class TemporaryFolder {
public:
    TemporaryFolder() {
        SystemRandom random;
        path_ = std::filesystem::temp_directory_path() / ("carevoice-" + random.hex(8));
        std::filesystem::create_directories(path_);
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

int list_scenarios(const std::string& file) {
    const auto loaded = simulator::load_scenarios(file);
    if (loaded.has_error()) {
        std::cerr << loaded.error().detail << '\n';
        return 1;
    }
    for (const auto& scenario : loaded->scenarios)
        std::cout << scenario.id << "  " << scenario.call_type << "  " << scenario.title << '\n';
    return 0;
}

void print_latency(const simulator::RunReport& report) {
    const auto samples = report.reply_latencies();
    if (samples.empty()) return;
    std::cout << "reply latency over " << samples.size() << " replies (last frame of an answer to live update): p50 "
              << simulator::percentile(samples, 0.5).count() << " ms, p95 "
              << simulator::percentile(samples, 0.95).count() << " ms\n";
}

}  // namespace

int simulate(const Settings& settings, const SimulateCommand& command) {
    if (command.list) return list_scenarios(command.scenarios_file);
    const JsonLog log_lines(settings.log_level == LogLevel::info ? LogLevel::warning : settings.log_level);
    LocalTwilioOptions options;
    options.pace = command.pace;
    options.seed = command.seed;
    options.voice_folder = settings.models_dir / "voice";
    options.cache_folder = settings.data_dir / "voices";
    const auto twilio = LocalTwilio::start(options);
    if (twilio.has_error()) {
        std::cerr << twilio.error().detail << '\n';
        return 1;
    }

    const TemporaryFolder folder;
    std::unique_ptr<Service> service;
    std::string origin = command.server;
    if (origin.empty()) {
        Settings own = settings;
        (*twilio)->use_for(own);
        own.listen_address = "127.0.0.1";
        own.listen_port = 0;
        own.admin_api_key.clear();
        own.data_dir = folder.path();
        own.database_url.clear();
        auto started = Service::start(own);
        if (started.has_error()) {
            std::cerr << "cannot start the service: " << started.error().detail << '\n';
            return 1;
        }
        service = std::move(*started);
        for (const auto& missing : service->missing_parts()) std::cerr << "missing: " << missing << '\n';
        origin = service->origin();
    }
    const auto url = net::parse_url(origin);
    if (url.has_error()) {
        std::cerr << "--server: " << url.error().detail << '\n';
        return 2;
    }

    simulator::RunOptions run;
    run.service = *url;
    run.api_key = command.api_key;
    run.scenarios_file = command.scenarios_file;
    run.names = command.scenarios.empty() ? std::vector<std::string>{"sc-01"} : command.scenarios;
    run.mode = command.mode;
    run.parallel = command.parallel;
    run.seed = command.seed;
    const auto report = (*twilio)->play(std::move(run), std::cout);
    if (report.has_error()) {
        std::cerr << report.error().detail << '\n';
        return 1;
    }
    print_latency(*report);
    return report->passed() ? 0 : 1;
}

}  // namespace carevoice::app
