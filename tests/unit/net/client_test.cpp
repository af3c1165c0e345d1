#include "net/client.h"

#include "test_client.h"

#include <gmock/gmock.h>

namespace carevoice::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Router echo_router() {
    Router router;
    const auto echo = [](HttpRequest request) -> async::Task<HttpResponse> {
        auto response = text_response(200, "text/plain", request.method + " " + request.target + " " + request.body);
        response.headers.add("X-Host", std::string(request.headers.find("Host").value_or("")));
        co_return response;
    };
    router.on("GET", "/{rest...}", echo);
    router.on("POST", "/{rest...}", echo);
    router.on("GET", "/status/{code}", [](HttpRequest request) -> async::Task<HttpResponse> {
        co_return text_response(std::stoi(std::string(request.path_param("code"))), "text/plain", "");
    });
    return router;
}

TEST(HttpClient, GetsAndPosts) {
    TestServer server(echo_router());
    TestClient client;
    const auto got = client.get(server.port(), "/a?b=c");
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "GET /a?b=c ");
    EXPECT_EQ(got->headers.find("x-host"), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(client.post(server.port(), "body")->body, "POST / body");
}

TEST(HttpClient, GivesEveryStatusBack) {
    TestServer server(echo_router());
    TestClient client;
    for (const int status : {204, 304, 404, 429, 500, 503})
        EXPECT_EQ(client.get(server.port(), "/status/" + std::to_string(status))->status, status);
}

TEST(HttpClient, UsesAKeptConnectionAgain) {
    TestServer server(echo_router());
    TestClient client;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.get(server.port(), "/").has_value());
    EXPECT_EQ(server.server().connections(), 1U);
}

TEST(HttpClient, DoesNotUseAnOldConnectionAgain) {
    std::atomic<int> connections{0};
    ScriptedServer server([&](tcp::socket& socket, int) {
        ++connections;
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ScriptedServer::read_to_end(socket);
    });
    TestClient client({.idle_max = 0ms});
    ASSERT_TRUE(client.get(server.port(), "/").has_value());
    ASSERT_TRUE(client.get(server.port(), "/").has_value());
    EXPECT_EQ(connections.load(), 2);
}

TEST(HttpClient, HeadHasNoBody) {
    TestServer server(echo_router());
    TestClient client;
    const auto answer = client.send(server.port(), {.method = "HEAD", .target = "/"});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(answer->headers.find("Content-Length"), "7");
}

TEST(HttpClient, ManyRequestsShareASmallPool) {
    TestServer server(echo_router(), {}, 2);
    TestClient client({.connections_per_origin = 4}, 2);
    std::vector<std::future<Result<HttpResponse>>> answers;
    for (int i = 0; i < 200; ++i)
        answers.push_back(client.begin(server.port(), {.method = "GET", .target = "/" + std::to_string(i)}));
    for (int i = 0; i < 200; ++i) {
        const auto answer = answers[static_cast<std::size_t>(i)].get();
        ASSERT_TRUE(answer.has_value()) << answer.error().detail;
        EXPECT_EQ(answer->body, "GET /" + std::to_string(i) + " ");
    }
    EXPECT_LE(server.server().connections(), 4U);
}

TEST(HttpClient, RefusedConnectionIsUnsent) {
    TestClient client;
    const auto answer = client.post(closed_port(), "x");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, StartsWith("unsent: "));
}

TEST(HttpClient, UnknownHostIsUnsent) {
    TestClient client;
    const auto answer =
        client.begin(80, {.method = "GET", .target = "/"}, 30s, {}, "http", "no-such-host.invalid").get();
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, StartsWith("unsent: "));
}

TEST(HttpClient, AServerThatNeverAnswersTimesOutAndIsNotCalledUnsent) {
    ScriptedServer server([](tcp::socket& socket, int) { ScriptedServer::read_to_end(socket); });
    TestClient client;
    const auto answer = client.post(server.port(), "x", 50ms);
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timed_out);
    EXPECT_THAT(answer.error().detail, Not(StartsWith("unsent: ")));
}

TEST(HttpClient, APassedDeadlineSendsNothing) {
    TestServer server(echo_router());
    TestClient client;
    const auto answer = client.get(server.port(), "/", 0ms);
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timed_out);
    EXPECT_THAT(answer.error().detail, StartsWith("unsent: "));
}

TEST(HttpClient, WaitingForAFullPoolEndsAtTheDeadline) {
    ScriptedServer server([](tcp::socket& socket, int) { ScriptedServer::read_to_end(socket); });
    TestClient client({.connections_per_origin = 1});
    auto first = client.begin(server.port(), {.method = "GET", .target = "/"}, 500ms);
    const auto second = client.get(server.port(), "/", 50ms);
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(second.error().code, Errc::timed_out);
    EXPECT_THAT(second.error().detail, StartsWith("unsent: "));
    EXPECT_EQ(first.get().error().code, Errc::timed_out);
}

TEST(HttpClient, AConnectionLostInMidBodyIsUnavailable) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    });
    TestClient client;
    const auto answer = client.get(server.port(), "/");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, Not(StartsWith("unsent: ")));
}

TEST(HttpClient, ReadsABodyThatEndsWithTheConnection) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end");
    });
    TestClient client;
    EXPECT_EQ(client.get(server.port(), "/")->body, "to the end");
}

