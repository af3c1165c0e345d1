// One Whisper decoder: turns one clip into text, on the calling thread. Internal to the Whisper engine.
#pragma once

#include "core/error.h"
#include "speech/speech_to_text.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct whisper_context;
struct whisper_state;

namespace carevoice::speech {

struct FreeWhisperContext {
    void operator()(whisper_context* context) const noexcept;
};
/// The weights: read-only, shared by all decoders.
using WhisperContext = std::shared_ptr<whisper_context>;
/// Errc::not_found or corrupt.
Result<WhisperContext> load_whisper_context(const std::filesystem::path& model);

/// Not thread-safe. The text depends on the clip and the options alone.
class WhisperDecoder {
public:
    /// Errc::unavailable when memory is short.
    static Result<std::unique_ptr<WhisperDecoder>> make(WhisperContext context);

    /// `give_up` is asked after the encoder and after each token; when it says yes, Errc::cancelled. Other errors:
    /// invalid_input (over 30 s, unknown language), unavailable (out of memory).
    Result<Transcription> transcribe(const std::vector<float>& audio, const TranscribeOptions& options,
                                     const std::function<bool()>& give_up);

private:
    struct FreeState {
        void operator()(whisper_state* state) const noexcept;
    };
    struct Pass {
        int audio_ctx = 0;
        int tokens_max = 0;
        std::string prompt;
        bool timestamps = true;
        int beams = 1;
    };
    struct Draft {
        std::string text;  ///< without remarks about sounds
        std::vector<Segment> segments;
        double confidence = 0;
        double mean_log_probability = 0;
        bool hit_limit = false;
    };

    explicit WhisperDecoder(WhisperContext context) : context_(std::move(context)) {}
    bool make_state();
    Result<Draft> decode(const std::vector<float>& audio, const Pass& pass, const std::string& language,
                         const std::function<bool()>& give_up);
    Draft read_draft(const Pass& pass, std::int64_t clip_ms);
    Result<Draft> settle_repetition(Draft draft, const std::vector<float>& audio, Pass pass,
                                    const std::string& language, const std::function<bool()>& give_up);
    void look_again(Draft& draft, const std::vector<float>& audio, Pass pass, const std::string& language,
                    const std::function<bool()>& give_up);
    bool was_said(const Draft& draft);
    double no_speech_probability();

    WhisperContext context_;
    std::unique_ptr<whisper_state, FreeState> state_;
};

}  // namespace carevoice::speech
