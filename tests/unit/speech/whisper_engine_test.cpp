#include "speech/whisper_engine.h"

#include "speech/text_filter.h"
#include "support/clips.h"
#include "support/counting_metrics.h"
#include "support/run_coroutine.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <fstream>
#include <future>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

Samples16k shared(std::vector<float> samples) {
    return std::make_shared<const std::vector<float>>(std::move(samples));
}

Samples16k human_voice(std::size_t from_ms, std::size_t to_ms) {
    const auto all = tests::human_voice();
    return shared({all.begin() + static_cast<std::ptrdiff_t>(from_ms * 16),
                   all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), to_ms * 16))});
}

Samples16k hiss(double amplitude, std::size_t ms, unsigned seed) {
    std::vector<float> samples;
    for (const auto sample : tests::noise(amplitude, ms * 16, seed))
        samples.push_back(static_cast<float>(sample) / 32'768.0F);
    return shared(std::move(samples));
}

class WhisperEngineTest : public testing::Test {
protected:
    void start(std::size_t workers, std::size_t queue_max = 32) {
        WhisperOptions options{.model = tests::model_file("ggml-base.bin"), .workers = workers, .queue_max = queue_max};
        auto loaded = load_whisper(options, metrics_);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
        engine_ = std::move(*loaded);
    }

    Result<Transcription> transcribe(Samples16k audio, TranscribeOptions options = {}) {
        return tests::run(engine_->transcribe(std::move(audio), std::move(options), Deadline::in(60s)));
    }

    tests::CountingMetrics metrics_;
    std::unique_ptr<SpeechToText> engine_;
};

TEST_F(WhisperEngineTest, UnderstandsAHumanVoice) {
    start(1);
    TranscribeOptions options;
    options.word_details = true;
    const auto result = transcribe(human_voice(0, 11'000), options);
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    const auto words = plain_words(result->text);
    const auto expected = plain_words(
        "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.");
    EXPECT_EQ(words, expected) << result->text;
    EXPECT_GT(result->confidence, 0.7);
    EXPECT_GT(result->took, 0ms);
    ASSERT_FALSE(result->segments.empty());
    EXPECT_LE(result->segments.back().end_ms, 11'000);
    EXPECT_GT(result->segments.back().end_ms, 9'000);
    EXPECT_EQ(metrics_.value("carevoice_stt_jobs_total{outcome=ok}"), 1);
    EXPECT_EQ(metrics_.value("carevoice_stt_seconds"), 1);
    EXPECT_EQ(metrics_.value("carevoice_stt_wait_seconds"), 1);
    EXPECT_EQ(engine_->load(), 0U);
    EXPECT_EQ(engine_->workers(), 1U);
}

TEST_F(WhisperEngineTest, OneClipNeverColoursAnother) {
    start(1);
    const auto a = human_voice(3'000, 5'500);
    const auto b = human_voice(5'300, 10'900);
    const auto first = transcribe(a);
    const auto between = transcribe(b);
    const auto noise = transcribe(hiss(500, 3'000, 1));
    const auto again = transcribe(a);
    ASSERT_TRUE(first.has_value() && between.has_value() && noise.has_value() && again.has_value());
    EXPECT_FALSE(first->text.empty());
    EXPECT_NE(first->text, between->text);
    EXPECT_EQ(first->text, again->text);
    EXPECT_EQ(first->confidence, again->confidence);
}

TEST_F(WhisperEngineTest, HearsNothingInSilenceAndNoise) {
    start(1);
    EXPECT_EQ(transcribe(shared(std::vector<float>(48'000, 0.0F)))->text, "");
    EXPECT_EQ(transcribe(shared({}))->text, "");
    for (const double amplitude : {12.0, 60.0, 400.0, 2'000.0})
        EXPECT_EQ(transcribe(hiss(amplitude, 3'000, 2))->text, "") << amplitude;
    std::vector<float> ringback(48'000);
    for (std::size_t i = 0; i < ringback.size(); ++i)
        ringback[i] = static_cast<float>(0.1 * std::sin(2 * 3.14159 * 440 * static_cast<double>(i) / 16'000) +
                                         0.1 * std::sin(2 * 3.14159 * 480 * static_cast<double>(i) / 16'000));
    EXPECT_EQ(transcribe(shared(std::move(ringback)))->text, "");
}

TEST_F(WhisperEngineTest, TakesAPrompt) {
    start(1);
    TranscribeOptions options;
    options.prompt = "fellow Americans, country";
    const auto result = transcribe(human_voice(0, 4'500), options);
    ASSERT_TRUE(result.has_value());
    EXPECT_NE(result->text.find("Americans"), std::string::npos) << result->text;
}

TEST_F(WhisperEngineTest, RefusesWhatItCannotTake) {
    start(1);
    EXPECT_EQ(transcribe(nullptr).error().code, Errc::invalid_input);
    EXPECT_EQ(transcribe(shared(std::vector<float>(31 * 16'000, 0.1F))).error().code, Errc::invalid_input);
    TranscribeOptions options;
    options.language = "klingon";
    EXPECT_EQ(transcribe(human_voice(0, 1'000), options).error().code, Errc::invalid_input);
}

TEST_F(WhisperEngineTest, TwoWorkersAgree) {
    start(2);
    asio::io_context context;
    const auto clip = human_voice(3'000, 5'500);
    std::vector<std::future<Result<Transcription>>> results;
    for (int i = 0; i < 4; ++i)
        results.push_back(asio::co_spawn(context, engine_->transcribe(clip, {}, Deadline::in(60s)), asio::use_future));
    context.run();
    const auto first = results[0].get();
    ASSERT_TRUE(first.has_value());
    for (std::size_t i = 1; i < results.size(); ++i) EXPECT_EQ(results[i].get()->text, first->text);
}

TEST_F(WhisperEngineTest, RefusesWhenItsQueueIsFullAndServesTheUrgentFirst) {
    start(1, 2);
    asio::io_context context;
    const auto clip = human_voice(3'000, 5'500);
    std::vector<int> order;
    const auto submit = [&](int name, bool urgent) {
        auto job = [](SpeechToText& engine, Samples16k audio, bool is_urgent, std::vector<int>& done,
                      int id) -> async::Task<Result<Transcription>> {
            TranscribeOptions options;
            options.urgent = is_urgent;
            auto result = co_await engine.transcribe(std::move(audio), std::move(options), Deadline::in(60s));
            done.push_back(id);
            co_return result;
        };
        auto future = asio::co_spawn(context, job(*engine_, clip, urgent, order, name), asio::use_future);
        context.poll();
        return future;
    };
    auto running = submit(0, false);
    while (metrics_.value("carevoice_stt_wait_seconds") < 1) std::this_thread::yield();  // the worker has begun
    auto patient = submit(1, false);
    auto urgent = submit(2, true);
    EXPECT_EQ(engine_->load(), 3U);
    auto refused = submit(3, true);
    EXPECT_EQ(refused.get().error().code, Errc::unavailable);
    context.run();
    EXPECT_TRUE(running.get().has_value() && patient.get().has_value() && urgent.get().has_value());
    EXPECT_EQ(order, (std::vector<int>{3, 0, 2, 1}));
    EXPECT_EQ(metrics_.value("carevoice_stt_jobs_total{outcome=refused}"), 1);
}

TEST_F(WhisperEngineTest, DropsWhatIsTooLate) {
    start(1);
    const auto late = tests::run(engine_->transcribe(human_voice(0, 11'000), {}, Deadline::in(0ms)));
    EXPECT_EQ(late.error().code, Errc::timed_out);
    const auto slow = tests::run(engine_->transcribe(human_voice(0, 11'000), {}, Deadline::in(20ms)));
    EXPECT_EQ(slow.error().code, Errc::timed_out);
    EXPECT_TRUE(transcribe(human_voice(3'000, 5'500)).has_value()) << "and goes on";
}

TEST_F(WhisperEngineTest, EndsWhenItsOwnerStops) {
    start(1);
    asio::io_context context;
    using namespace asio::experimental::awaitable_operators;
    auto impatient = [](SpeechToText& engine, Samples16k audio) -> async::Task<bool> {
        asio::steady_timer soon(co_await asio::this_coro::executor, 5ms);
        auto work = engine.transcribe(std::move(audio), {}, Deadline::in(60s));
        auto winner = co_await (std::move(work) || soon.async_wait(asio::as_tuple(asio::use_awaitable)));
        co_return winner.index() == 1;
    };
    auto gave_up = asio::co_spawn(context, impatient(*engine_, human_voice(0, 11'000)), asio::use_future);
    context.run();
    EXPECT_TRUE(gave_up.get());
    engine_.reset();
}

TEST_F(WhisperEngineTest, StopsWithWorkInItsQueue) {
    start(1);
    asio::io_context context;
    std::vector<std::future<Result<Transcription>>> results;
    for (int i = 0; i < 3; ++i)
        results.push_back(asio::co_spawn(context, engine_->transcribe(human_voice(0, 11'000), {}, Deadline::in(60s)),
                                         asio::use_future));
    context.poll();
    engine_.reset();
    context.run();
    for (auto& result : results) EXPECT_EQ(result.get().error().code, Errc::cancelled);
}

TEST(LoadWhisper, RefusesAMissingOrBrokenModel) {
    NoMetrics metrics;
    const auto folder = std::filesystem::path(testing::TempDir());
    WhisperOptions options{.model = folder / "no-such-model.bin"};
    EXPECT_EQ(load_whisper(options, metrics).error().code, Errc::not_found);
    const std::string model = tests::read_file(tests::model_file("ggml-base.bin"));
    options.model = folder / "broken-whisper.bin";
    for (const std::string& content :
         {std::string("not a model"), std::string(1'000, 'x'), model.substr(0, 40), model.substr(0, 1'000),
          model.substr(0, model.size() / 2), model.substr(0, model.size() - 1), model + "x"}) {
        std::ofstream(options.model, std::ios::binary) << content;
        const auto engine = load_whisper(options, metrics);
        ASSERT_FALSE(engine.has_value()) << content.size();
        EXPECT_EQ(engine.error().code, Errc::corrupt);
    }
    std::filesystem::remove(options.model);
}

}  // namespace
}  // namespace carevoice::speech
