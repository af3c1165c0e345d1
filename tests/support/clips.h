// Audio clips for tests of listening.
#pragma once

#include "audio/wav.h"
#include "support/test_files.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace carevoice::tests {

/// Samples of a WAVE file of tests/data/audio, at the file's own rate.
inline std::vector<float> clip(const std::string& name) {
    const std::string file = read_file(data_file("audio/" + name));
    auto read = audio::read_wav(std::as_bytes(std::span(file)));
    EXPECT_TRUE(read.has_value()) << name;
    return read.has_value() ? read->mono() : std::vector<float>{};
}

/// Eleven seconds of a human voice at 16 kHz.
inline std::vector<float> human_voice() {
    return clip("jfk.wav");
}

/// Gaussian noise; `amplitude` is its standard deviation in 16-bit steps.
inline std::vector<std::int16_t> noise(double amplitude, std::size_t samples, unsigned seed) {
    std::mt19937 engine(seed);
    std::normal_distribution<double> gauss(0, amplitude);
    std::vector<std::int16_t> out(samples);
    for (auto& sample : out) sample = static_cast<std::int16_t>(std::lround(gauss(engine)));
    return out;
}

}  // namespace carevoice::tests
