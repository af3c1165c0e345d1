// whisper.cpp writes to one log for the whole process, on standard error by default.
#pragma once

namespace carevoice::audio {

/// Sends whisper.cpp's warnings and errors to our log at debug level and drops the rest. Thread-safe; the first call
/// does the work.
void route_whisper_log();

}  // namespace carevoice::audio
