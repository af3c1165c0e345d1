#include "net/server.h"

#include "test_server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace carevoice::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

async::Task<HttpResponse> echo(HttpRequest request) {
    std::string text = request.method + " " + request.path + " " + std::string(request.path_param("id"));
    for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
    co_return text_response(200, "text/plain", text + " [" + request.body + "]");
}

async::Task<HttpResponse> throw_logic_error(HttpRequest) {
    throw std::logic_error("a bug");
    co_return HttpResponse{};
}

async::Task<HttpResponse> wait_for_ever(HttpRequest) {
    (void)co_await async::sleep_for(1h);
    co_return text_response(200, "text/plain", "at last");
}

Router make_router() {
    Router router;
    router.on("GET", "/hello", echo);
    router.on("POST", "/hello", echo);
    router.on("GET", "/items/{id}", echo);
    router.on("GET", "/items/best",
              [](HttpRequest) -> async::Task<HttpResponse> { co_return text_response(200, "text/plain", "the best"); });
    router.on("GET", "/files/{id...}", echo);
    router.on("GET", "/bug", throw_logic_error);
    router.on("GET", "/slow", wait_for_ever);
    return router;
}

TEST(HttpServer, AnswersARequest) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.get("/hello?a=1&b=x+y");
    const auto response = client.read_response();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nDate: "));
    EXPECT_THAT(response, HasSubstr("GET /hello  a=1 b=x y []"));
}

TEST(HttpServer, KeepsTheConnectionAndReadsBodiesOfBothFramings) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345");
    EXPECT_THAT(client.read_response(), HasSubstr("[12345]"));
    client.send(
        "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_THAT(client.read_response(), HasSubstr("[abcde]"));
    client.get("/hello");
    EXPECT_THAT(client.read_response(), HasSubstr("[]"));
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    TestServer server(make_router());
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) requests += "GET /items/" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 50; ++i)
        EXPECT_THAT(client.read_response(),
                    HasSubstr("GET /items/" + std::to_string(i) + " " + std::to_string(i) + " "));
}

TEST(HttpServer, TakesARequestByteByByte) {
    TestServer server(make_router());
    RawClient client(server.port());
    for (const char byte : std::string("\r\nPOST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok"))
        client.send({&byte, 1});
    EXPECT_THAT(client.read_response(), HasSubstr("[ok]"));
}

TEST(HttpServer, PrefersPlainTextOverANameAndTakesTheRestOfAPath) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.get("/items/best");
    EXPECT_THAT(client.read_response(), HasSubstr("the best"));
    client.get("/items/a%2Fb");
    EXPECT_THAT(client.read_response(), HasSubstr("GET /items/a/b a/b"));
    client.get("/files/css/wall.css");
    EXPECT_THAT(client.read_response(), HasSubstr(" css/wall.css "));
}

