#include "api/routes.h"

#include "api_house.h"
#include "schema_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <array>

namespace carevoice::api {
namespace {

namespace asio = async::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Looks at live events over a socket. Every wait ends after 10 s, with a failed expectation.
class Onlooker {
public:
    explicit Onlooker(ApiHouse& api, const std::string& target = "/api/v1/events", const std::string& headers = {})
        : api_(api), socket_(api.house.context) {
        socket_.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), api.port()));
        asio::write(socket_, asio::buffer("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n"));
    }
    /// All that came, up to and with the first `mark` that was not read before.
    std::string until(const std::string& mark) { return api_.run(read(mark)); }
    std::string to_the_end() { return api_.run(read({})); }

private:
    async::Task<std::string> read(std::string mark) {
        asio::steady_timer too_long(co_await asio::this_coro::executor, 10s);
        too_long.async_wait([this, &mark](boost::system::error_code failure) {
            if (failure) return;
            ADD_FAILURE() << "nothing more came than " << came_ << ", but not " << mark;
            socket_.close(failure);
        });
        boost::system::error_code failure;
        std::array<char, 65'536> bytes{};
        while (!failure && (mark.empty() || came_.find(mark) == std::string::npos)) {
            const auto count = co_await socket_.async_read_some(asio::buffer(bytes),
                                                                asio::redirect_error(asio::use_awaitable, failure));
            came_.append(bytes.data(), count);
        }
        const auto at = mark.empty() ? std::string::npos : came_.find(mark);
        const auto end = at == std::string::npos ? came_.size() : at + mark.size();
        std::string text = came_.substr(0, end);
        came_.erase(0, end);
        co_return text;
    }

    ApiHouse& api_;
    tcp::socket socket_;
    std::string came_;
};

/// Holds each event of a stream to /openapi.json.
void expect_described(const ApiHouse& api, const std::string& text) {
    const boost::json::object schema{{"$ref", "#/components/schemas/LiveEvent"}};
    constexpr std::string_view mark = "event: ";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        at += mark.size();
        const auto line_end = text.find('\n', at);
        const auto data = text.find("data: ", line_end);
        if (data == std::string::npos) return;
        const auto data_end = text.find('\n', data);
        if (data_end == std::string::npos) return;
        boost::json::object event;
        event[text.substr(at, line_end - at)] = boost::json::parse(text.substr(data + 6, data_end - data - 6));
        EXPECT_EQ(schema_fault(api.document, schema, event), "") << text.substr(at, data_end - at);
    }
}

TEST(EventRoutes, NeedTheKeyAndAnIdThatCanBe) {
    ApiHouse api({.api_key = "a key of some length", .live_events = true});
    EXPECT_EQ(api.get("/api/v1/events").status, 401);
    net::HttpRequest request{.method = "GET", .target = "/api/v1/events?call_session_id=%20"};
    request.headers.set("Authorization", "Bearer a key of some length");
    const auto refused = api.send(std::move(request));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(field_of(refused), "call_session_id");
}

TEST(EventRoutes, AreUnavailableForTooManyReaders) {
    ApiHouse api({.live_events = true, .event_limits = {.readers = 1}});
    Onlooker first(api);
    first.until("reload");
    EXPECT_EQ(api.get("/api/v1/events").status, 503);
}

TEST(EventRoutes, ShowACallAsItGoes) {
    ApiHouse api({.live_events = true});
    Onlooker wall(api);
    EXPECT_THAT(wall.until("reload"), HasSubstr("Content-Type: text/event-stream"));
    EXPECT_EQ(api.post_json("/api/v1/calls/initiate",
                            R"({"patient_id":"ruth","call_type":"followup","call_session_id":"s1"})")
                  .status,
              201);
    auto seen = wall.until("\"status\":\"queued\"");
    api.answer_call();
    seen += wall.until("event: turn");
    seen += wall.until("Riverside Hospital");
    api.post_form("/api/v1/twilio/gather/s1",
                  api.webhook({{"SpeechResult", "I have terrible chest pain and I cannot breathe"}}));
    seen += wall.until("event: alert");
    seen += wall.until("\"severity\":\"critical\"");
    seen += wall.until("\n\n");
    expect_described(api, seen);
    EXPECT_THAT(seen, Not(HasSubstr("Albrecht"))) << "no name is told";
}

