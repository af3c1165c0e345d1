// A patient who lives at a number of the simulated network and answers whoever calls: for trying the service by hand.
#pragma once

#include "async/task.h"
#include "net/client.h"
#include "simulator/scenario_runner.h"

#include <filesystem>
#include <string>

namespace carevoice::simulator {

struct ResidentOptions {
    std::filesystem::path scenarios_file;
    std::string scenario = "sc-01";           ///< whose answers
    std::string patient_id = "test_patient";  ///< as the service knows them
    std::string phone = "+15555550100";
    net::Url service;
    std::string api_key;
};

/// Makes the patient known to the service and connects the telephone. Each call is printed to `parts.out` as it
/// happens. Errors: of the scenarios file, of the voice, of the service.
async::Task<Result<>> add_resident(ResidentOptions options, RunParts parts);

}  // namespace carevoice::simulator
