#include "app/commands/commands.h"
#include "app/json_log.h"
#include "app/local_twilio.h"
#include "app/service.h"
#include "net/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>

namespace carevoice::app {

namespace {

using namespace std::chrono_literals;

void say_what_to_try(const std::string& origin) {
    std::cout << "\nThe service stays up at " << origin << "; Ctrl-C ends it. In another terminal, for example:\n"
              << "  curl -X POST \"" << origin << "/api/v1/calls/initiate\" -H \"Content-Type: application/json\" \\\n"
              << "    -d '{\"patient_id\": \"test_patient\", \"call_session_id\": \"test_session_123\", \"call_type\": "
                 "\"followup\"}'\n"
              << "  curl " << origin << "/api/v1/calls/status/test_session_123\n"
              << "  curl " << origin << "/api/v1/calls/transcripts/test_session_123\n"
              << std::flush;
}

void wait_for_signal() {
    boost::asio::io_context waiting;
    boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
    signals.async_wait([](auto, int) {});
    waiting.run();
}

}  // namespace

int demo(const Settings& settings, const DemoCommand& command) {
    const JsonLog log_lines(settings.log_level == LogLevel::info ? LogLevel::warning : settings.log_level);
    LocalTwilioOptions options;
    options.pace = command.pace;
    options.voice_folder = settings.models_dir / "voice";
    options.cache_folder = settings.data_dir / "voices";
    const auto twilio = LocalTwilio::start(options);
    if (twilio.has_error()) {
        std::cerr << twilio.error().detail << '\n';
        return 1;
    }
    Settings own = settings;
    (*twilio)->use_for(own);
    auto started = Service::start(own);
    if (started.has_error()) {
        std::cerr << "cannot start: " << started.error().detail << '\n';
        return 1;
    }
    const auto& service = *started;
    for (const auto& missing : service->missing_parts()) std::cerr << "missing: " << missing << '\n';
    std::cout << "carevoice listens at " << service->origin() << " and calls a simulated Twilio\n\n" << std::flush;

    simulator::RunOptions run;
    run.service = net::parse_url(service->origin()).value();
    run.api_key = own.admin_api_key;
    run.scenarios_file = command.scenarios_file;
    run.names = {command.scenario};
    const auto added = (*twilio)->add_test_patient(run, std::cout);
    if (added.has_error()) {
        std::cerr << "cannot add the demo patient: " << added.error().detail << '\n';
        return 1;
    }
    const auto report = (*twilio)->play(run, std::cout);
    if (report.has_error()) {
        std::cerr << report.error().detail << '\n';
        return 1;
    }
    if (command.once) return report->passed() ? 0 : 1;
    say_what_to_try(service->origin());
    wait_for_signal();
    service->stop(10s);
    return report->passed() ? 0 : 1;
}

}  // namespace carevoice::app
