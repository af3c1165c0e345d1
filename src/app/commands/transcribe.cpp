#include "app/commands/commands.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "core/metrics.h"
#include "speech/transcribe_file.h"
#include "speech/whisper_engine.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>
#include <ostream>

namespace carevoice::app {

namespace asio = async::asio;
namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

Result<audio::WavClip> load_wav(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::not_found, "cannot be read"};
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return audio::read_wav(std::as_bytes(std::span(bytes)));
}

/// Runs one coroutine to its end on this thread.
template <class T>
T run(async::Task<T> work) {
    asio::io_context context;
    auto done = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return done.get();
}

json::object describe(const speech::Transcription& text) {
    json::array segments;
    for (const auto& segment : text.segments)
        segments.push_back(json::object{{"text", segment.text},
                                        {"start_ms", segment.start_ms},
                                        {"end_ms", segment.end_ms},
                                        {"confidence", segment.confidence}});
    json::object out;
    out["text"] = text.text;
    out["confidence"] = text.confidence;
    out["segments"] = std::move(segments);
    return out;
}

class Transcriber {
public:
    Transcriber(speech::SpeechToText& engine, audio::VoiceDetectorPool& detectors, std::string prompt,
                std::ostream& out)
        : engine_(engine), detectors_(detectors), prompt_(std::move(prompt)), out_(out) {}

    Result<> whole(const std::string& path, const audio::WavClip& clip) {
        const auto began = std::chrono::steady_clock::now();
        speech::TranscribeOptions options;
        options.prompt = prompt_;
        options.word_details = true;
        options.urgent = false;
        const auto text = run(speech::transcribe_whole(engine_, speech::recognisable(clip), options, Deadline::in(1h)));
        if (text.has_error()) return text.error();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        json::object line;
        line["file"] = path;
        for (auto& member : describe(*text)) line[member.key()] = member.value();
        line["audio_seconds"] = static_cast<double>(clip.frames()) / clip.sample_rate_hz;
        line["processing_seconds"] = took.count();
        out_ << json::serialize(line) << '\n';
        return {};
    }

    void streamed(const std::string& path, const audio::WavClip& clip) {
        speech::StreamedFile file;
        file.mulaw = speech::as_phone_audio(clip);
        file.prompt = prompt_;
        file.hang_up_at_end = false;
        run(feed(std::move(file), path));
    }

private:
    async::Task<int> feed(speech::StreamedFile file, std::string path) {
        const auto on_heard = [this, path](const speech::Heard& heard) { print(path, heard); };
        co_await speech::transcribe_streamed(engine_, detectors_, metrics_, std::move(file), on_heard);
        co_return 0;
    }

    void print(const std::string& path, const speech::Heard& heard) {
        json::object line;
        line["file"] = path;
        if (const auto* const partial = std::get_if<speech::PartialText>(&heard)) {
            line["partial"] = true;
            line["text"] = partial->text;
            line["start_ms"] = partial->start_ms;
        } else if (const auto* const utterance = std::get_if<speech::Utterance>(&heard)) {
            line["partial"] = false;
            line["text"] = utterance->text;
            line["confidence"] = utterance->confidence;
            line["start_ms"] = utterance->start_ms;
            line["end_ms"] = utterance->end_ms;
        } else {
            return;
        }
        out_ << json::serialize(line) << std::endl;
    }

    speech::SpeechToText& engine_;
    audio::VoiceDetectorPool& detectors_;
    const std::string prompt_;
    std::ostream& out_;
    NoMetrics metrics_;
};

}  // namespace

int transcribe(const Settings& settings, const TranscribeCommand& command, std::ostream& out,
               std::ostream& complaints) {
    NoMetrics metrics;
    const auto engine = speech::load_whisper({.model = settings.whisper_model_path()}, metrics);
    if (engine.has_error()) {
        complaints << engine.error().detail << "; run ./dev setup, or set MODELS_DIR to the folder of the models\n";
        return 1;
    }
    auto loaded = audio::load_silero_pool(settings.vad_model_path(), 1);
    const auto detectors = loaded.has_value() ? std::move(*loaded) : audio::make_energy_only_pool();
    Transcriber transcriber(**engine, *detectors, command.prompt, out);
    int exit_code = 0;
    for (const auto& path : command.files) {
        const auto clip = load_wav(path);
        auto done = clip.has_error() ? Result<>(clip.error()) : Result<>();
        if (clip.has_value()) {
            if (command.stream)
                transcriber.streamed(path, *clip);
            else
                done = transcriber.whole(path, *clip);
        }
        if (done.has_error()) {
            complaints << path << ": " << done.error().detail << '\n';
            exit_code = 1;
        }
    }
    return exit_code;
}

}  // namespace carevoice::app
