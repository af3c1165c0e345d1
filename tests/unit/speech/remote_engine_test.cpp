#include "speech/remote_engine.h"

#include "audio/wav.h"
#include "unit/net/test_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <functional>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using net::HttpRequest;
using net::HttpResponse;
using testing::HasSubstr;

Samples16k one_second() {
    return std::make_shared<const std::vector<float>>(16'000, 0.25F);
}

class RemoteEngineTest : public testing::Test {
protected:
    using Answer = std::function<HttpResponse(const HttpRequest&)>;

    void start(Answer answer, std::string key = "secret-key", std::size_t jobs_max = 16) {
        net::Router router;
        router.on("POST", "/stt/v1/audio/transcriptions",
                  [answer = std::move(answer)](HttpRequest request) -> async::Task<HttpResponse> {
                      co_return answer(request);
                  });
        server_ = std::make_unique<net::TestServer>(std::move(router));
        use_port(server_->port(), std::move(key), jobs_max);
    }
    void use_port(std::uint16_t port, std::string key = {}, std::size_t jobs_max = 16) {
        RemoteSttOptions options;
        options.base_url = net::Url{.scheme = "http", .host = "127.0.0.1", .port = port, .path = "/stt/"};
        options.api_key = std::move(key);
        options.jobs_max = jobs_max;
        engine_ = make_remote_stt(std::move(options), client_.client(), metrics_);
    }

    std::future<Result<Transcription>> begin(TranscribeOptions options = {}, Deadline deadline = Deadline::in(10s),
                                             Samples16k audio = one_second()) {
        auto work = engine_->transcribe(std::move(audio), std::move(options), deadline);
        return asio::co_spawn(asio::make_strand(client_.context()), std::move(work), asio::use_future);
    }

    static Answer says(std::string body, int status = 200) {
        return [body = std::move(body), status](const HttpRequest&) {
            return net::text_response(status, "application/json", body);
        };
    }

    NoMetrics metrics_;
    net::TestClient client_;
    std::unique_ptr<net::TestServer> server_;
    std::unique_ptr<SpeechToText> engine_;
};

TEST_F(RemoteEngineTest, SendsAWaveFileAndReadsSegments) {
    HttpRequest seen;
    start([&seen](const HttpRequest& request) {
        seen = request;
        return net::text_response(200, "application/json", R"({"text":" Seven out of ten.","segments":[
            {"start":0.2,"end":1.0,"text":" Seven out of ten.","avg_logprob":-0.1,"no_speech_prob":0.01},
            {"start":1.0,"end":2.0,"text":" [BLANK_AUDIO]","avg_logprob":-0.1}]})");
    });
    TranscribeOptions options;
    options.prompt = "pain score";
    options.word_details = true;
    const auto result = begin(options).get();
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    EXPECT_EQ(result->text, "Seven out of ten.");
    EXPECT_NEAR(result->confidence, 0.905, 0.001);
    ASSERT_EQ(result->segments.size(), 1U);
    EXPECT_EQ(result->segments[0].start_ms, 200);
    EXPECT_EQ(result->segments[0].end_ms, 1'000);
    EXPECT_EQ(engine_->load(), 0U);

    EXPECT_EQ(seen.headers.find("authorization"), "Bearer secret-key");
    const std::string type(seen.headers.find("content-type").value_or(""));
    const std::string start_of_type = "multipart/form-data; boundary=";
    ASSERT_TRUE(type.starts_with(start_of_type)) << type;
    const std::string boundary = "--" + type.substr(start_of_type.size());
    EXPECT_TRUE(seen.body.starts_with(boundary + "\r\n"));
    EXPECT_TRUE(seen.body.ends_with("\r\n" + boundary + "--\r\n"));
    EXPECT_THAT(seen.body, HasSubstr("name=\"model\"\r\n\r\nwhisper-1\r\n"));
    EXPECT_THAT(seen.body, HasSubstr("name=\"response_format\"\r\n\r\nverbose_json\r\n"));
    EXPECT_THAT(seen.body, HasSubstr("name=\"prompt\"\r\n\r\npain score\r\n"));
    const auto file = seen.body.find("RIFF");
    ASSERT_NE(file, std::string::npos);
    const auto clip = audio::read_wav(std::as_bytes(std::span(seen.body).subspan(file)));
    ASSERT_TRUE(clip.has_value());
    EXPECT_EQ(clip->sample_rate_hz, 16'000);
    EXPECT_EQ(clip->frames(), 16'000U);
}

TEST_F(RemoteEngineTest, SendsNoKeyWhenItHasNone) {
    std::atomic<bool> had_key{true};
    start(
        [&had_key](const HttpRequest& request) {
            had_key = request.headers.find("authorization").has_value();
            return net::text_response(200, "application/json", R"({"text":"Yes."})");
        },
        "");
    const auto result = begin().get();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->text, "Yes.");
    EXPECT_GT(result->confidence, 0.5);
    EXPECT_FALSE(had_key);
}

TEST_F(RemoteEngineTest, FiltersWhatNobodySaid) {
    for (const char* body :
         {R"({"text":""})", R"({"text":"Thanks for watching!"})", R"({"text":"[BLANK_AUDIO]"})",
          R"({"text":"you","segments":[{"text":"you","no_speech_prob":0.9}]})",
          R"({"text":"So so","segments":[{"text":"So so","avg_logprob":-2,"no_speech_prob":0.8}]})"}) {
        start(says(body));
        const auto result = begin().get();
        ASSERT_TRUE(result.has_value()) << body;
        EXPECT_EQ(result->text, "") << body;
    }
    start(says(R"({"text":"x","segments":[{"text":"chest pain","avg_logprob":-2,"no_speech_prob":0.8}]})"));
    EXPECT_EQ(begin().get()->text, "chest pain") << "red flags stay";
}

TEST_F(RemoteEngineTest, TellsTroublesApart) {
    for (const auto& [status, code] : std::vector<std::pair<int, Errc>>{
             {401, Errc::rejected}, {400, Errc::rejected}, {429, Errc::unavailable}, {503, Errc::unavailable}}) {
        start(says("{}", status));
        const auto result = begin().get();
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, code) << status;
        EXPECT_EQ(result.error().provider_code, status);
    }
    for (const char* body : {"", "not json", "[]", "{}", R"({"text":7})", R"({"text":)"}) {
        start(says(body));
        EXPECT_EQ(begin().get().error().code, Errc::unavailable) << body;
    }
    start(says(R"({"text":"Yes.","segments":[1,{},{"text":5},{"text":"Yes.","start":-1e300,"end":1e300}]})"));
    EXPECT_EQ(begin().get()->text, "Yes.");
}

