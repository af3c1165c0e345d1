#include "speech/transcribe_file.h"

#include "audio/mulaw.h"
#include "audio/resampler.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace carevoice::speech {

namespace {

constexpr std::size_t rate = 16'000;
constexpr std::size_t clip_max = 28 * rate;
constexpr std::size_t cut_from = 12 * rate;
constexpr std::size_t pause = rate * 3 / 10;
constexpr std::size_t hop = rate / 50;

/// The middle of the quietest 300 ms between 12 and 28 s: where a cut hurts least.
std::size_t cut_at(std::span<const float> samples) {
    if (samples.size() <= clip_max) return samples.size();
    std::size_t best = clip_max;
    double quietest = 1e30;
    for (std::size_t start = cut_from; start + pause <= clip_max; start += hop) {
        double energy = 0;
        for (const float sample : samples.subspan(start, pause)) energy += static_cast<double>(sample * sample);
        if (energy > quietest) continue;
        quietest = energy;
        best = start + pause / 2;
    }
    return best;
}

void append(Transcription& whole, Transcription piece, std::int64_t offset_ms, double& weight) {
    whole.took += piece.took;
    whole.waited += piece.waited;
    if (piece.text.empty()) return;
    const auto length = static_cast<double>(piece.text.size());
    whole.confidence = (whole.confidence * weight + piece.confidence * length) / (weight + length);
    weight += length;
    if (!whole.text.empty()) whole.text += ' ';
    whole.text += piece.text;
    for (Segment& segment : piece.segments) {
        segment.start_ms += offset_ms;
        segment.end_ms += offset_ms;
        whole.segments.push_back(std::move(segment));
    }
}

}  // namespace

std::vector<float> recognisable(const audio::WavClip& clip) {
    return audio::resample(clip.mono(), clip.sample_rate_hz, static_cast<int>(rate));
}

std::vector<std::uint8_t> as_phone_audio(const audio::WavClip& clip) {
    std::vector<std::uint8_t> out;
    for (const float sample : audio::resample(clip.mono(), clip.sample_rate_hz, audio::phone_rate_hz)) {
        const float scaled = std::clamp(sample, -1.0F, 1.0F) * 32'767.0F;
        out.push_back(audio::mulaw_encode(static_cast<std::int16_t>(std::lrintf(scaled))));
    }
    return out;
}

async::Task<Result<Transcription>> transcribe_whole(SpeechToText& engine, std::vector<float> samples_16k,
                                                    TranscribeOptions options, Deadline deadline) {
    options.word_details = true;
    Transcription whole;
    double weight = 0;
    for (std::size_t at = 0; at < samples_16k.size();) {
        const std::size_t size = cut_at(std::span(samples_16k).subspan(at));
        const auto first = samples_16k.begin() + static_cast<std::ptrdiff_t>(at);
        auto clip = std::make_shared<const std::vector<float>>(first, first + static_cast<std::ptrdiff_t>(size));
        auto piece = co_await engine.transcribe(std::move(clip), options, deadline);
        if (!piece) co_return piece.error();
        append(whole, std::move(*piece), static_cast<std::int64_t>(at / (rate / 1'000)), weight);
        at += size;
    }
    co_return whole;
}

async::Task<> transcribe_streamed(SpeechToText& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
                                  StreamedFile file, std::function<void(Heard)> on_heard) {
    constexpr std::size_t frame = 160;
    const async::Executor executor = co_await async::asio::this_coro::executor;
    ListenerOptions options;
    options.stall_after = milliseconds{0};
    options.speculate_early = options.speculate_after;  // must not depend on how busy the machine is
    if (!file.hang_up_at_end)
        file.mulaw.insert(file.mulaw.end(), std::size_t{2} * audio::phone_rate_hz, audio::mulaw_silence);
    Listener listener(executor, engine, detectors, metrics, options, std::move(on_heard));
    listener.expect(file.expectation, std::move(file.prompt));
    for (std::size_t at = 0; at < file.mulaw.size(); at += frame) {
        listener.accept(std::span(file.mulaw).subspan(at, std::min(frame, file.mulaw.size() - at)), 0);
        co_await listener.settled();
    }
    co_await listener.finish();
}

}  // namespace carevoice::speech
