#include "audio/wav.h"

#include "audio/mulaw.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string_view>

namespace carevoice::audio {

namespace {

enum class Encoding : std::uint16_t { pcm = 1, floating = 3, mulaw = 7, extensible = 0xFFFE };

/// Little-endian reading that cannot leave the file.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

    std::span<const std::byte> take(std::size_t size) noexcept {
        const auto taken = bytes_.first(std::min(size, bytes_.size()));
        bytes_ = bytes_.subspan(taken.size());
        return taken;
    }

    /// 0 past the end: callers check left() first.
    std::uint32_t number(std::size_t size) noexcept {
        std::uint32_t value = 0;
        const auto taken = take(size);
        for (std::size_t i = 0; i < taken.size(); ++i) value |= std::to_integer<std::uint32_t>(taken[i]) << (8 * i);
        return value;
    }

    bool tag(std::string_view expected) noexcept {
        const auto taken = take(expected.size());
        return std::ranges::equal(taken, expected, [](std::byte left, char right) {
            return std::to_integer<unsigned char>(left) == static_cast<unsigned char>(right);
        });
    }

private:
    std::span<const std::byte> bytes_;
};

struct Format {
    Encoding encoding = Encoding::pcm;
    std::size_t channels = 1;
    std::uint32_t rate_hz = 8'000;
    std::size_t bytes_per_sample = 2;
};

Error unsupported(std::string detail) {
    return Error{Errc::invalid_input, std::move(detail), "file"};
}

Result<Format> read_format(std::span<const std::byte> chunk) {
    if (chunk.size() < 16) return Error{Errc::corrupt, "the WAVE format chunk is too short"};
    Reader reader(chunk);
    Format format;
    format.encoding = static_cast<Encoding>(reader.number(2));
    format.channels = reader.number(2);
    format.rate_hz = reader.number(4);
    reader.take(6);  // bytes a second and a block: they follow from the rest
    const std::size_t bits = reader.number(2);
    if (format.encoding == Encoding::extensible) {
        if (chunk.size() < 26) return Error{Errc::corrupt, "the extensible WAVE format chunk is too short"};
        reader.take(8);
        format.encoding = static_cast<Encoding>(reader.number(2));
    }
    format.bytes_per_sample = bits / 8;
    if (format.channels < 1 || format.channels > 2) return unsupported("only one or two channels are read");
    if (format.rate_hz < 1'000 || format.rate_hz > 192'000) return unsupported("the sample rate is out of range");
    const bool known = (format.encoding == Encoding::pcm && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) ||
                       (format.encoding == Encoding::floating && bits == 32) ||
                       (format.encoding == Encoding::mulaw && bits == 8);
    if (!known) return unsupported("only PCM, 32-bit float and mu-law WAVE files are read");
    return format;
}

float to_float(const Format& format, std::uint32_t raw) {
    switch (format.encoding) {
        case Encoding::mulaw: return static_cast<float>(mulaw_decode(static_cast<std::uint8_t>(raw))) / 32'768.0F;
        case Encoding::floating: {
            const auto value = std::bit_cast<float>(raw);
            return std::isfinite(value) ? std::clamp(value, -1.0F, 1.0F) : 0.0F;
        }
        case Encoding::pcm:
        case Encoding::extensible: break;
    }
    if (format.bytes_per_sample == 1) return (static_cast<float>(raw) - 128.0F) / 128.0F;
    const auto shift = static_cast<unsigned>(8 * (4 - format.bytes_per_sample));
    return static_cast<float>(static_cast<double>(static_cast<std::int32_t>(raw << shift)) / 2'147'483'648.0);
}

}  // namespace

std::vector<float> WavClip::mono() const {
    if (channels == 1) return samples;
    std::vector<float> mixed(frames());
    for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = (samples[2 * i] + samples[2 * i + 1]) / 2;
    return mixed;
}

Result<WavClip> read_wav(std::span<const std::byte> file) {
    Reader reader(file);
    if (!reader.tag("RIFF") || reader.take(4).size() != 4 || !reader.tag("WAVE"))
        return Error{Errc::corrupt, "the file is not a WAVE file"};
    std::optional<Format> format;
    while (reader.left() >= 8) {
        Reader head(reader.take(4));
        const bool is_format = Reader(head).tag("fmt ");
        const bool is_data = Reader(head).tag("data");
        const std::size_t size = reader.number(4);
        const auto chunk = reader.take(size);
        if (size % 2 == 1) reader.take(1);
        if (is_format) {
            auto read = read_format(chunk);
            if (!read) return read.error();
            format = *read;
        }
        if (!is_data) continue;
        if (!format) return Error{Errc::corrupt, "the WAVE file has data before its format"};
        WavClip clip{.sample_rate_hz = static_cast<int>(format->rate_hz), .channels = format->channels, .samples = {}};
        const std::size_t frames = chunk.size() / (format->bytes_per_sample * format->channels);
        clip.samples.reserve(frames * format->channels);
        Reader data(chunk);
        for (std::size_t i = 0; i < frames * format->channels; ++i)
            clip.samples.push_back(to_float(*format, data.number(format->bytes_per_sample)));
        return clip;
    }
    return Error{Errc::corrupt, "the WAVE file has no data"};
}

std::string write_wav(std::span<const float> samples, int sample_rate_hz, std::size_t channels) {
    std::string out;
    const std::size_t data_bytes = samples.size() * 2;
    out.reserve(44 + data_bytes);
    const auto put = [&out](std::size_t value, int size) {
        for (int i = 0; i < size; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
    };
    out += "RIFF";
    put(36 + data_bytes, 4);
    out += "WAVEfmt ";
    put(16, 4);
    put(static_cast<std::size_t>(Encoding::pcm), 2);
    put(channels, 2);
    put(static_cast<std::size_t>(sample_rate_hz), 4);
    put(static_cast<std::size_t>(sample_rate_hz) * channels * 2, 4);
    put(channels * 2, 2);
    put(16, 2);
    out += "data";
    put(data_bytes, 4);
    for (const float sample : samples) {
        const float scaled = std::isfinite(sample) ? std::clamp(sample, -1.0F, 1.0F) * 32'767.0F : 0.0F;
        put(static_cast<std::size_t>(static_cast<std::uint16_t>(std::lrintf(scaled))), 2);
    }
    return out;
}

}  // namespace carevoice::audio
