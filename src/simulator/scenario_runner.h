// Plays scripted patients against a running service and judges how it did.
#pragma once

#include "async/task.h"
#include "async/task_group.h"
#include "core/time.h"
#include "net/client.h"
#include "simulator/expectations.h"
#include "simulator/scenario.h"
#include "simulator/service_client.h"
#include "simulator/twilio_simulator.h"
#include "simulator/voice_cache.h"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carevoice::simulator {

struct RunOptions {
    net::Url service;     ///< where the service's API answers
    std::string api_key;  ///< empty: open
    std::filesystem::path scenarios_file;
    std::vector<std::string> names;  ///< ids ("sc-01") or titles; "all" or nothing: every one
    std::string mode;                ///< "updates", "stream", "gather"; empty: the service's default
    int parallel = 1;                ///< calls at a time
    std::uint64_t seed = 1;
    int first_phone = 101;  ///< +1555555NNNN of the first scenario; the others follow
    milliseconds call_limit{600'000};
    CheckOptions checks = {};
    bool quiet = false;  ///< PASS and FAIL lines only
};

/// All of it outlives the runner. The simulator has been started, and the service calls it.
struct RunParts {
    TwilioSimulator& twilio;
    net::HttpClient& http;
    VoiceCache& voices;
    const Clock& clock;
    std::ostream& out;
};

struct ScenarioReport {
    std::string id;
    std::string title;
    std::string call_session_id;
    std::vector<std::string> broken;  ///< expectations, in words; empty: passed
    CallEvidence evidence;
    std::vector<milliseconds> reply_latencies;  ///< last frame of an answer sent → reply arrived at Twilio
    milliseconds duration{0};                   ///< of the call, from answer to end

    [[nodiscard]] bool passed() const noexcept { return broken.empty(); }
};

struct RunReport {
    std::vector<ScenarioReport> scenarios;

    [[nodiscard]] bool passed() const noexcept;
    /// Of all calls; those of mumbling patients and machines are left out, where waiting is what the service should do.
    [[nodiscard]] std::vector<milliseconds> reply_latencies() const;
};

/// Nearest rank; zero for no samples. `share` 0.5 is the median.
milliseconds percentile(std::vector<milliseconds> samples, double share);

class ScenarioRunner {
public:
    ScenarioRunner(RunOptions options, RunParts parts);

    /// Plays all, prints as it goes. not_found or corrupt: the scenarios file; not_found also an unknown name.
    async::Task<Result<RunReport>> run();
    /// Ends run() early. Needed before destruction only when run() was cancelled.
    async::Task<> stop();

private:
    async::Task<> work();

    RunOptions options_;
    RunParts parts_;
    std::shared_ptr<ServiceClient> service_;
    std::string run_id_;
    ScenarioFile file_;
    std::mutex mutex_;
    std::vector<std::size_t> waiting_;  ///< indices into file_.scenarios, last first
    RunReport report_;
    async::TaskGroup group_{"scenario workers"};
};

/// All in one.
async::Task<Result<RunReport>> run_scenarios(RunOptions options, RunParts parts);

}  // namespace carevoice::simulator
