// What one media stream costs without a recogniser: WebSocket, JSON, base64, mu-law, energy gate and voice activity.
//
// bench_media_path [streams] [seconds] [percent of the time with speech]
// The server runs on one thread of this process; the simulated Twilio is a child process, so that only the server's own
// CPU time and memory are counted.
#include "async/task_group.h"
#include "audio/mulaw.h"
#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "calls/media_session.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/text.h"
#include "net/client.h"
#include "net/server.h"
#include "speech/transcribe_file.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace carevoice;
using namespace std::chrono_literals;
namespace asio = async::asio;

constexpr std::size_t frame_bytes = 160;
constexpr milliseconds frame_span = 20ms;

/// Gives every utterance back empty at once.
class NoRecogniser final : public speech::SpeechToText {
public:
    async::Task<Result<speech::Transcription>> transcribe(speech::Samples16k, speech::TranscribeOptions,
                                                          Deadline) override {
        co_return speech::Transcription{};
    }
    [[nodiscard]] std::size_t load() const noexcept override { return 0; }
    [[nodiscard]] std::size_t workers() const noexcept override { return 1; }
};

class CountingOwner final : public calls::StreamOwner {
public:
    void on_heard(speech::Heard) override {}
    void on_stream_ended() override {}
};

// ---- The simulated Twilio

