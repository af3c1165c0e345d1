#include "speech/transcribe_file.h"

#include "audio/mulaw.h"
#include "speech/text_filter.h"
#include "speech/whisper_engine.h"
#include "support/run_coroutine.h"
#include "unit/speech/listener_fixture.h"

#include <gtest/gtest.h>

#include <chrono>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;
using testing_support::FakeDetectorPool;
using testing_support::FakeEngine;

async::Task<bool> streamed(SpeechToText& engine, audio::VoiceDetectorPool& detectors, StreamedFile file,
                           std::vector<Heard>& heard) {
    NoMetrics metrics;
    auto on_heard = [&heard](Heard it) { heard.push_back(std::move(it)); };
    co_await transcribe_streamed(engine, detectors, metrics, std::move(file), on_heard);
    co_return true;
}

TEST(TranscribeWhole, CutsLongAudioAtPauses) {
    FakeEngine engine;
    engine.answer = [](std::size_t number) {
        auto result = FakeEngine::said("Part " + std::to_string(number) + ".");
        result->segments = {Segment{"Part.", 100, 200, 0.9}};
        return result;
    };
    std::vector<float> samples;
    for (const auto sample : tests::noise(3'000, 60 * 16'000, 1))
        samples.push_back(static_cast<float>(sample) / 32'768.0F);
    const auto silence_from = samples.begin() + 20 * 16'000;
    std::fill(silence_from, silence_from + 8'000, 0.0F);
    const auto result = tests::run(transcribe_whole(engine, samples, {}, Deadline::in(10s)));
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(engine.clips.size(), 3U);
    EXPECT_GE(engine.clips[0], 20'000U);
    EXPECT_LE(engine.clips[0], 20'500U);
    EXPECT_EQ(engine.clips[0] + engine.clips[1] + engine.clips[2], 60'000U);
    EXPECT_EQ(result->text, "Part 1. Part 2. Part 3.");
    EXPECT_EQ(result->segments.at(1).start_ms, static_cast<std::int64_t>(engine.clips[0]) + 100);
    EXPECT_NEAR(result->confidence, 0.9, 1e-9);
}

TEST(TranscribeWhole, EndsWithTheEnginesError) {
    FakeEngine engine;
    engine.answer = [](std::size_t) -> Result<Transcription> { return Error{Errc::unavailable, "down"}; };
    const auto result = tests::run(transcribe_whole(engine, std::vector<float>(16'000), {}, Deadline::in(10s)));
    EXPECT_EQ(result.error().code, Errc::unavailable);
    EXPECT_EQ(tests::run(transcribe_whole(engine, {}, {}, Deadline::in(10s)))->text, "");
}

TEST(TranscribeStreamed, HearsAFileAsACallWould) {
    audio::WavClip clip{.sample_rate_hz = 16'000, .channels = 1, .samples = tests::human_voice()};
    NoMetrics metrics;
    WhisperOptions options{.model = tests::model_file("ggml-base.bin")};
    const auto engine = load_whisper(options, metrics);
    const auto detectors = audio::load_silero_pool(tests::model_file("ggml-silero-v6.2.0.bin"), 1);
    ASSERT_TRUE(engine.has_value() && detectors.has_value()) << "run ./dev setup";
    std::vector<Heard> heard;
    StreamedFile file{.mulaw = as_phone_audio(clip), .expectation = Expectation::story};
    EXPECT_EQ(file.mulaw.size(), clip.samples.size() / 2);
    tests::run(streamed(**engine, **detectors, file, heard));
    std::string text;
    for (const Heard& it : heard)
        if (const auto* utterance = std::get_if<Utterance>(&it)) text += utterance->text + " ";
    std::string plain;
    for (const std::string& word : plain_words(text)) plain += word + " ";
    EXPECT_NE(plain.find("your country can do for you ask what you can do for your country"), std::string::npos)
        << text;
    ASSERT_FALSE(heard.empty());
    EXPECT_NE(std::get_if<SpeechStarted>(&heard.front()), nullptr);
}

TEST(TranscribeStreamed, TellsWhatASilentTailWouldChange) {
    FakeEngine engine;
    FakeDetectorPool detectors;
    StreamedFile file;
    file.mulaw.assign(4'000, audio::mulaw_silence);
    for (const auto sample : tests::noise(3'000, 8'000, 3)) file.mulaw.push_back(audio::mulaw_encode(sample));
    for (const bool hang_up : {true, false}) {
        std::vector<Heard> heard;
        file.hang_up_at_end = hang_up;
        tests::run(streamed(engine, detectors, file, heard));
        ASSERT_EQ(heard.size(), 2U);
        EXPECT_EQ(std::get<Utterance>(heard[1]).cut_off, hang_up);
    }
}

TEST(RecognisableAudio, IsMonoAt16Kilohertz) {
    const audio::WavClip clip{.sample_rate_hz = 8'000, .channels = 2, .samples = std::vector<float>(16'000, 0.5F)};
    EXPECT_EQ(recognisable(clip).size(), 16'000U);
    EXPECT_EQ(as_phone_audio(clip).size(), 8'000U);
}

}  // namespace
}  // namespace carevoice::speech
