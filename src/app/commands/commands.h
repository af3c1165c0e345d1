// What each word of the command line does. Every function returns the exit code: 0 done, 1 failed, 2 wrong usage.
#pragma once

#include "app/settings.h"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace carevoice::app {

/// The settings of a command that needs them; prints all problems and gives nullopt when there are any.
std::optional<Settings> read_settings(const std::string& env_file, std::ostream& complaints);

/// Starts the service and stays until SIGINT or SIGTERM.
int serve(const std::string& env_file);

struct AnalyzeCommand {
    std::string readers = "both";  ///< rules, or both: the second reader, too
    std::filesystem::path encoder = "models/sentence-encoder";
    bool assertions = false;  ///< lines hold a sentence and a span of it instead of an utterance
};
/// Reads JSON Lines from `in`, writes one per line to `out`; a line at fault is reported with its number.
int analyze(const AnalyzeCommand& command, std::istream& in, std::ostream& out, std::ostream& complaints);

struct TranscribeCommand {
    std::vector<std::string> files;
    bool stream = false;
    std::string prompt;  ///< words to expect
};
/// A JSON line a file, or with `stream` one an utterance.
int transcribe(const Settings& settings, const TranscribeCommand& command, std::ostream& out, std::ostream& complaints);

struct DoctorCommand {
    std::string env_file;
    std::string signature;  ///< with `url` (and `form`): which spelling of the URL it fits
    std::string url;
    std::string form;
};
int doctor(const DoctorCommand& command, std::ostream& out);

/// Brings the database up to date, or with `only_show` says what is applied and pending.
int migrate(const Settings& settings, bool only_show, std::ostream& out, std::ostream& complaints);

struct SimulateCommand {
    std::vector<std::string> scenarios;  ///< ids such as "sc-01", or "all"
    std::string server;                  ///< origin of a running service; empty: one is started in this process
    std::string api_key;
    std::string mode;
    double pace = 1;
    int parallel = 1;
    std::uint64_t seed = 1;
    std::string scenarios_file = "scenarios/call-scenarios.json";
    bool list = false;
};
int simulate(const Settings& settings, const SimulateCommand& command);

/// `./dev run`: the service with demo patients and a simulated Twilio, and one call to watch.
struct DemoCommand {
    bool once = false;
    double pace = 1;
    std::string scenario = "sc-01";
    std::string scenarios_file = "scenarios/call-scenarios.json";
};
int demo(const Settings& settings, const DemoCommand& command);

/// The whole command line.
int run_command_line(int argc, const char* const* argv);

}  // namespace carevoice::app