TEST(HttpServer, SaysWhatItDoesNotHave) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.get("/nothing");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 404 "));
    client.get("/items/");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 404 "));
    client.send("DELETE /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto refused = client.read_response();
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(refused, HasSubstr("\r\nAllow: GET, POST, HEAD, OPTIONS\r\n"));
    client.send("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto options = client.read_response();
    EXPECT_THAT(options, StartsWith("HTTP/1.1 204 "));
    EXPECT_THAT(options, HasSubstr("\r\nAllow: GET, POST, HEAD, OPTIONS\r\n"));
    EXPECT_THAT(options, Not(HasSubstr("Content-Length")));
}

TEST(HttpServer, HeadHasTheLengthAndNoBody) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.send("HEAD /items/best HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto response = client.read_to_end();
    EXPECT_THAT(response, HasSubstr("\r\nContent-Length: 8\r\n"));
    EXPECT_THAT(response, testing::EndsWith("\r\n\r\n"));
}

TEST(HttpServer, ClosesWhenAskedToAndForHttp10) {
    TestServer server(make_router());
    RawClient first(server.port());
    first.send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(first.read_to_end(), HasSubstr("\r\nConnection: close\r\n"));
    RawClient second(server.port());
    second.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_THAT(second.read_to_end(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpServer, AnswersAClientThatHasClosedItsHalf) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.get("/hello");
    client.shutdown_send();
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
    TestServer server(make_router());
    for (const char* bytes :
         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "hello\r\n\r\n", "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
          "GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
          "GET /hello HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
          "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
          "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n",
          "GET /hello?a=%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
          "GET /%ff HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
          "GET hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
        RawClient client(server.port());
        client.send(bytes);
        EXPECT_THAT(client.read_to_end(), testing::ContainsRegex("^HTTP/1.1 (400|505) ")) << bytes;
    }
}

TEST(HttpServer, RefusesTooLongHeadsAndBodies) {
    TestServer server(make_router(), {.header_bytes = 4096, .body_bytes = 1000});
    RawClient long_head(server.port());
    long_head.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'x'));
    EXPECT_THAT(long_head.read_to_end(), StartsWith("HTTP/1.1 431 "));
    RawClient many_fields(server.port());
    std::string fields;
    for (int i = 0; i < 1000; ++i) fields += "X: y\r\n";
    many_fields.send("GET /hello HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
    EXPECT_THAT(many_fields.read_to_end(), StartsWith("HTTP/1.1 431 "));
    RawClient long_body(server.port());
    long_body.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
    EXPECT_THAT(long_body.read_to_end(), StartsWith("HTTP/1.1 413 "));
    RawClient long_chunks(server.port());
    long_chunks.send("POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                     std::string(1001, 'x'));
    EXPECT_THAT(long_chunks.read_to_end(), StartsWith("HTTP/1.1 413 "));
    RawClient fits(server.port());
    fits.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_THAT(fits.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, SaysContinueToWhoWaitsForIt) {
    TestServer server(make_router(), {.body_bytes = 1000});
    RawClient client(server.port());
    client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send("ok");
    EXPECT_THAT(client.read_response(), HasSubstr("[ok]"));
    client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, AHandlerThatThrowsIs500AndHarmsNobody) {
    TestServer server(make_router());
    RawClient client(server.port());
    client.get("/bug");
    const auto response = client.read_response();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(response, Not(HasSubstr("a bug")));
    client.get("/hello");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, EndsASlowHandlerAndGoesOn) {
    TestServer server(make_router(), {.request_timeout = 40ms});
    RawClient client(server.port());
    client.get("/slow");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 "));
    client.get("/hello");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, EndsSlowHeadsAndBodiesWith408) {
    TestServer server(make_router(), {.header_timeout = 40ms, .request_timeout = 40ms});
    RawClient head(server.port());
    head.send("GET /hello HT");
    EXPECT_THAT(head.read_to_end(), StartsWith("HTTP/1.1 408 "));
    RawClient body(server.port());
    body.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n1");
    EXPECT_THAT(body.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST(HttpServer, ClosesSilentConnectionsWithoutAWord) {
    TestServer server(make_router(), {.header_timeout = 40ms, .idle_timeout = 40ms});
    RawClient mute(server.port());
    EXPECT_TRUE(mute.is_closed_by_server());
    RawClient kept(server.port());
    kept.get("/hello");
    EXPECT_THAT(kept.read_response(), StartsWith("HTTP/1.1 200 "));
    EXPECT_TRUE(kept.is_closed_by_server());
}

TEST(HttpServer, RefusesConnectionsOverTheLimit) {
    TestServer server(make_router(), {.connections = 2});
    RawClient first(server.port());
    RawClient second(server.port());
    first.get("/hello");
    second.get("/hello");
    first.read_response();
    second.read_response();
    EXPECT_EQ(server.server().connections(), 2U);
    RawClient third(server.port());
    third.get("/hello");
    EXPECT_THAT(third.read_to_end(), StartsWith("HTTP/1.1 503 "));
    first.get("/hello");
    EXPECT_THAT(first.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, TellsTheObserverAndAsksForErrorBodies) {
    auto router = make_router();
    std::promise<std::string> seen;
    router.on_error([](int status, std::string_view detail, const HttpRequest& request) {
        return text_response(status, "application/problem+json", std::string(detail) + " " + request.path);
    });
    router.on_finished([&](const HttpRequest& request, int status, milliseconds) {
        EXPECT_FALSE(request.request_id.empty());
        EXPECT_EQ(request.remote_address, "127.0.0.1");
        seen.set_value(request.method + " " + request.path + " " + std::to_string(status));
    });
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/nothing");
    const auto response = client.read_response();
    EXPECT_THAT(response, HasSubstr("application/problem+json"));
    EXPECT_THAT(response, HasSubstr(" /nothing"));
    EXPECT_EQ(seen.get_future().get(), "GET /nothing 404");
}

TEST(HttpServer, LeavesOutFieldsThatWouldBreakTheHead) {
    Router router;
    router.on("GET", "/", [](HttpRequest) -> async::Task<HttpResponse> {
        auto response = text_response(200, "text/plain", "x");
        response.headers.add("X-Evil", "a\r\nSet-Cookie: b");
        response.headers.add("Content-Length", "77");
        co_return response;
    });
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/");
    const auto response = client.read_response();
    EXPECT_THAT(response, Not(HasSubstr("Set-Cookie")));
    EXPECT_THAT(response, Not(HasSubstr("77")));
}

TEST(HttpServer, StopLetsARequestFinish) {
    std::promise<void> entered;
    Router router;
    auto release = std::make_shared<std::atomic<bool>>(false);
    router.on("GET", "/wait", [&entered, release](HttpRequest) -> async::Task<HttpResponse> {
        entered.set_value();
        while (!*release) (void)co_await async::sleep_for(1ms);
        co_return text_response(200, "text/plain", "finished");
    });
    TestServer server(std::move(router));
    RawClient idle(server.port());
    RawClient busy(server.port());
    busy.get("/wait");
    entered.get_future().get();
    auto stopped = server.begin_stop(1min);
    EXPECT_TRUE(idle.is_closed_by_server());
    *release = true;
    const auto response = busy.read_to_end();
    EXPECT_THAT(response, HasSubstr("finished"));
    EXPECT_THAT(response, HasSubstr("Connection: close"));
    stopped.get();
    EXPECT_EQ(server.server().connections(), 0U);
}

TEST(HttpServer, StopCutsWhatIsNotDoneAfterTheGrace) {
    std::promise<void> entered;
    Router router;
    router.on("GET", "/slow", [&entered](HttpRequest request) -> async::Task<HttpResponse> {
        entered.set_value();
        co_return co_await wait_for_ever(std::move(request));
    });
    TestServer server(std::move(router));
    RawClient client(server.port());
    client.get("/slow");
    entered.get_future().get();
    server.stop(10ms);
    EXPECT_EQ(server.server().connections(), 0U);
}

TEST(HttpServer, ListenSaysWhyItCannot) {
    TestServer first(make_router());
    asio::io_context context;
    SystemRandom random;
    HttpServer second(context.get_executor(), make_router(), {}, random);
    EXPECT_EQ(second.listen("127.0.0.1", first.port()).error().code, Errc::unavailable);
    EXPECT_EQ(second.listen("localhost", 0).error().code, Errc::invalid_input);
}

TEST(HttpServer, ManyClientsOnManyThreads) {
    TestServer server(make_router(), {}, 3);
    std::vector<std::jthread> clients;
    std::atomic<int> answered{0};
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            for (int connection = 0; connection < 5; ++connection) {
                RawClient client(server.port());
                for (int request = 0; request < 20; ++request) {
                    client.get("/hello");
                    if (client.read_response().starts_with("HTTP/1.1 200 ")) ++answered;
                }
            }
        });
    }
    clients.clear();
    EXPECT_EQ(answered.load(), 8 * 5 * 20);
}

TEST(Router, RefusesPatternsThatClash) {
    Router router = make_router();
    EXPECT_THROW(router.on("GET", "/hello", echo), std::logic_error);
    EXPECT_THROW(router.on("GET", "no-slash", echo), std::logic_error);
    EXPECT_THROW(router.on("GET", "/{open", echo), std::logic_error);
    EXPECT_THROW(router.on("GET", "/{rest...}/more", echo), std::logic_error);
}

}  // namespace
}  // namespace carevoice::net
