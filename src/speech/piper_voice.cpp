#include "async/blocking_pool.h"
#include "core/text.h"
#include "speech/text_filter.h"
#include "speech/text_to_speech.h"

#include <sherpa-onnx/c-api/c-api.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// espeak-ng, inside sherpa-onnx, loses 1.3 KB in each espeak_SetVoiceByName, which is one for each text: upstream's.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name that LeakSanitizer looks for
extern "C" const char* __lsan_default_suppressions() {
    return "leak:espeak_SetVoiceByName\n";
}
#endif
#endif

namespace carevoice::speech {

namespace {

constexpr std::size_t text_max = 2'000;
// A sentence takes a tenth of its length to speak, so a longer queue would only make late speech.
constexpr std::size_t queue_per_worker = 4;

struct FreeVoice {
    void operator()(const SherpaOnnxOfflineTts* voice) const noexcept { SherpaOnnxDestroyOfflineTts(voice); }
};
using Voice = std::unique_ptr<const SherpaOnnxOfflineTts, FreeVoice>;

struct FreeAudio {
    void operator()(const SherpaOnnxGeneratedAudio* audio) const noexcept {
        SherpaOnnxDestroyOfflineTtsGeneratedAudio(audio);
    }
};
using GeneratedAudio = std::unique_ptr<const SherpaOnnxGeneratedAudio, FreeAudio>;

/// After each sentence: 0 stops.
std::int32_t go_on_until(const float*, std::int32_t, float, void* deadline) {
    return static_cast<const Deadline*>(deadline)->passed(std::chrono::steady_clock::now()) ? 0 : 1;
}

/// What was spoken lately: most of what we say is fixed wording, and a cached question is on its way at once.
/// Thread-safe; in memory only, for texts may name a patient.
class RecentSpeech {
public:
    std::optional<SpokenAudio> find(const std::string& text, double speed) {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.is(text, speed); });
        if (found == entries_.end()) return std::nullopt;
        entries_.splice(entries_.begin(), entries_, found);
        return found->audio;
    }

    void add(std::string text, double speed, const SpokenAudio& audio) {
        const std::lock_guard lock(mutex_);
        entries_.push_front(Entry{std::move(text), speed, audio});
        samples_ += audio.samples.size();
        while (samples_ > samples_max) {
            samples_ -= entries_.back().audio.samples.size();
            entries_.pop_back();
        }
    }

private:
    struct Entry {
        std::string text;
        double speed;
        SpokenAudio audio;
        [[nodiscard]] bool is(const std::string& other_text, double other_speed) const {
            return speed == other_speed && text == other_text;
        }
    };
    static constexpr std::size_t samples_max = std::size_t{4} * 1024 * 1024;  // 16 MB, three minutes of speech

    std::mutex mutex_;
    std::list<Entry> entries_;  // newest use first
    std::size_t samples_ = 0;
};

class PiperVoice final : public TextToSpeech {
public:
    PiperVoice(Voice voice, std::size_t workers, Metrics& metrics)
        : metrics_(metrics), voice_(std::move(voice)), pool_(workers, workers * queue_per_worker) {}

    async::Task<Result<SpokenAudio>> speak(std::string text, double speed, Deadline deadline) override {
        if (text.size() > text_max) co_return Error{Errc::invalid_input, "too much text to speak at once", "text"};
        if (!is_valid_utf8(text) || plain_words(text).empty())
            co_return Error{Errc::invalid_input, "there is nothing to speak in the text", "text"};
        // NUL would end the text early for the C interface; other control characters are no speech either.
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
        if (deadline.passed(std::chrono::steady_clock::now())) {
            count("timed_out");
            co_return Error{Errc::timed_out, "the words came too late"};
        }
        if (auto known = recent_.find(text, speed)) {
            count("cached");
            co_return std::move(*known);
        }
        auto job = [this, spoken = std::move(text), speed, deadline] { return generate(spoken, speed, deadline); };
        auto result = co_await pool_.run(std::move(job));
        count(result.has_value() ? "ok" : to_string(result.error().code));
        co_return result;
    }

private:
    void count(std::string_view outcome) { metrics_.add("carevoice_tts_jobs_total", {{"outcome", outcome}}); }

    Result<SpokenAudio> generate(const std::string& text, double speed, Deadline deadline) {
        const SteadyTime begun = std::chrono::steady_clock::now();
        if (deadline.passed(begun)) return Error{Errc::timed_out, "the voice was too busy"};
        SherpaOnnxGenerationConfig config{};
        config.silence_scale = 0.2F;
        config.speed = static_cast<float>(std::clamp(speed, 0.5, 2.0));
        const GeneratedAudio audio(
            SherpaOnnxOfflineTtsGenerateWithConfig(voice_.get(), text.c_str(), &config, go_on_until, &deadline));
        const SteadyTime ended = std::chrono::steady_clock::now();
        metrics_.observe_seconds("carevoice_tts_seconds", std::chrono::duration<double>(ended - begun).count());
        if (deadline.passed(ended)) return Error{Errc::timed_out, "speaking the text took too long"};
        if (!audio || audio->n <= 0) return Error{Errc::unavailable, "the voice made no sound"};
        SpokenAudio spoken;
        spoken.sample_rate_hz = audio->sample_rate;
        spoken.samples.assign(audio->samples, audio->samples + audio->n);
        for (float& sample : spoken.samples) sample = std::clamp(sample, -1.0F, 1.0F);
        recent_.add(text, speed, spoken);
        return spoken;
    }

    Metrics& metrics_;
    const Voice voice_;
    RecentSpeech recent_;
    async::BlockingPool pool_;
};

}  // namespace

Result<std::unique_ptr<TextToSpeech>> load_piper(const std::filesystem::path& folder, std::size_t workers,
                                                 Metrics& metrics) {
    const std::string model = (folder / "joe-medium.onnx").string();
    const std::string tokens = (folder / "tokens.txt").string();
    const std::string data = (folder / "espeak-ng-data").string();
    // The library ends the process when a file is missing, so look first.
    for (const std::string& file : {model, tokens, data + "/phontab", data + "/en_dict"}) {
        std::error_code failure;
        if (std::filesystem::file_size(file, failure) == 0 || failure)
            return Error{Errc::not_found, "the voice lacks " + file + ": ./dev setup brings it"};
    }
    SherpaOnnxOfflineTtsConfig config{};
    config.model.vits.model = model.c_str();
    config.model.vits.tokens = tokens.c_str();
    config.model.vits.data_dir = data.c_str();
    config.model.vits.noise_scale = 0.667F;  // the voice's own settings
    config.model.vits.noise_scale_w = 0.8F;
    config.model.vits.length_scale = 1.0F;
    config.model.num_threads = 1;
    config.model.provider = "cpu";
    config.max_num_sentences = 1;  // so that the deadline is looked at after each
    config.silence_scale = 0.2F;
    Voice voice(SherpaOnnxCreateOfflineTts(&config));
    if (!voice) return Error{Errc::corrupt, "the voice in " + folder.string() + " cannot be loaded"};
    std::unique_ptr<TextToSpeech> result =
        std::make_unique<PiperVoice>(std::move(voice), std::max<std::size_t>(1, workers), metrics);
    return result;
}

}  // namespace carevoice::speech
