// Responses that are written bit by bit (server-sent events).
#include "net/server.h"

#include "test_server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace carevoice::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

async::Task<> send_three(HttpRequest, std::shared_ptr<Router::StreamSink> sink) {
    for (int i = 0; i < 3; ++i) {
        std::string event = "data: " + std::to_string(i) + "\n\n";
        (void)co_await sink->write(std::move(event));
        (void)co_await sink->write("");
    }
}

/// Sends one event and waits for ever; tells how it ended.
Router::StreamHandler send_one_and_wait(std::promise<void>& ended) {
    struct AtEnd {
        std::promise<void>& promise;
        ~AtEnd() { promise.set_value(); }
    };
    return [&ended](HttpRequest, std::shared_ptr<Router::StreamSink> sink) -> async::Task<> {
        const AtEnd at_end{ended};
        (void)co_await sink->write("data: x\n\n");
        (void)co_await async::sleep_for(1h);
    };
}

TEST(Stream, IsChunkedAndEndsWithItsHandler) {
    Router router;
    router.on_stream("/events", "text/event-stream", send_three);
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/events");
    const auto response = client.read_to_end();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("Content-Type: text/event-stream\r\n"));
    EXPECT_THAT(response, EndsWith("9\r\ndata: 0\n\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
}

TEST(Stream, IsNotChunkedForHttp10) {
    Router router;
    router.on_stream("/events", "text/event-stream", send_three);
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.send("GET /events HTTP/1.0\r\n\r\n");
    EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\ndata: 0\n\ndata: 1\n\ndata: 2\n\n"));
}

TEST(Stream, HeadHasTheHeadOnly) {
    Router router;
    router.on_stream("/events", "text/event-stream", send_three);
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\n"));
}

TEST(Stream, TheCheckCanRefuse) {
    Router router;
    const auto deny = [](HttpRequest) -> async::Task<boost::system::result<void, HttpResponse>> {
        co_return text_response(401, "text/plain", "who are you?");
    };
    router.on_stream("/events", "text/event-stream", deny, send_three);
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/events");
    const auto response = client.read_response();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(response, Not(HasSubstr("data")));
}

TEST(Stream, EndsWhenTheClientGoes) {
    std::promise<void> ended;
    Router router;
    router.on_stream("/events", "text/event-stream", send_one_and_wait(ended));
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/events");
    client.read_until("data: x");
    client.close();
    ended.get_future().get();
}

TEST(Stream, EndsWhenTheServerStops) {
    std::promise<void> ended;
    Router router;
    router.on_stream("/events", "text/event-stream", send_one_and_wait(ended));
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/events");
    client.read_until("data: x\n\n\r\n");
    auto stopped = server.begin_stop(1min);
    EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
    stopped.get();
    ended.get_future().get();
}

TEST(Stream, IsNotCutByTheTimeoutsOfRequests) {
    Router router;
    router.on_stream("/events", "text/event-stream",
                     [](HttpRequest, std::shared_ptr<Router::StreamSink> sink) -> async::Task<> {
                         (void)co_await async::sleep_for(100ms);
                         (void)co_await sink->write("late");
                     });
    TestServer server(std::move(router), {.header_timeout = 10ms, .request_timeout = 20ms, .idle_timeout = 10ms});
    RawClient client(server.port());
    client.get("/events");
    EXPECT_THAT(client.read_to_end(), EndsWith("4\r\nlate\r\n0\r\n\r\n"));
}

TEST(Stream, AClientThatDoesNotReadIsCutAtTheTimeout) {
    std::promise<Errc> ended;
    Router router;
    router.on_stream("/events", "text/plain",
                     [&](HttpRequest, std::shared_ptr<Router::StreamSink> sink) -> async::Task<> {
                         for (;;) {
                             std::string much(1024 * 1024, 'x');
                             const auto written = co_await sink->write(std::move(much));
                             if (written.has_value()) continue;
                             ended.set_value(written.error().code);
                             co_return;
                         }
                     });
    TestServer server(std::move(router), {.request_timeout = 50ms});
    RawClient client(server.port());
    client.get("/events");
    EXPECT_EQ(ended.get_future().get(), Errc::unavailable);
}

}  // namespace
}  // namespace carevoice::net
