#include "app/commands/commands.h"
#include "app/json_log.h"
#include "app/service.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

namespace carevoice::app {

namespace {

using namespace std::chrono_literals;

/// Live calls get this long to store their last words after SIGTERM.
constexpr milliseconds stop_grace = 10s;

Result<SettingTexts> read_env_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return Error{Errc::not_found, "cannot read " + path};
    std::stringstream text;
    text << file.rdbuf();
    return parse_env_file(text.str());
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

    boost::asio::io_context waiting;
    boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
    signals.async_wait([](auto, int) {});
    waiting.run();
    std::cerr << "stopping: live calls store their last words\n";
    (*service)->stop(stop_grace);
    return 0;
}

}  // namespace carevoice::app