TEST_F(RemoteEngineTest, ReportsAServerThatIsAway) {
    std::uint16_t free_port = 0;
    {
        start(says("{}"));
        free_port = server_->port();
        server_.reset();
    }
    use_port(free_port);
    EXPECT_EQ(begin().get().error().code, Errc::unavailable);
}

TEST_F(RemoteEngineTest, KeepsItsDeadlineAndItsLimit) {
    std::promise<void> release;
    net::ScriptedServer silent([gate = release.get_future().share()](net::tcp::socket&, int) { gate.wait(); });
    use_port(silent.port(), "", 1);
    EXPECT_EQ(begin({}, Deadline::in(0ms)).get().error().code, Errc::timed_out);
    auto slow = begin({}, Deadline::in(300ms));
    while (engine_->load() == 0) std::this_thread::yield();
    EXPECT_EQ(begin().get().error().code, Errc::unavailable) << "one at a time";
    EXPECT_EQ(slow.get().error().code, Errc::timed_out);
    release.set_value();
}

TEST_F(RemoteEngineTest, RefusesAClipThatIsTooLong) {
    start(says(R"({"text":"Yes."})"));
    auto long_clip = std::make_shared<const std::vector<float>>(31 * 16'000, 0.0F);
    EXPECT_EQ(begin({}, Deadline::in(10s), long_clip).get().error().code, Errc::invalid_input);
    EXPECT_EQ(begin({}, Deadline::in(10s), nullptr).get().error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::speech
