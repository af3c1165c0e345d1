// How well a call is understood: every answer of the scenarios, spoken by Piper over a telephone line, transcribed as a
// whole and as a stream; then ten minutes of a line without anybody, which must give no words.
#include "audio/mulaw.h"
#include "audio/resampler.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "speech/text_filter.h"
#include "speech/text_to_speech.h"
#include "speech/transcribe_file.h"
#include "speech/turn.h"
#include "speech/whisper_engine.h"
#include "word_error.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <numbers>
#include <random>
#include <stdexcept>

namespace carevoice::bench {
namespace {

using speech::Expectation;

template <class T>
T wait_for(async::Task<T> work) {
    async::asio::io_context context(1);
    auto done = async::asio::co_spawn(context, std::move(work), async::asio::use_future);
    context.run();
    return done.get();
}

/// Keeps each duration of the engine.
class Stopwatch final : public Metrics {
public:
    void add(std::string_view, MetricLabels, double) override {}
    void set(std::string_view, double, MetricLabels) override {}
    void observe_seconds(std::string_view histogram, double seconds, MetricLabels) override {
        const std::lock_guard lock(mutex_);
        if (histogram == "carevoice_stt_seconds") seconds_.push_back(seconds);
    }
    std::vector<double> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(seconds_, {});
    }

private:
    std::mutex mutex_;
    std::vector<double> seconds_;
};

struct Answer {
    std::string question;
    std::string text;
    std::string prompt;  ///< what the recogniser is told to expect, as in a call
};

boost::json::value read_json(const std::filesystem::path& path) {
    std::ifstream file(std::filesystem::path(CAREVOICE_SOURCE_DIR) / path);
    if (!file) throw std::runtime_error(path.string() + " is missing");
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// The recogniser's prompt for each question of the protocols.
std::map<std::string, std::string> prompts() {
    std::map<std::string, std::string> found;
    for (const char* name : {"education", "enrollment", "followup"}) {
        const auto protocol = read_json(std::filesystem::path("protocols") / (std::string(name) + ".json"));
        for (const auto& topic : protocol.at("topics").as_array())
            if (const auto* prompt = topic.as_object().if_contains("speech_prompt"))
                found[std::string(topic.at("name").as_string())] = std::string(prompt->as_string());
    }
    return found;
}

std::string joined(const boost::json::value* names) {
    std::string list;
    if (names == nullptr) return list;
    for (const auto& name : names->as_array())
        list.append(list.empty() ? "" : ", ").append(std::string_view(name.as_string()));
    return list;
}

std::string filled_in(std::string prompt, const std::string& medications) {
    constexpr std::string_view place = "{medications}";
    if (const auto at = prompt.find(place); at != std::string::npos) prompt.replace(at, place.size(), medications);
    return prompt;
}

std::vector<Answer> scenario_answers() {
    const auto scenarios = read_json("scenarios/call-scenarios.json");
    const auto prompt_of = prompts();
    std::vector<Answer> answers;
    for (const auto& scenario : scenarios.at("scenarios").as_array()) {
        const auto medications = joined(scenario.as_object().if_contains("medications"));
        for (const auto& [question, texts] : scenario.at("answers").as_object()) {
            const auto found = prompt_of.find(std::string(question));
            const auto prompt = found == prompt_of.end() ? std::string() : filled_in(found->second, medications);
            if (const auto* text = texts.if_string()) answers.push_back({question, std::string(*text), prompt});
            if (const auto* list = texts.if_array())
                for (const auto& text : *list) answers.push_back({question, std::string(text.as_string()), prompt});
        }
    }
    return answers;
}

/// Hums, and what a recogniser is told to take for a phantom.
bool is_lexical(const std::string& text) {
    return !comparable_words(text).empty() && speech::phantom_phrase(text) != speech::Phantom::certain &&
           !speech::remove_sound_remarks(text).empty();
}

Expectation expectation_for(const std::string& question) {
    if (question == "identity") return Expectation::name_and_date;
    if (question == "pain_score") return Expectation::number;
    if (question == "fever") return Expectation::temperature;
    if (question.starts_with("consent") || question == "voicemail_ok" || question == "callback" ||
        question == "caregiver")
        return Expectation::yes_no;
    if (question == "concerns" || question.starts_with("teachback") || question == "mobility" || question == "wound")
        return Expectation::story;
    return Expectation::anything;
}

/// Piper is not deterministic, so each answer is spoken once and kept.
std::vector<float> spoken(speech::TextToSpeech& voice, const std::string& text) {
    const auto folder = std::filesystem::path(CAREVOICE_SOURCE_DIR) / "build" / "bench-voice";
    std::filesystem::create_directories(folder);
    std::uint64_t name = 14'695'981'039'346'656'037ULL;  // FNV-1a
    for (const char c : text) name = (name ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    const auto path = folder / (std::to_string(name) + ".wav");
    if (std::ifstream file(path, std::ios::binary); file) {
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        if (auto clip = audio::read_wav(std::as_bytes(std::span(bytes)))) return clip->samples;
    }
    auto said = wait_for(voice.speak(text, 1.0, Deadline::in(std::chrono::minutes(1))));
    if (!said) return {};
    auto samples = audio::resample(said->samples, said->sample_rate_hz, audio::phone_rate_hz);
    std::ofstream(path, std::ios::binary) << audio::write_wav(samples, audio::phone_rate_hz);
    return samples;
}

/// The speech at -20 dB in the middle of line noise at -62 dB, as the network would send it.
std::vector<std::uint8_t> on_the_line(const std::vector<float>& speech, std::mt19937& random) {
    constexpr std::size_t lead = 5'000;
    constexpr std::size_t tail = 8'000;
    double energy = 1e-9;
    for (const float sample : speech) energy += static_cast<double>(sample * sample);
    const double gain = 0.1 / std::sqrt(energy / static_cast<double>(speech.size() + 1)) * 32'767;
    std::normal_distribution<double> hiss(0, 26);
    std::vector<std::uint8_t> out(lead + speech.size() + tail);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool talks = i >= lead && i < lead + speech.size();
        const double value = hiss(random) + (talks ? gain * static_cast<double>(speech[i - lead]) : 0.0);
        out[i] = audio::mulaw_encode(static_cast<std::int16_t>(std::lround(std::clamp(value, -32'000.0, 32'000.0))));
    }
    return out;
}

struct Streamed {
    std::string text;
    std::vector<double> release_ms;  ///< what the words made the listener wait
    std::size_t utterances = 0;
};

async::Task<Streamed> stream(speech::SpeechToText& engine, audio::VoiceDetectorPool& detectors,
                             speech::StreamedFile file) {
    NoMetrics metrics;
    Streamed result;
    auto on_heard = [&result, expectation = file.expectation](speech::Heard heard) {
        const auto* utterance = std::get_if<speech::Utterance>(&heard);
        if (utterance == nullptr) return;
        ++result.utterances;
        if (!utterance->text.empty()) result.text += (result.text.empty() ? "" : " ") + utterance->text;
        const auto wait = speech::endpoint_wait(speech::judge_completeness(utterance->text, expectation), expectation);
        result.release_ms.push_back(static_cast<double>(wait.count()));
    };
    co_await speech::transcribe_streamed(engine, detectors, metrics, std::move(file), std::move(on_heard));
    co_return result;
}

double quantile(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

/// Ten minutes of noise of several strengths with tones of the network, crackle and hum.
std::vector<std::uint8_t> nobody_on_the_line(std::mt19937& random) {
    constexpr std::size_t seconds = 600;
    std::normal_distribution<double> gauss(0, 1);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<std::uint8_t> out;
    out.reserve(seconds * 8'000);
    for (std::size_t second = 0; second < seconds; ++second) {
        const std::size_t part = second / 60;
        const bool ring = second % 6 < 2;
        const bool beep = second % 15 == 7;
        const double noise = std::array{10.0, 26.0, 26.0, 60.0, 120.0, 26.0, 250.0, 26.0, 500.0, 80.0}[part];
        for (std::size_t i = 0; i < 8'000; ++i) {
            const double t = static_cast<double>(second) + static_cast<double>(i) / 8'000;
            const auto tone = [t](double hz) { return std::sin(2 * std::numbers::pi * hz * t); };
            double value = noise * gauss(random);
            if (part % 2 == 1 && ring) value += 2'500 * (tone(440) + tone(480));
            if (part % 3 == 2 && beep && i < 4'000) value += 3'000 * (tone(770) + tone(1'336));
            if (part == 4 || part == 8) value += 400 * tone(60) + 150 * tone(180);
            if (part >= 5 && uniform(random) < 0.0004) value += 9'000 * gauss(random);
            out.push_back(
                audio::mulaw_encode(static_cast<std::int16_t>(std::lround(std::clamp(value, -32'000.0, 32'000.0)))));
        }
    }
    return out;
}

struct Score {
    std::size_t words = 0;
    std::size_t errors = 0;
    void add(const std::vector<std::string>& said, const std::string& heard) {
        words += said.size();
        errors += word_errors(said, comparable_words(heard));
    }
    [[nodiscard]] double percent() const {
        return words == 0 ? 0 : 100.0 * static_cast<double>(errors) / static_cast<double>(words);
    }
};

struct Parts {
    Stopwatch stopwatch;
    NoMetrics no_metrics;
    std::unique_ptr<speech::SpeechToText> engine;
    std::unique_ptr<audio::VoiceDetectorPool> detectors;
    std::unique_ptr<speech::TextToSpeech> voice;
};

bool load(Parts& parts) {
    const std::filesystem::path models = CAREVOICE_MODELS_DIR;
    auto engine = speech::load_whisper({.model = models / "ggml-base.bin", .workers = 1}, parts.stopwatch);
    auto detectors = audio::load_silero_pool(models / "ggml-silero-v6.2.0.bin", 2);
    auto voice = speech::load_piper(models / "voice", 1, parts.no_metrics);
    if (!engine || !detectors || !voice) {
        std::printf("the models are missing: ./dev setup brings them\n");
        return false;
    }
    parts.engine = std::move(*engine);
    parts.detectors = std::move(*detectors);
    parts.voice = std::move(*voice);
    return true;
}

void measure_answers(Parts& parts, bool verbose) {
    std::mt19937 random(7);
    Score whole;
    Score streamed;
    std::vector<double> decode_ms;
    std::vector<double> cpu_ms;
    std::vector<double> reply_ms;
    std::size_t utterances = 0;
    std::size_t answers = 0;
    for (const Answer& answer : scenario_answers()) {
        if (!is_lexical(answer.text)) continue;
        ++answers;
        const auto mulaw = on_the_line(spoken(*parts.voice, answer.text), random);
        const auto said = comparable_words(answer.text);
        std::vector<float> samples = *speech::decodable(mulaw);
        auto at_once = wait_for(speech::transcribe_whole(*parts.engine, std::move(samples), {.prompt = answer.prompt},
                                                         Deadline::in(std::chrono::minutes(1))));
        const std::string whole_text = at_once ? at_once->text : std::string{};
        whole.add(said, whole_text);
        parts.stopwatch.take();
        speech::StreamedFile file{.mulaw = mulaw,
                                  .expectation = expectation_for(answer.question),
                                  .prompt = answer.prompt,
                                  .hang_up_at_end = false};
        const std::clock_t before = std::clock();
        const auto heard = wait_for(stream(*parts.engine, *parts.detectors, std::move(file)));
        cpu_ms.push_back(1'000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
        streamed.add(said, heard.text);
        utterances += heard.utterances;
        const auto took = parts.stopwatch.take();
        for (const double seconds : took) decode_ms.push_back(seconds * 1'000);
        if (!took.empty() && !heard.release_ms.empty())
            reply_ms.push_back(std::max(heard.release_ms.back(), 232 + took.back() * 1'000));
        const bool wrong = word_errors(said, comparable_words(heard.text)) > 0;
        if (verbose && (wrong || whole_text != heard.text))
            std::printf("  %-14s said:     %s\n  %-14s whole:    %s\n  %-14s streamed: %s\n", answer.question.c_str(),
                        answer.text.c_str(), "", whole_text.c_str(), wrong ? "wrong" : "", heard.text.c_str());
    }
    std::printf("%zu answers, %zu words, %zu utterances\n", answers, whole.words, utterances);
    std::printf("word error rate: whole %.1f %%, streamed %.1f %%\n", whole.percent(), streamed.percent());
    std::printf("decode: p50 %.0f ms, p95 %.0f ms\n", quantile(decode_ms, 0.5), quantile(decode_ms, 0.95));
    std::printf("processor time an answer, voice activity included: p50 %.0f ms, p95 %.0f ms\n", quantile(cpu_ms, 0.5),
                quantile(cpu_ms, 0.95));
    std::printf("end of speech to text: p50 %.0f ms, p95 %.0f ms\n", quantile(reply_ms, 0.5), quantile(reply_ms, 0.95));
}

void measure_nobody(Parts& parts) {
    std::mt19937 random(11);
    parts.stopwatch.take();
    speech::StreamedFile file{.mulaw = nobody_on_the_line(random),
                              .expectation = Expectation::anything,
                              .prompt = {},
                              .hang_up_at_end = true};
    const auto heard = wait_for(stream(*parts.engine, *parts.detectors, std::move(file)));
    const auto took = parts.stopwatch.take();
    std::printf("ten minutes of nobody: %zu words in %zu utterances, %zu decodes%s%s\n",
                speech::plain_words(heard.text).size(), heard.utterances, took.size(), heard.text.empty() ? "" : ": ",
                heard.text.c_str());
}

int run(bool verbose) {
    Parts parts;
    if (!load(parts)) return 1;
    measure_answers(parts, verbose);
    measure_nobody(parts);
    return 0;
}

}  // namespace
}  // namespace carevoice::bench

int main(int argc, char** argv) {
    return carevoice::bench::run(argc > 1 && std::string_view(argv[1]) == "--verbose");
}
