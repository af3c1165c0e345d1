// Whisper (whisper.cpp) behind SpeechToText: one model, one state and thread per worker.
#pragma once

#include "core/metrics.h"
#include "speech/speech_to_text.h"

#include <filesystem>
#include <memory>

namespace carevoice::speech {

struct WhisperOptions {
    std::filesystem::path model;  ///< a ggml file: models/ggml-base.bin
    std::size_t workers = 1;
    std::size_t queue_max = 32;  ///< jobs that wait; over it: Errc::unavailable
};

/// Loads the model (about 150 MB for base, under a second) and starts the workers. Errors: not_found (no such file; the
/// detail says how to get it), corrupt. The result is deterministic: text depends on the clip alone, never on earlier
/// clips of the same worker (flash attention stays off; its padded rows would leak one caller's audio into another's).
Result<std::unique_ptr<SpeechToText>> load_whisper(const WhisperOptions& options, Metrics& metrics);

}  // namespace carevoice::speech
