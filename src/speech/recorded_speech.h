// What was said in one channel of a recording, found and transcribed when nobody on the phone needs the recogniser.
#pragma once

#include "async/task.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "core/time.h"
#include "speech/speech_to_text.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace carevoice::speech {

struct SpeechSpan {
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
};

/// Where somebody speaks in the channel: pauses of 0.7 s part the spans, none is longer than 20 s. Blocks for up to a
/// hundredth of the audio's length.
std::vector<SpeechSpan> find_speech(audio::VoiceDetectorPool& detectors, const audio::WavClip& clip,
                                    std::size_t channel);

struct RecordedUtterance {
    std::string text;  ///< never empty
    double confidence = 0;
    std::int64_t start_ms = 0;  ///< within the recording
};

/// Transcribes the spans one by one, each only once the engine has nothing else to do: a patient on the phone waits for
/// one span at most. The first error of the engine ends it. The references outlive it.
async::Task<Result<std::vector<RecordedUtterance>>> transcribe_when_idle(SpeechToText& engine,
                                                                         const audio::WavClip& clip,
                                                                         std::size_t channel,
                                                                         std::vector<SpeechSpan> spans,
                                                                         Deadline deadline);

}  // namespace carevoice::speech
