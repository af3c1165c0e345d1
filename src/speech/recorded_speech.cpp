#include "speech/recorded_speech.h"

#include "audio/mulaw.h"
#include "audio/resampler.h"
#include "speech/transcribe_file.h"
#include "speech/voice_tracker.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace carevoice::speech {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t samples_per_ms = audio::phone_rate_hz / 1'000;
constexpr std::int64_t pause = 700 * samples_per_ms;
constexpr std::int64_t span_max = 20'000 * samples_per_ms;
/// Heard before and after what the detector takes for speech, so that no syllable is cut.
constexpr std::int64_t margin_ms = 200;
constexpr milliseconds idle_look{100};
constexpr milliseconds decode_max{30'000};
constexpr int recognised_rate = 16'000;

audio::WavClip one_channel(const audio::WavClip& clip, std::size_t channel, std::size_t from, std::size_t to) {
    audio::WavClip one{.sample_rate_hz = clip.sample_rate_hz, .channels = 1, .samples = {}};
    to = std::min(to, clip.frames());
    for (std::size_t frame = std::min(from, to); frame < to; ++frame)
        one.samples.push_back(clip.samples[frame * clip.channels + channel]);
    return one;
}

Samples16k samples_of(const audio::WavClip& clip, std::size_t channel, const SpeechSpan& span) {
    const auto frame_at = [&clip](std::int64_t ms) {
        return static_cast<std::size_t>(std::max<std::int64_t>(0, ms) * clip.sample_rate_hz / 1'000);
    };
    const auto piece =
        one_channel(clip, channel, frame_at(span.start_ms - margin_ms), frame_at(span.end_ms + margin_ms));
    return std::make_shared<const std::vector<float>>(
        audio::resample(piece.samples, piece.sample_rate_hz, recognised_rate));
}

/// Errc::timed_out when the engine is busy until then.
async::Task<Result<>> wait_until_idle(SpeechToText& engine, Deadline deadline) {
    while (engine.load() > 0) {
        if (deadline.passed(std::chrono::steady_clock::now()))
            co_return Error{Errc::timed_out, "the recogniser is busy with calls"};
        if (const auto slept = co_await async::sleep_for(idle_look); slept.has_error()) co_return slept.error();
    }
    co_return Result<>{};
}

}  // namespace

std::vector<SpeechSpan> find_speech(audio::VoiceDetectorPool& detectors, const audio::WavClip& clip,
                                    std::size_t channel) {
    const auto mulaw = as_phone_audio(one_channel(clip, channel, 0, clip.frames()));
    std::vector<SpeechSpan> spans;
    VoiceTracker tracker(detectors, 300ms);
    const auto end_span = [&](std::int64_t end) {
        spans.push_back({tracker.speech_start() / samples_per_ms, end / samples_per_ms});
        tracker.close(end);
    };
    for (std::size_t at = 0; at < mulaw.size(); at += VoiceTracker::frame_max) {
        tracker.accept(std::span(mulaw).subspan(at, std::min(VoiceTracker::frame_max, mulaw.size() - at)));
        if (!tracker.open()) continue;
        if (tracker.position() - tracker.speech_end() >= pause)
            end_span(tracker.speech_end());
        else if (tracker.position() - tracker.speech_start() >= span_max)
            end_span(tracker.position());
    }
    tracker.flush();
    if (tracker.open()) end_span(tracker.speech_end());
    return spans;
}

async::Task<Result<std::vector<RecordedUtterance>>> transcribe_when_idle(SpeechToText& engine,
                                                                         const audio::WavClip& clip,
                                                                         std::size_t channel,
                                                                         std::vector<SpeechSpan> spans,
                                                                         Deadline deadline) {
    std::vector<RecordedUtterance> utterances;
    for (const SpeechSpan& span : spans) {
        if (const auto idle = co_await wait_until_idle(engine, deadline); idle.has_error()) co_return idle.error();
        TranscribeOptions options;
        options.urgent = false;
        auto audio = samples_of(clip, channel, span);
        const auto until = deadline.at_most(decode_max, std::chrono::steady_clock::now());
        auto heard = co_await engine.transcribe(std::move(audio), std::move(options), until);
        if (heard.has_error()) co_return heard.error();
        if (heard->text.empty()) continue;
        utterances.push_back({std::move(heard->text), heard->confidence, span.start_ms});
    }
    co_return utterances;
}

}  // namespace carevoice::speech
