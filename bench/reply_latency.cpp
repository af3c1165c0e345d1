// End of speech to reply, on the wire: from the last frame of a patient's answer leaving the simulated Twilio to the
// live-call update arriving there. One call at a time, or several: bench_reply_latency [calls at once] [rounds]
#include "app/json_log.h"
#include "app/local_twilio.h"
#include "app/service.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

namespace {

using namespace carevoice;

/// Patients who answer each question clearly: 13, 13 and 12 replies a round.
const std::vector<std::string> scenarios{"sc-01", "sc-02", "sc-04"};

int failed(const Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const int parallel = argc > 1 ? std::atoi(argv[1]) : 1;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 1;
    const app::JsonLog log_lines(LogLevel::error);

    app::LocalTwilioOptions options;
    options.pace = 10;
    options.voice_folder = std::filesystem::path(CAREVOICE_MODELS_DIR) / "voice";
    options.cache_folder = std::filesystem::temp_directory_path() / "carevoice-bench-voices";
    const auto twilio = app::LocalTwilio::start(options);
    if (twilio.has_error()) return failed(twilio.error());
    const auto data = std::filesystem::temp_directory_path() / ("carevoice-bench-" + SystemRandom().hex(6));

    app::Settings settings;
    (*twilio)->use_for(settings);
    settings.listen_port = 0;
    settings.data_dir = data;
    settings.models_dir = CAREVOICE_MODELS_DIR;
    auto service = app::Service::start(settings);
    if (service.has_error()) return failed(service.error());
    for (const auto& missing : (*service)->missing_parts()) std::fprintf(stderr, "missing: %s\n", missing.c_str());

    std::vector<milliseconds> latencies;
    for (int round = 0; round < rounds; ++round) {
        simulator::RunOptions run;
        run.service = net::parse_url((*service)->origin()).value();
        run.scenarios_file = std::filesystem::path(CAREVOICE_SOURCE_DIR) / "scenarios" / "call-scenarios.json";
        run.names = scenarios;
        run.parallel = parallel;
        run.seed = static_cast<std::uint64_t>(round) + 1;
        run.quiet = true;
        std::ostringstream out;
        const auto report = (*twilio)->play(std::move(run), out);
        if (report.has_error()) return failed(report.error());
        for (const auto sample : report->reply_latencies()) latencies.push_back(sample);
    }
    std::printf("reply latency, updates mode, %d call(s) at once, %zu replies: p50 %lld ms, p95 %lld ms, max %lld ms\n",
                parallel, latencies.size(), static_cast<long long>(simulator::percentile(latencies, 0.5).count()),
                static_cast<long long>(simulator::percentile(latencies, 0.95).count()),
                static_cast<long long>(simulator::percentile(latencies, 1.0).count()));
    service->reset();
    std::filesystem::remove_all(data);
    return latencies.size() >= 30 ? 0 : 1;
}
