// Recordings as text: a whole file at once, or as a call would have heard it.
#pragma once

#include "async/task.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "core/metrics.h"
#include "speech/listener.h"
#include "speech/speech_to_text.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace carevoice::speech {

/// Mixed to one channel, at 16 kHz.
std::vector<float> recognisable(const audio::WavClip& clip);
/// Mixed to one channel, as a telephone line would carry it: 8 kHz mu-law.
std::vector<std::uint8_t> as_phone_audio(const audio::WavClip& clip);

/// Any length: cut at pauses into clips of at most 28 s. Segments are filled, their times are the file's. The first
/// error of the engine ends it.
async::Task<Result<Transcription>> transcribe_whole(SpeechToText& engine, std::vector<float> samples_16k,
                                                    TranscribeOptions options, Deadline deadline);

struct StreamedFile {
    std::vector<std::uint8_t> mulaw;
    Expectation expectation = Expectation::anything;
    std::string prompt;
    bool hang_up_at_end = true;  ///< the stream ends with the file; else two seconds of silence follow
};

/// Feeds the audio through a Listener in frames of 20 ms, as fast as the engine decodes: the clock is the audio's, as
/// if the engine took no time, so the result repeats itself. `on_heard` gets what a call would have got. Runs on the
/// caller's executor, which is a strand or has one thread; the references outlive it.
async::Task<> transcribe_streamed(SpeechToText& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
                                  StreamedFile file, std::function<void(Heard)> on_heard);

}  // namespace carevoice::speech
