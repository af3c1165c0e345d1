#include "audio/resampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace carevoice::audio {
namespace {

std::vector<std::int16_t> tone_8k(double hz, std::size_t samples) {
    std::vector<std::int16_t> tone(samples);
    for (std::size_t i = 0; i < samples; ++i)
        tone[i] = static_cast<std::int16_t>(
            std::lround(20'000 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 8'000)));
    return tone;
}

/// Level of one frequency in dB relative to full scale, by correlation over whole periods.
double level_db(std::span<const float> samples, double hz, int rate_hz) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double angle = -2 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz;
        sum += static_cast<double>(samples[i]) * std::complex<double>(std::cos(angle), std::sin(angle));
    }
    return 20 * std::log10(std::abs(sum) * 2 / static_cast<double>(samples.size()) + 1e-12);
}

constexpr double tone_db = -4.288;  // 20,000 of 32,768

std::vector<float> upsampled(double hz) {
    Upsampler8kTo16k upsampler;
    std::vector<float> out;
    upsampler.process(tone_8k(hz, 8'200), out);
    return {out.begin() + 400, out.begin() + 16'400};  // without the filter's start: whole seconds
}

TEST(Upsampler, KeepsThePassbandFlat) {
    for (int hz = 100; hz <= 3'200; hz += 100) EXPECT_NEAR(level_db(upsampled(hz), hz, 16'000), tone_db, 0.25) << hz;
}

TEST(Upsampler, SuppressesImages) {
    for (int hz = 100; hz <= 3'400; hz += 100)
        EXPECT_LT(level_db(upsampled(hz), 8'000 - hz, 16'000), tone_db - 40) << "image of " << hz;
}

TEST(Upsampler, GivesTheSameWhicheverWayTheStreamIsCut) {
    const auto in = tone_8k(700, 4'000);
    Upsampler8kTo16k whole;
    std::vector<float> expected;
    whole.process(in, expected);
    ASSERT_EQ(expected.size(), 2 * in.size());
    for (const std::size_t chunk : {1U, 7U, 160U, 333U}) {
        Upsampler8kTo16k upsampler;
        std::vector<float> out;
        for (std::size_t at = 0; at < in.size(); at += chunk)
            upsampler.process(std::span(in).subspan(at, std::min(chunk, in.size() - at)), out);
        EXPECT_EQ(out, expected) << chunk;
    }
}

TEST(Upsampler, ResetForgetsTheStream) {
    Upsampler8kTo16k upsampler;
    std::vector<float> first;
    std::vector<float> second;
    upsampler.process(tone_8k(700, 100), first);
    upsampler.reset();
    upsampler.process(tone_8k(700, 100), second);
    EXPECT_EQ(first, second);
}

TEST(Upsampler, DelaysByAMillisecond) {
    Upsampler8kTo16k upsampler;
    std::vector<std::int16_t> impulse(64, 0);
    impulse[0] = 16'384;
    std::vector<float> out;
    upsampler.process(impulse, out);
    EXPECT_FLOAT_EQ(out[16], 0.5F);
}

TEST(Resample, KeepsATonesFrequencyAndLevel) {
    for (const int from : {8'000, 22'050, 44'100, 48'000}) {
        std::vector<float> in(static_cast<std::size_t>(from) * 2);
        for (std::size_t i = 0; i < in.size(); ++i)
            in[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 1'000 * static_cast<double>(i) / from));
        for (const int to : {8'000, 16'000, 22'050}) {
            const auto out = resample(in, from, to);
            EXPECT_EQ(out.size(), static_cast<std::size_t>(to) * 2) << from << " to " << to;
            const auto middle = std::span(out).subspan(static_cast<std::size_t>(to) / 2, static_cast<std::size_t>(to));
            EXPECT_NEAR(level_db(middle, 1'000, to), -6.02, 0.1) << from << " to " << to;
        }
    }
}

TEST(Resample, RemovesWhatTheLowerRateCannotHold) {
    std::vector<float> in(44'100);
    for (std::size_t i = 0; i < in.size(); ++i)
        in[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 5'000 * static_cast<double>(i) / 22'050));
    const auto out = resample(in, 22'050, 8'000);
    EXPECT_LT(level_db(std::span(out).subspan(4'000, 8'000), 3'000, 8'000), -60);
}

TEST(Resample, RefusesNonsense) {
    const std::vector<float> in(10, 0.5F);
    EXPECT_TRUE(resample(in, 0, 8'000).empty());
    EXPECT_TRUE(resample(in, 8'000, -1).empty());
    EXPECT_TRUE(resample({}, 8'000, 16'000).empty());
    EXPECT_EQ(resample(in, 8'000, 8'000), in);
}

}  // namespace
}  // namespace carevoice::audio
