// Speech-to-text as an interface: Whisper in this process, or a server that speaks OpenAI's transcription API.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::speech {

/// 16 kHz mono samples in [-1, 1], shared so that a queued job needs no copy.
using Samples16k = std::shared_ptr<const std::vector<float>>;

struct TranscribeOptions {
    std::string language = "en";
    std::string prompt;  ///< biasing words ("oxycodone, Eliquis"); empty for short answers: prompts make those loop
    bool word_details = false;  ///< also fill `segments`
    bool second_look = true;    ///< decode doubtful words again with a wider search; left out when jobs wait
    bool urgent = true;         ///< before the work that is not (recordings, files)
};

struct Segment {
    std::string text;
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
    double confidence = 0;
};

/// `text` is empty when nothing was said: silence, noise and known phantom phrases are filtered out.
struct Transcription {
    std::string text;
    double confidence = 0;  ///< 0 to 1: mean probability of the text tokens
    std::vector<Segment> segments;
    milliseconds took{0};  ///< in the engine, without waiting
    milliseconds waited{0};
};

/// Thread-safe.
class SpeechToText {
public:
    virtual ~SpeechToText() = default;

    /// Errors: unavailable (queue full, engine down), timed_out, cancelled, invalid_input (over 30 s of audio: cut it).
    /// A job whose deadline has passed before it began is dropped.
    virtual async::Task<Result<Transcription>> transcribe(Samples16k audio, TranscribeOptions options,
                                                          Deadline deadline) = 0;

    /// Jobs that wait or run: for admission.
    [[nodiscard]] virtual std::size_t load() const noexcept = 0;
    /// Jobs at once.
    [[nodiscard]] virtual std::size_t workers() const noexcept = 0;
};

}  // namespace carevoice::speech
