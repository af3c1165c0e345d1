#include "audio/wav.h"

#include "support/test_files.h"

#include <gtest/gtest.h>

#include <bit>

namespace carevoice::audio {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

void put(std::string& out, std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::string wav(std::uint32_t encoding, std::uint32_t channels, std::uint32_t rate_hz, std::uint32_t bits,
                const std::string& data) {
    std::string out = "RIFF....WAVEfmt ";
    put(out, 16, 4);
    put(out, encoding, 2);
    put(out, channels, 2);
    put(out, rate_hz, 4);
    put(out, 0, 4);
    put(out, 0, 2);
    put(out, bits, 2);
    out += "data";
    put(out, static_cast<std::uint32_t>(data.size()), 4);
    return out + data;
}

TEST(Wav, ReadsWhatItWrote) {
    const std::vector<float> samples{0.0F, 0.5F, -0.5F, 1.0F, -1.0F, 2.0F};
    const auto clip = read_wav(bytes(write_wav(samples, 16'000, 2)));
    ASSERT_TRUE(clip.has_value());
    EXPECT_EQ(clip->sample_rate_hz, 16'000);
    EXPECT_EQ(clip->channels, 2U);
    EXPECT_EQ(clip->frames(), 3U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(clip->samples[i], samples[i], 1e-4);
    EXPECT_NEAR(clip->samples[5], 1.0, 1e-4);
    EXPECT_NEAR(clip->mono()[0], 0.25, 1e-4);
}

TEST(Wav, ReadsARealRecording) {
    const std::string file = tests::read_file(tests::data_file("audio/jfk.wav"));
    const auto clip = read_wav(bytes(file));
    ASSERT_TRUE(clip.has_value());
    EXPECT_EQ(clip->sample_rate_hz, 16'000);
    EXPECT_EQ(clip->frames(), 176'000U);
}

TEST(Wav, ReadsEachEncoding) {
    EXPECT_FLOAT_EQ(read_wav(bytes(wav(1, 1, 8'000, 8, "\xC0")))->samples.at(0), 0.5F);
    EXPECT_FLOAT_EQ(read_wav(bytes(wav(1, 1, 8'000, 24, std::string("\0\0\xC0", 3))))->samples.at(0), -0.5F);
    EXPECT_FLOAT_EQ(read_wav(bytes(wav(1, 1, 8'000, 32, std::string("\0\0\0\x40", 4))))->samples.at(0), 0.5F);
    std::string number;
    put(number, std::bit_cast<std::uint32_t>(-0.25F), 4);
    EXPECT_FLOAT_EQ(read_wav(bytes(wav(3, 1, 8'000, 32, number)))->samples.at(0), -0.25F);
    EXPECT_NEAR(read_wav(bytes(wav(7, 1, 8'000, 8, std::string("\0", 1))))->samples.at(0), -0.98, 0.01);
}

TEST(Wav, TurnsNumbersThatAreNoneIntoSilence) {
    std::string number;
    put(number, 0x7FC00000U, 4);
    EXPECT_EQ(read_wav(bytes(wav(3, 1, 8'000, 32, number)))->samples.at(0), 0.0F);
}

TEST(Wav, RefusesWhatIsNotOne) {
    EXPECT_EQ(read_wav({}).error().code, Errc::corrupt);
    EXPECT_EQ(read_wav(bytes("RIFF")).error().code, Errc::corrupt);
    EXPECT_EQ(read_wav(bytes("RIFF....WAVE")).error().code, Errc::corrupt);
    EXPECT_EQ(read_wav(bytes("ID3 is the start of another kind of file")).error().code, Errc::corrupt);
    const std::string data_first = "RIFF....WAVEdata\2\0\0\0ab";
    EXPECT_EQ(read_wav(bytes(data_first)).error().code, Errc::corrupt);
}

TEST(Wav, RefusesOtherEncodings) {
    EXPECT_EQ(read_wav(bytes(wav(2, 1, 8'000, 4, "ab"))).error().code, Errc::invalid_input);
    EXPECT_EQ(read_wav(bytes(wav(1, 6, 8'000, 16, "ab"))).error().code, Errc::invalid_input);
    EXPECT_EQ(read_wav(bytes(wav(1, 1, 0, 16, "ab"))).error().code, Errc::invalid_input);
    EXPECT_EQ(read_wav(bytes(wav(1, 1, 8'000, 16, "ab"))).value().samples.size(), 1U);
}

TEST(Wav, ReadsACutOffRecordingAsFarAsItGoes) {
    const std::string whole = write_wav(std::vector<float>(1'000, 0.5F), 8'000);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto clip = read_wav(bytes(whole).first(size));
        if (size >= 44) {
            ASSERT_TRUE(clip.has_value()) << size;
            EXPECT_EQ(clip->samples.size(), (size - 44) / 2);
        } else {
            EXPECT_FALSE(clip.has_value()) << size;
        }
    }
}

}  // namespace
}  // namespace carevoice::audio