TEST(EventRoutes, ShowWhoLooksAfterAnAlert) {
    ApiHouse api({.live_events = true});
    api.post_json("/api/v1/calls/initiate", R"({"patient_id":"ruth","call_type":"followup","call_session_id":"s1"})");
    api.answer_call();
    api.post_form("/api/v1/twilio/gather/s1",
                  api.webhook({{"SpeechResult", "I have terrible chest pain and I cannot breathe"}}));
    const auto alerts = body_of(api.get("/api/v1/alerts"));
    const std::string id(alerts.at("alerts").as_array().at(0).at("id").as_string());
    Onlooker wall(api);
    wall.until("reload");
    EXPECT_EQ(api.post_json("/api/v1/alerts/" + id + "/acknowledge", "").status, 200);
    wall.until("\"status\":\"acknowledged\"");
}

TEST(EventRoutes, ShowPartialWordsToWhoLooksAtTheCall) {
    ApiHouse api({.live_events = true});
    Onlooker wall(api);
    Onlooker detail(api, "/api/v1/events?call_session_id=s1");
    wall.until("reload");
    detail.until("reload");
    api.publisher.on_partial(
        {.call_session_id = CallSessionId("s1"), .topic = "pain", .text = "it hurts", .audio_ms = 7});
    domain::Call call;
    call.call_session_id = CallSessionId("s1");
    api.publisher.on_call(call);
    const auto seen = detail.until("it hurts") + detail.until("\n\n");
    EXPECT_THAT(seen, HasSubstr("event: partial"));
    expect_described(api, seen.substr(seen.find("event: partial")));
    EXPECT_THAT(wall.until("event: call"), Not(HasSubstr("it hurts")));
}

TEST(EventRoutes, GoOnAfterABreak) {
    ApiHouse api({.live_events = true});
    const auto tell = [&api](const char* id) {
        domain::Call call;
        call.call_session_id = CallSessionId(id);
        api.publisher.on_call(call);
    };
    std::string last;
    {
        Onlooker wall(api);
        wall.until("reload");
        tell("c1");
        const auto seen = wall.until("\"c1\"");
        const auto at = seen.rfind("id: ") + 4;
        last = seen.substr(at, seen.find('\n', at) - at);
    }
    tell("c2");
    Onlooker wall(api, "/api/v1/events", "Last-Event-ID: " + last + "\r\n");
    const auto seen = wall.until("\"c2\"");
    EXPECT_THAT(seen, Not(HasSubstr("reload")));
    EXPECT_THAT(seen, Not(HasSubstr("\"c1\"")));
}

TEST(EventRoutes, BeatWhileNothingHappens) {
    ApiHouse api({.live_events = true, .heartbeat = 10ms});
    Onlooker wall(api);
    wall.until(": nothing new\n\n");
    wall.until(": nothing new\n\n");
}

TEST(EventRoutes, LetASlowReaderGoAndTellItToComeBack) {
    ApiHouse api({.live_events = true, .event_limits = {.ring = 64}});
    Onlooker slow(api);
    slow.until("reload");
    const std::string much(8'192, 'x');
    // More than the buffers of both sides hold, which is a few MiB.
    for (int i = 0; i < 4'000; ++i) {
        api.feed.take("a." + std::to_string(i) + " call s1 " + much);
        api.house.context.restart();
        api.house.context.poll();
    }
    const auto all = slow.to_the_end();
    EXPECT_THAT(all.substr(all.size() - 60), HasSubstr("event: resume\ndata: {}\n\n"));
    EXPECT_LT(all.size(), 4'000 * much.size());
}

TEST(EventRoutes, EndWithTheServer) {
    ApiHouse api({.live_events = true});
    Onlooker wall(api);
    wall.until("reload");
    api.run(api.server->stop(10s));
    EXPECT_THAT(wall.to_the_end(), testing::EndsWith("0\r\n\r\n"));
}

}  // namespace
}  // namespace carevoice::api
