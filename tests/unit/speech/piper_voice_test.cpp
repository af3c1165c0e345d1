#include "speech/text_to_speech.h"

#include "audio/resampler.h"
#include "speech/text_filter.h"
#include "speech/whisper_engine.h"
#include "support/run_coroutine.h"
#include "support/test_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;

class PiperVoiceTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        static NoMetrics metrics;
        auto loaded = load_piper(tests::model_file("voice"), 1, metrics);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
        voice_ = std::move(*loaded);
    }
    static void TearDownTestSuite() { voice_.reset(); }

    static Result<SpokenAudio> speak(std::string text, double speed = 1.0, Deadline deadline = Deadline::in(30s)) {
        return tests::run(voice_->speak(std::move(text), speed, deadline));
    }

    static std::unique_ptr<TextToSpeech> voice_;
};

std::unique_ptr<TextToSpeech> PiperVoiceTest::voice_;

TEST_F(PiperVoiceTest, SpeaksWordsThatWhisperUnderstands) {
    const auto spoken = speak("Good morning. How are you feeling today?");
    ASSERT_TRUE(spoken.has_value()) << spoken.error().detail;
    EXPECT_EQ(spoken->sample_rate_hz, 22'050);
    NoMetrics metrics;
    WhisperOptions options{.model = tests::model_file("ggml-base.bin")};
    const auto engine = load_whisper(options, metrics);
    ASSERT_TRUE(engine.has_value());
    auto samples = std::make_shared<const std::vector<float>>(audio::resample(spoken->samples, 22'050, 16'000));
    const auto heard = tests::run((*engine)->transcribe(std::move(samples), {}, Deadline::in(30s)));
    ASSERT_TRUE(heard.has_value());
    EXPECT_EQ(plain_words(heard->text), plain_words("Good morning. How are you feeling today?")) << heard->text;
}

TEST_F(PiperVoiceTest, SpeaksSlowerWhenAsked) {
    const auto slow = speak("How is your knee today?", 0.7);
    const auto fast = speak("How is your knee today?", 1.3);
    ASSERT_TRUE(slow.has_value() && fast.has_value());
    EXPECT_GT(slow->samples.size(), fast->samples.size() * 5 / 4);
    for (const float sample : slow->samples) ASSERT_LE(std::abs(sample), 1.0F);
}

TEST_F(PiperVoiceTest, RefusesWhatCannotBeSpoken) {
    EXPECT_EQ(speak("").error().code, Errc::invalid_input);
    EXPECT_EQ(speak(" ... ").error().code, Errc::invalid_input);
    EXPECT_EQ(speak(std::string(2'001, 'a')).error().code, Errc::invalid_input);
    EXPECT_EQ(speak("\xFF\xFE").error().code, Errc::invalid_input);
    EXPECT_TRUE(speak(std::string("One\0two\nthree", 13)).has_value());
}

TEST_F(PiperVoiceTest, KeepsWhatItSpokeLately) {
    const auto first = speak("Thank you. I will call again tomorrow.");
    const auto again = speak("Thank you. I will call again tomorrow.");
    const auto slower = speak("Thank you. I will call again tomorrow.", 0.7);
    ASSERT_TRUE(first.has_value() && again.has_value() && slower.has_value());
    EXPECT_EQ(first->samples, again->samples) << "the voice itself never speaks twice alike";
    EXPECT_NE(first->samples, slower->samples);
}

TEST_F(PiperVoiceTest, KeepsItsDeadline) {
    EXPECT_EQ(speak("How is your knee today?", 1.0, Deadline::in(0ms)).error().code, Errc::timed_out);
    std::string text;
    for (int i = 0; i < 60; ++i) text += "How is your knee today? ";
    EXPECT_EQ(speak(text, 1.0, Deadline::in(100ms)).error().code, Errc::timed_out);
}

TEST(LoadPiper, RefusesAMissingVoice) {
    NoMetrics metrics;
    const auto voice = load_piper(std::filesystem::path(testing::TempDir()) / "no-such-voice", 1, metrics);
    ASSERT_FALSE(voice.has_value());
    EXPECT_EQ(voice.error().code, Errc::not_found);
}

}  // namespace
}  // namespace carevoice::speech