std::vector<std::uint8_t> load_speech() {
    std::ifstream file(std::string(CAREVOICE_SOURCE_DIR) + "/tests/data/audio/jfk.wav", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return speech::as_phone_audio(audio::read_wav(std::as_bytes(std::span(bytes))).value());
}

/// Frames of a quiet line and of a speaking patient, as base64: encoded once, sent by all streams.
struct Frames {
    std::vector<std::string> quiet;
    std::vector<std::string> speech;
};

std::string encode(std::span<const std::uint8_t> frame) {
    return base64_encode(std::as_bytes(frame));
}

Frames make_frames() {
    Frames frames;
    SeededRandom random(5);
    std::vector<std::uint8_t> frame(frame_bytes);
    for (int i = 0; i < 50; ++i) {
        for (auto& code : frame) code = audio::mulaw_encode(static_cast<std::int16_t>(random.next_unit() * 24 - 12));
        frames.quiet.push_back(encode(frame));
    }
    const auto speech = load_speech();
    for (std::size_t at = 0; at + frame_bytes <= speech.size(); at += frame_bytes)
        frames.speech.push_back(encode(std::span(speech).subspan(at, frame_bytes)));
    return frames;
}

async::Task<> play_stream(net::HttpClient& http, std::uint16_t port, const Frames& frames, int number,
                          int speech_percent, SteadyTime end) {
    net::Url url{.scheme = "ws", .host = "127.0.0.1", .port = port, .path = "/stream"};
    auto opened = co_await http.open_websocket(std::move(url), net::Headers{}, Deadline::in(60s));
    if (opened.has_error()) co_return;
    const auto socket = *opened;
    const std::string sid = "MZ" + std::to_string(10'000'000 + number);
    (void)co_await socket->write("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
    (void)co_await socket->write(
        "{\"event\":\"start\",\"sequenceNumber\":\"1\",\"streamSid\":\"" + sid + "\",\"start\":{\"streamSid\":\"" +
        sid +
        "\",\"accountSid\":\"AC1\",\"callSid\":\"CA1\",\"tracks\":[\"inbound\"],\"mediaFormat\":"
        "{\"encoding\":\"audio/x-mulaw\",\"sampleRate\":8000,\"channels\":1},"
        "\"customParameters\":{}}}");
    SteadyTime next = std::chrono::steady_clock::now();
    for (std::size_t chunk = 1; next < end; ++chunk) {
        // Whole sentences rather than single frames: 550 frames of speech, then quiet for the rest of the cycle.
        const std::size_t cycle =
            speech_percent > 0 ? frames.speech.size() * 100 / static_cast<std::size_t>(speech_percent) : 1;
        const std::size_t at = (chunk + static_cast<std::size_t>(number) * 37) % cycle;
        const bool speaking = speech_percent > 0 && at < frames.speech.size();
        const auto& payload = speaking ? frames.speech[at] : frames.quiet[chunk % frames.quiet.size()];
        std::string message = "{\"event\":\"media\",\"sequenceNumber\":\"" + std::to_string(chunk + 1) +
                              "\",\"media\":{\"track\":\"inbound\",\"chunk\":\"" + std::to_string(chunk) +
                              "\",\"timestamp\":\"" + std::to_string(chunk * 20) + "\",\"payload\":\"" + payload +
                              "\"},\"streamSid\":\"" + sid + "\"}";
        if ((co_await socket->write(std::move(message))).has_error()) co_return;
        next += frame_span;
        if ((co_await async::sleep_until(next)).has_error()) co_return;
    }
    co_await socket->close(1000);
}

void be_twilio(std::uint16_t port, int streams, int seconds, int speech_percent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto frames = make_frames();
    asio::io_context context(1);
    SystemRandom random;
    NoMetrics metrics;
    net::ClientOptions options;
    options.connections_per_origin = static_cast<std::size_t>(streams) + 1;
    net::HttpClient http(context.get_executor(), options, random, metrics);
    async::TaskGroup group("streams");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (int i = 0; i < streams; ++i)
        group.spawn(context.get_executor(), play_stream(http, port, frames, i, speech_percent, end));
    context.run();
}

// ---- The server

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_kb() {
    std::ifstream statm("/proc/self/statm");
    long total = 0;
    long resident = 0;
    statm >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

net::Router make_router(NoRecogniser& engine, audio::VoiceDetectorPool& detectors, Metrics& metrics,
                        std::atomic<int>& open_streams) {
    net::Router router;
    auto accept_all = [](net::HttpRequest) -> async::Task<boost::system::result<void, net::HttpResponse>> {
        co_return boost::system::result<void, net::HttpResponse>();
    };
    auto serve = [&engine, &detectors, &metrics, &open_streams](std::shared_ptr<net::WebSocket> socket,
                                                                net::HttpRequest) -> async::Task<> {
        auto attach = [&open_streams](twilio::StreamStart, std::shared_ptr<calls::MediaSession>)
            -> async::Task<Result<std::shared_ptr<calls::StreamOwner>>> {
            ++open_streams;
            co_return std::shared_ptr<calls::StreamOwner>(std::make_shared<CountingOwner>());
        };
        const auto session =
            std::make_shared<calls::MediaSession>(std::move(socket), engine, detectors, metrics, std::move(attach));
        co_await session->run();
    };
    router.on_websocket("/stream", accept_all, serve);
    return router;
}

}  // namespace

int main(int argc, char** argv) {
    const int streams = argc > 1 ? std::atoi(argv[1]) : 400;
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 20;
    const int speech_percent = argc > 3 ? std::atoi(argv[3]) : 0;

    asio::io_context context(1);
    SystemRandom random;
    NoMetrics metrics;
    NoRecogniser engine;
    auto silero = audio::load_silero_pool(std::string(CAREVOICE_MODELS_DIR) + "/ggml-silero-v6.2.0.bin", 64);
    const auto detectors = silero.has_value() ? std::move(*silero) : audio::make_energy_only_pool();
    std::atomic<int> open_streams{0};
    net::HttpServer server(context.get_executor(), make_router(engine, *detectors, metrics, open_streams), {}, random);
    if (const auto listening = server.listen("127.0.0.1", 0); listening.has_error()) return 1;

    const pid_t child = fork();
    if (child == 0) {
        be_twilio(server.port(), streams, seconds + 8, speech_percent);
        _exit(0);
    }
    async::TaskGroup group("server");
    group.spawn(context.get_executor(), server.run());
    const double before_kb = resident_kb();
    std::thread io([&context] { context.run(); });
    while (open_streams < streams) std::this_thread::sleep_for(50ms);
    std::this_thread::sleep_for(2s);
    const double cpu_before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    const double cpu = cpu_seconds() - cpu_before;
    const double per_stream_kb = (resident_kb() - before_kb) / streams;
    const double ms_a_stream_second = cpu * 1000 / wall.count() / streams;
    std::printf(
        "media path, %d streams, %d %% speech: %.3f ms of CPU a stream-second, so %.0f streams a core; %.0f KB "
        "resident a "
        "stream; server at %.0f %% of one core\n",
        streams, speech_percent, ms_a_stream_second, 1000 / ms_a_stream_second, per_stream_kb,
        cpu / wall.count() * 100);
    waitpid(child, nullptr, 0);
    auto stop = [](net::HttpServer& of, async::TaskGroup& running) -> async::Task<> {
        co_await of.stop(1s);
        co_await running.stop();
    };
    asio::co_spawn(context, stop(server, group), asio::use_future).wait();
    io.join();
    return 0;
}
