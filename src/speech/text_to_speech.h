// Text-to-speech as an interface, and the Piper voice (sherpa-onnx) behind it.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/metrics.h"
#include "core/time.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::speech {

struct SpokenAudio {
    std::vector<float> samples;  ///< mono in [-1, 1]
    int sample_rate_hz = 22050;
};

/// Thread-safe.
class TextToSpeech {
public:
    virtual ~TextToSpeech() = default;
    /// `speed` 1.0 is the voice's own. Errors: invalid_input (no speakable text, over 2,000 characters), unavailable,
    /// timed_out, cancelled.
    virtual async::Task<Result<SpokenAudio>> speak(std::string text, double speed, Deadline deadline) = 0;
};

/// `folder` holds joe-medium.onnx, tokens.txt and espeak-ng-data. not_found when a file is missing. One sentence of 4 s
/// takes 0.5 s of a core; what was spoken lately (three minutes of audio) is kept and costs nothing. At most four texts
/// wait for each worker: over it, unavailable at once. Metrics: carevoice_tts_seconds,
/// carevoice_tts_jobs_total{outcome=ok|cached|timed_out|unavailable}.
Result<std::unique_ptr<TextToSpeech>> load_piper(const std::filesystem::path& folder, std::size_t workers,
                                                 Metrics& metrics);

}  // namespace carevoice::speech
