#include "audio/voice_activity.h"

#include "support/clips.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace carevoice::audio {
namespace {

using tests::noise;

int frames_open(EnergyGate& gate, std::span<const std::int16_t> samples) {
    int open = 0;
    for (std::size_t at = 0; at + 160 <= samples.size(); at += 160)
        open += gate.accept(samples.subspan(at, 160)) ? 1 : 0;
    return open;
}

TEST(EnergyGate, StaysClosedInSilence) {
    EnergyGate gate;
    EXPECT_EQ(frames_open(gate, std::vector<std::int16_t>(80'000, 0)), 0);
    EXPECT_LE(gate.level_db(), -89);
}

TEST(EnergyGate, OpensForSpeechOverLineNoiseAndHolds) {
    EnergyGate gate;
    frames_open(gate, noise(20, 40'000, 1));
    EXPECT_EQ(frames_open(gate, noise(20, 1'600, 2)), 0) << "line noise";
    EXPECT_EQ(frames_open(gate, noise(600, 1'600, 3)), 10) << "speech";
    EXPECT_EQ(frames_open(gate, noise(20, 8'000, 4)), 14) << "300 ms after it, less the first frame";
    EXPECT_FALSE(gate.loud());
}

TEST(EnergyGate, LearnsALoudLine) {
    EnergyGate gate;
    EXPECT_GT(frames_open(gate, noise(400, 24'000, 5)), 0) << "at first it may be speech";
    frames_open(gate, noise(400, 16'000, 6));
    EXPECT_EQ(frames_open(gate, noise(400, 8'000, 7)), 0) << "after five seconds it is the line";
    EXPECT_GT(frames_open(gate, noise(2'000, 1'600, 8)), 0);
}

TEST(EnergyGate, TakesFramesOfAnyLength) {
    EnergyGate gate;
    EXPECT_FALSE(gate.accept({}));
    EXPECT_TRUE(gate.accept(noise(3'000, 1, 9)) || true);
    EXPECT_TRUE(gate.accept(noise(3'000, 100'000, 10)));
}

std::unique_ptr<VoiceDetectorPool> silero(std::size_t limit) {
    auto pool = load_silero_pool(tests::model_file("ggml-silero-v6.2.0.bin"), limit);
    EXPECT_TRUE(pool.has_value()) << "run ./dev setup";
    return pool.has_value() ? std::move(*pool) : nullptr;
}

std::vector<float> probabilities(VoiceDetector& detector, std::span<const float> samples) {
    std::vector<float> result;
    for (std::size_t at = 0; at + VoiceDetector::window_samples <= samples.size(); at += VoiceDetector::window_samples)
        result.push_back(detector.probability(samples.subspan(at, VoiceDetector::window_samples)));
    return result;
}

TEST(Silero, TellsAVoiceFromNoise) {
    const auto pool = silero(1);
    ASSERT_TRUE(pool);
    const auto detector = pool->borrow();
    ASSERT_TRUE(detector);
    const auto speech = tests::human_voice();
    const auto voice = probabilities(*detector, speech);
    EXPECT_GT(std::ranges::count_if(voice, [](float p) { return p > 0.5F; }), std::ssize(voice) / 2);
    detector->reset();
    std::vector<float> hiss;
    for (const auto sample : noise(300, 48'000, 11)) hiss.push_back(static_cast<float>(sample) / 32'768.0F);
    for (const float p : probabilities(*detector, hiss)) EXPECT_LT(p, 0.5F);
}

TEST(Silero, ABorrowedDetectorRemembersNothing) {
    const auto pool = silero(1);
    ASSERT_TRUE(pool);
    const auto speech = tests::human_voice();
    const auto first = probabilities(*pool->borrow(), std::span(speech).first(32'000));
    const auto again = probabilities(*pool->borrow(), std::span(speech).first(32'000));
    EXPECT_EQ(first, again);
}

TEST(Silero, LendsNoMoreThanItsLimit) {
    const auto pool = silero(2);
    ASSERT_TRUE(pool);
    auto first = pool->borrow();
    const auto second = pool->borrow();
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(pool->borrow());
    first.reset();
    EXPECT_TRUE(pool->borrow());
}

TEST(Silero, RefusesAMissingOrBrokenModel) {
    const auto folder = std::filesystem::path(testing::TempDir());
    EXPECT_EQ(load_silero_pool(folder / "no-such-model.bin", 1).error().code, Errc::not_found);
    const std::string model = tests::read_file(tests::model_file("ggml-silero-v6.2.0.bin"));
    const auto broken = folder / "broken-silero.bin";
    for (const std::string& content : {std::string("not a model"), std::string(model.size(), 'x'),
                                       model.substr(0, model.size() / 2), model.substr(0, model.size() - 100)}) {
        std::ofstream(broken, std::ios::binary) << content;
        const auto pool = load_silero_pool(broken, 1);
        ASSERT_FALSE(pool.has_value()) << content.size();
        EXPECT_EQ(pool.error().code, Errc::corrupt);
    }
    std::filesystem::remove(broken);
}

TEST(EnergyOnlyPool, NeverHasADetector) {
    EXPECT_FALSE(make_energy_only_pool()->borrow());
}

}  // namespace
}  // namespace carevoice::audio
