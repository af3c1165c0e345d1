// Looks at a Whisper model file before whisper.cpp does. Internal to the Whisper engine.
#pragma once

#include "core/error.h"

#include <filesystem>

namespace carevoice::speech {

/// Walks the whole file without keeping it. whisper.cpp ends the process on impossible sizes, and on a file that stops
/// too early it loses the memory of what it had read. Errc::not_found, or corrupt.
Result<> check_whisper_file(const std::filesystem::path& model);

}  // namespace carevoice::speech
