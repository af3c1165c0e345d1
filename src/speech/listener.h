// Hears one media stream: 20 ms mu-law frames in, utterances out. Voice activity, endpointing, speculative decoding.
#pragma once

#include "async/task.h"
#include "audio/voice_activity.h"
#include "core/metrics.h"
#include "core/time.h"
#include "speech/speech_to_text.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace carevoice::speech {

/// What kind of answer is awaited: a number ends sooner than a story.
enum class Expectation { anything, yes_no, number, temperature, date, name_and_date, choice, story };

/// How finished the words so far sound, given what was asked (whisper-streaming notes, section 3).
enum class Completeness { nothing, open, sentence, complete, trailing_off, thinking, red_flag };
Completeness judge_completeness(std::string_view text, Expectation expectation);
/// Silence after the last syllable that ends the utterance.
milliseconds endpoint_wait(Completeness completeness, Expectation expectation);

struct SpeechStarted {
    std::int64_t audio_ms = 0;  ///< within the stream
};
struct PartialText {
    std::string text;
    std::int64_t start_ms = 0;
};
struct Utterance {
    std::string text;  ///< may be empty: speech-like noise without words
    double confidence = 0;
    std::int64_t start_ms = 0;  ///< within the stream
    std::int64_t end_ms = 0;    ///< of the last syllable
    SteadyTime speech_ended{};  ///< when that syllable arrived: reply latency counts from here
    bool cut_off = false;       ///< the stream ended in it, within 200 ms (`speculate_after`) of a syllable
    bool failed = false;        ///< the engine could not be reached in time: `text` is empty though something was said
};
using Heard = std::variant<SpeechStarted, PartialText, Utterance>;

struct ListenerOptions {
    milliseconds pre_roll{400};         ///< audio kept from before the start of speech
    milliseconds speculate_after{200};  ///< silence that starts a decode in the hope that the utterance is over
    milliseconds speculate_early{160};  ///< the same while the engine has nothing else to do
    milliseconds utterance_max{25'000};
    milliseconds partial_every{2'000};  ///< for utterances over 4 s
    milliseconds decode_timeout{8'000};
    /// Frames stop coming in the middle of an utterance: from then on, wall time counts as silence. 0: never (for
    /// files, which come as fast as they can be decoded).
    milliseconds stall_after{500};
};

/// All functions on one strand. accept() never blocks and, in silence, never allocates. Time is counted in audio.
/// Metrics: carevoice_utterances_total{outcome=text|empty|failed},
/// carevoice_speculations_total{outcome=used|thrown_away} and carevoice_endpoint_seconds, from the last syllable to the
/// release of the utterance.
class Listener {
public:
    /// `on_heard` runs on the strand, utterances in order of speech; it may call expect(), nothing else. The references
    /// outlive the listener.
    Listener(async::Executor strand, SpeechToText& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
             ListenerOptions options, std::function<void(Heard)> on_heard);
    /// co_await finish() or stop() first.
    ~Listener();

    /// Takes effect with the next utterance; the running one too when it has no words yet.
    void expect(Expectation expectation, std::string prompt);

    /// One frame of 8 kHz mu-law (any length), after `silence_before_ms` of missing audio.
    void accept(std::span<const std::uint8_t> mulaw, std::uint64_t silence_before_ms);

    /// Words heard while muted are still transcribed and reported; this only marks them (echo of our own voice on
    /// speaker phones is filtered by the caller).
    [[nodiscard]] bool speaking() const noexcept;          ///< the patient is in an utterance right now
    [[nodiscard]] std::int64_t audio_ms() const noexcept;  ///< length of the stream so far

    /// Returns when no decode is under way: for files, so that the audio does not run ahead of the engine.
    async::Task<> settled();
    /// The stream has ended: transcribes and reports what was received, then returns. At most `decode_timeout`. Later
    /// audio is ignored.
    async::Task<> finish();
    /// Drops what is pending and returns when nothing runs any more.
    async::Task<> stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::speech
