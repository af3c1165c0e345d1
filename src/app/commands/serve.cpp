#include "app/commands/commands.h"
#include "app/json_log.h"
#include "app/service.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

namespace carevoice::app {

namespace {

using namespace std::chrono_literals;

/// Requests in progress get this long to end.
constexpr milliseconds stop_grace = 10s;
constexpr milliseconds drain_step = 100ms;

Result<SettingTexts> read_env_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return Error{Errc::not_found, "cannot read " + path};
    std::stringstream text;
    text << file.rdbuf();
    return parse_env_file(text.str());
}

/// Waits for SIGTERM or SIGINT, then for the end of live calls. True in good order; false when a second signal came.
bool wait_for_end(Service& service, std::chrono::seconds drain_time) {
    boost::asio::io_context waiting;
    boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
    int count = 0;
    const std::function<void(boost::system::error_code, int)> on_signal = [&](boost::system::error_code failure, int) {
        if (!failure && ++count == 1) signals.async_wait(on_signal);
    };
    signals.async_wait(on_signal);
    while (count == 0) waiting.run_one();
    service.drain();
    std::cerr << "going down: " << service.live_calls() << " live calls have " << drain_time.count()
              << " s to end; a second signal stops at once\n";
    const auto until = std::chrono::steady_clock::now() + drain_time;
    while (count == 1 && service.live_calls() > 0 && std::chrono::steady_clock::now() < until)
        waiting.run_one_for(drain_step);
    return count == 1;
}

}  // namespace

std::optional<Settings> read_settings(const std::string& env_file, std::ostream& complaints) {
    SettingTexts from_file;
    // Without --env-file a .env in the working folder is read when there is one.
    const std::string path = env_file.empty() ? ".env" : env_file;
    if (!env_file.empty() || std::ifstream(path)) {
        auto read = read_env_file(path);
        if (read.has_error()) {
            complaints << path << ": " << read.error().detail << '\n';
            return std::nullopt;
        }
        from_file = std::move(*read);
    }
    auto loaded = load_settings(from_file, settings_from_environment());
    for (const auto& problem : loaded.problems) complaints << problem.name << " " << problem.what << '\n';
    if (!loaded.problems.empty()) return std::nullopt;
    for (const auto& warning : loaded.warnings) complaints << "warning: " << warning << '\n';
    return loaded.settings;
}

int serve(const std::string& env_file) {
    const auto settings = read_settings(env_file, std::cerr);
    if (!settings) return 2;
    const JsonLog log_lines(settings->log_level);
    auto service = Service::start(*settings);
    if (service.has_error()) {
        std::cerr << "cannot start: " << service.error().detail << '\n';
        return 1;
    }
    for (const auto& missing : (*service)->missing_parts()) std::cerr << "missing: " << missing << '\n';
    std::cerr << "carevoice listens at " << (*service)->origin() << '\n';

    const bool in_order = wait_for_end(**service, std::chrono::seconds(settings->drain_seconds));
    std::cerr << "stopping: live calls store their last words\n";
    (*service)->stop(in_order ? stop_grace : 0s);
    return 0;
}

}  // namespace carevoice::app