TEST(HttpClient, WhatIsNotHttpIsCorrupt) {
    for (const char* bytes :
         {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 101 Switching\r\n\r\n"}) {
        ScriptedServer server([bytes](tcp::socket& socket, int) {
            ScriptedServer::read_head(socket);
            ScriptedServer::write(socket, bytes);
        });
        TestClient client;
        const auto answer = client.get(server.port(), "/");
        ASSERT_TRUE(answer.has_error()) << bytes;
        EXPECT_EQ(answer.error().code, Errc::corrupt) << bytes;
    }
}

TEST(HttpClient, RefusesAResponseOverTheLimit) {
    for (const char* head : {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"}) {
        ScriptedServer server([head](tcp::socket& socket, int) {
            ScriptedServer::read_head(socket);
            ScriptedServer::write(socket, head + std::string(1001, 'x') + "\r\n0\r\n\r\n");
        });
        TestClient client({.response_bytes_max = 1000});
        EXPECT_EQ(client.get(server.port(), "/").error().code, Errc::too_large) << head;
    }
}

TEST(HttpClient, ReplacesADeadKeptConnectionForARequestThatMayBeRepeated) {
    ScriptedServer server([](tcp::socket& socket, int number) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
        if (number == 0) ScriptedServer::read_head(socket);  // takes the second request and dies of it
    });
    TestClient client;
    EXPECT_EQ(client.get(server.port(), "/")->body, "0");
    const auto second = client.get(server.port(), "/");
    ASSERT_TRUE(second.has_value()) << second.error().detail;
    EXPECT_EQ(second->body, "1");
}

TEST(HttpClient, DoesNotRepeatAPostThatMayHaveArrived) {
    std::atomic<int> connections{0};
    ScriptedServer server([&](tcp::socket& socket, int) {
        ++connections;
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ScriptedServer::read_head(socket);
    });
    TestClient client;
    ASSERT_TRUE(client.get(server.port(), "/").has_value());
    const auto answer = client.post(server.port(), "", 10s, {.attempts = 3, .first_wait = 1ms});
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, Not(StartsWith("unsent: ")));
    EXPECT_EQ(connections.load(), 1);
}

TEST(HttpClient, NoticesAConnectionThatTheServerClosedWhileItWasKept) {
    std::promise<void> closed;
    ScriptedServer server([&](tcp::socket& socket, int number) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
        socket.close();
        if (number == 0) closed.set_value();
    });
    TestClient client;
    EXPECT_EQ(client.get(server.port(), "/")->body, "0");
    closed.get_future().get();
    EXPECT_EQ(client.post(server.port(), "x")->body, "1");
}

TEST(HttpClient, TriesAgainOnlyAsOftenAsToldAndInsideTheDeadline) {
    std::atomic<int> connections{0};
    ScriptedServer server([&](tcp::socket& socket, int number) {
        ++connections;
        ScriptedServer::read_head(socket);
        if (number == 2) ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    TestClient client;
    const RetryPolicy retry{.attempts = 3, .first_wait = 1ms, .only_unsent = false};
    EXPECT_TRUE(client.get(server.port(), "/", 10s, retry).has_value());
    EXPECT_EQ(connections.load(), 3);
    EXPECT_TRUE(client.post(server.port(), "x", 10s, {.attempts = 3, .first_wait = 1ms}).has_error());
    EXPECT_EQ(connections.load(), 4);
}

TEST(HttpClient, TheBudgetLimitsRetriesOfAllCallsTogether) {
    std::atomic<int> connections{0};
    ScriptedServer server([&](tcp::socket& socket, int) {
        ++connections;
        ScriptedServer::read_head(socket);
    });
    TestClient client;
    const RetryPolicy retry{.attempts = 100, .first_wait = 1ms, .longest_wait = 1ms, .only_unsent = false};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.get(server.port(), "/", 10s, retry).has_error());
    EXPECT_EQ(connections.load(), 3 + 3);
}

TEST(HttpClient, StopEndsCallsInProgressAndRefusesNewOnes) {
    std::promise<void> asked;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        asked.set_value();
        ScriptedServer::read_to_end(socket);
    });
    TestClient client;
    auto answer = client.begin(server.port(), {.method = "GET", .target = "/"}, 1h);
    asked.get_future().get();
    client.stop();
    EXPECT_EQ(answer.get().error().code, Errc::cancelled);
    EXPECT_EQ(client.get(server.port(), "/").error().code, Errc::cancelled);
}

TEST(HttpClient, EndsWithItsOwner) {
    std::promise<void> asked;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        asked.set_value();
        ScriptedServer::read_to_end(socket);
    });
    TestClient client;
    async::TaskGroup group("test");
    std::promise<Errc> ended;
    const auto call = [](HttpClient& by, std::uint16_t port, std::promise<Errc>& told) -> async::Task<> {
        Url origin{.scheme = "http", .host = "127.0.0.1", .port = port};
        HttpRequest request;
        request.target = "/";
        const auto answer = co_await by.send(std::move(origin), std::move(request), Deadline::in(1h));
        told.set_value(answer.has_error() ? answer.error().code : Errc::internal);
    };
    group.spawn(asio::make_strand(client.context()), call(client.client(), server.port(), ended));
    asked.get_future().get();
    asio::co_spawn(asio::make_strand(client.context()), group.stop(), asio::use_future).get();
    EXPECT_EQ(ended.get_future().get(), Errc::cancelled);
}

TEST(HttpClient, RefusesWhatWouldBreakTheRequest) {
    TestClient client;
    EXPECT_EQ(client.get(1, "/a b").error().code, Errc::invalid_input);
    EXPECT_EQ(client.get(1, "no-slash").error().code, Errc::invalid_input);
    HttpRequest request{.method = "GET", .target = "/"};
    request.headers.add("X", "a\r\nY: b");
    EXPECT_EQ(client.send(1, request).error().code, Errc::invalid_input);
    EXPECT_EQ(client.send(1, {.method = "GE T", .target = "/"}).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::net
