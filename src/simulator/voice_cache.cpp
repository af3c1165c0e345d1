#include "simulator/voice_cache.h"

#include "audio/resampler.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr float voice_peak = 0.4F;
constexpr float audible = 0.004F;
/// Kept before the first and after the last audible sample: an "f" or a "w" begins below any threshold.
constexpr std::ptrdiff_t margin_before = audio::phone_rate_hz * 80 / 1000;
constexpr std::ptrdiff_t margin_after = audio::phone_rate_hz * 20 / 1000;
constexpr milliseconds speak_timeout{60'000};
constexpr double babble_characters_per_second = 15;

/// FNV-1a, 64 bits: names files, guards nothing.
std::uint64_t hash_of(std::string_view text, double speed, double volume) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&hash](std::string_view bytes) {
        for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
    };
    add(text);
    add("|" + std::to_string(speed) + "|" + std::to_string(volume) + "|v2");
    return hash;
}

Result<SharedClip> read_clip(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{Errc::not_found, "not in the cache"};
    auto clip = std::make_shared<Clip>();
    clip->mulaw.assign(std::istreambuf_iterator<char>(in), {});
    if (clip->mulaw.empty()) return Error{Errc::corrupt, "an empty file in the cache"};
    return SharedClip(std::move(clip));
}

Result<> write_clip(const std::filesystem::path& file, const Clip& clip) {
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    auto part = file;
    part += ".part";
    {
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        for (const auto byte : clip.mulaw) out.put(static_cast<char>(byte));
        if (!out) return Error{Errc::unavailable, "the cache folder cannot be written"};
    }
    std::filesystem::rename(part, file, failure);
    if (failure) return Error{Errc::unavailable, "the cache folder cannot be written"};
    return {};
}

}  // namespace

bool is_speakable(std::string_view text) noexcept {
    int depth = 0;
    for (const char character : text) {
        if (character == '[') ++depth;
        if (character == ']') --depth;
        if (depth == 0 && std::isalnum(static_cast<unsigned char>(character)) != 0) return true;
    }
    return false;
}

SharedClip make_clip(const speech::SpokenAudio& audio, double volume) {
    auto samples = audio::resample(audio.samples, audio.sample_rate_hz, audio::phone_rate_hz);
    const auto loud = [](float sample) { return std::abs(sample) > audible; };
    auto begin = std::find_if(samples.begin(), samples.end(), loud);
    auto end = std::find_if(samples.rbegin(), samples.rend(), loud).base();
    auto clip = std::make_shared<Clip>();
    if (begin >= end) return clip;
    begin -= std::min(margin_before, begin - samples.begin());
    end += std::min(margin_after, samples.end() - end);
    float peak = audible;
    for (auto at = begin; at != end; ++at) peak = std::max(peak, std::abs(*at));
    const float gain = voice_peak * static_cast<float>(volume) / peak;
    clip->mulaw.reserve(static_cast<std::size_t>(end - begin));
    for (auto at = begin; at != end; ++at)
        clip->mulaw.push_back(audio::mulaw_encode(static_cast<std::int16_t>(std::lround(*at * gain * 32767.0F))));
    return clip;
}

VoiceCache::VoiceCache(speech::TextToSpeech* voice, std::filesystem::path folder)
    : voice_(voice), folder_(std::move(folder)) {}

async::Task<Result<SharedClip>> VoiceCache::clip(std::string text, double speed, double volume) {
    const auto key = hash_of(text, speed, volume);
    {
        const std::lock_guard lock(mutex_);
        const auto found = clips_.find(key);
        if (found != clips_.end()) co_return found->second;
    }
    if (voice_ == nullptr) {
        const double seconds = static_cast<double>(text.size()) / babble_characters_per_second;
        const milliseconds length{std::max(400LL, std::llround(seconds * 1000))};
        co_return remember(key, make_babble(length));
    }
    if (!folder_.empty()) {
        auto read = [file = file_of(key)] { return read_clip(file); };
        const auto kept = co_await files_.run(std::move(read));
        if (kept) co_return remember(key, *kept);
    }
    const auto spoken = co_await voice_->speak(std::move(text), speed, Deadline::in(speak_timeout));
    if (!spoken) co_return spoken.error();
    auto clip = make_clip(*spoken, volume);
    if (!folder_.empty()) {
        auto write = [file = file_of(key), clip] { return write_clip(file, *clip); };
        // Without a cache the next run is slower, that is all.
        const auto written = co_await files_.run(std::move(write));
        static_cast<void>(written);
    }
    co_return remember(key, clip);
}

std::filesystem::path VoiceCache::file_of(std::uint64_t key) const {
    char name[32];
    std::snprintf(name, sizeof name, "%016llx.ulaw", static_cast<unsigned long long>(key));
    return folder_ / name;
}

SharedClip VoiceCache::remember(std::uint64_t key, const SharedClip& clip) {
    const std::lock_guard lock(mutex_);
    return clips_.try_emplace(key, clip).first->second;
}

}  // namespace carevoice::simulator
