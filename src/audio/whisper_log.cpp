#include "audio/whisper_log.h"

#include "core/log.h"
#include "core/text.h"

#include <whisper.h>

#include <mutex>

namespace carevoice::audio {

namespace {

void forward(ggml_log_level level, const char* text, void*) {
    // Levels below tell about tensors and timings; none of them ever holds a transcript, but none is needed either.
    if (level != GGML_LOG_LEVEL_WARN && level != GGML_LOG_LEVEL_ERROR) return;
    log(LogLevel::debug, "whisper.cpp says", {{"message", trim(text)}});
}

}  // namespace

void route_whisper_log() {
    static std::once_flag once;
    std::call_once(once, [] { whisper_log_set(forward, nullptr); });
}

}  // namespace carevoice::audio
