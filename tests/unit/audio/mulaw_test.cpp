#include "audio/mulaw.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace carevoice::audio {
namespace {

/// G.711 in words: sign, three bits of segment, four bits of step within it; the value is the middle of the step.
int expand_by_formula(int code) {
    const int bits = 255 - code;
    const int segment = (bits / 16) % 8;
    const int step = bits % 16;
    const int magnitude_14_bit = (2 * step + 33) * (1 << segment) - 33;
    return (bits >= 128 ? -1 : 1) * magnitude_14_bit * 4;
}

TEST(Mulaw, DecodesEachCodeAsG711Says) {
    for (int code = 0; code < 256; ++code)
        EXPECT_EQ(mulaw_decode(static_cast<std::uint8_t>(code)), expand_by_formula(code)) << code;
    EXPECT_EQ(mulaw_decode(mulaw_silence), 0);
    EXPECT_EQ(mulaw_decode(std::uint8_t{0x00}), -32'124);
    EXPECT_EQ(mulaw_decode(std::uint8_t{0x80}), 32'124);
}

TEST(Mulaw, EncodesWhatItDecodedToTheSameCode) {
    for (int code = 0; code < 256; ++code) {
        const int expected = code == 0x7F ? 0xFF : code;  // the negative zero becomes the positive one
        EXPECT_EQ(mulaw_encode(mulaw_decode(static_cast<std::uint8_t>(code))), expected) << code;
    }
}

TEST(Mulaw, EncodesEachSampleToTheNearestValueBarTheSegmentBorders) {
    int previous = -40'000;
    for (int sample = -32'768; sample <= 32'767; ++sample) {
        const int decoded = mulaw_decode(mulaw_encode(static_cast<std::int16_t>(sample)));
        EXPECT_GE(decoded, previous) << sample;
        previous = decoded;
        int nearest = 40'000;
        for (int code = 0; code < 256; ++code) {
            const int distance = std::abs(mulaw_decode(static_cast<std::uint8_t>(code)) - sample);
            nearest = std::min(nearest, distance);
        }
        // Twice as far as the nearest at most, where G.711's own decision values prefer the larger segment.
        EXPECT_LE(std::abs(decoded - sample), 2 * nearest + 4) << sample;
    }
}

TEST(Mulaw, DecodesAFrame) {
    const std::vector<std::uint8_t> codes{0xFF, 0x00, 0x80};
    std::array<std::int16_t, 3> out{};
    mulaw_decode(codes, out);
    EXPECT_EQ(out, (std::array<std::int16_t, 3>{0, -32'124, 32'124}));
}

}  // namespace
}  // namespace carevoice::audio
