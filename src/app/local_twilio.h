// The simulator on threads of its own, for the commands that play calls on this machine.
#pragma once

#include "app/settings.h"
#include "core/error.h"
#include "core/random.h"
#include "core/time.h"
#include "simulator/recordings.h"
#include "simulator/scenario_runner.h"

#include <filesystem>
#include <memory>
#include <string>

namespace carevoice::app {

struct LocalTwilioOptions {
    double pace = 1;
    std::uint64_t seed = 1;
    std::uint16_t port = 0;              ///< 0: the kernel chooses
    std::filesystem::path voice_folder;  ///< models/voice
    std::filesystem::path cache_folder;  ///< of spoken answers
};

class LocalTwilio {
public:
    /// not_found when the patients' voice is missing (its remedy in the detail), unavailable when the port is taken.
    static Result<std::unique_ptr<LocalTwilio>> start(const LocalTwilioOptions& options);
    ~LocalTwilio();

    /// Makes `settings` call this simulator instead of Twilio, at any hour.
    void use_for(Settings& settings) const;
    [[nodiscard]] std::string base_url() const;
    void set_faults(simulator::Faults faults);
    [[nodiscard]] simulator::RecordingBook& recordings() const noexcept;

    /// Makes the first patient of `run.names` known to the service as "test_patient" and answers that telephone from
    /// then on, whoever has it called; the conversation is printed to `out`.
    Result<> add_test_patient(const simulator::RunOptions& run, std::ostream& out);

    /// Blocks until all scenarios are played.
    Result<simulator::RunReport> play(simulator::RunOptions options, std::ostream& out);

private:
    struct Parts;
    explicit LocalTwilio(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace carevoice::app
