#include "net/websocket.h"

#include "test_client.h"

#include <gmock/gmock.h>

#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace carevoice::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using testing::HasSubstr;
using testing::StartsWith;

/// What became of a WebSocket's reader on the server.
struct Ending {
    std::promise<Error> promise;
    std::future<Error> future = promise.get_future();
};

/// Sends each message back; binary ones as their length.
Router echo_router(Ending* ending = nullptr) {
    Router router;
    const auto handler = [ending](std::shared_ptr<WebSocket> socket, HttpRequest) -> async::Task<> {
        for (;;) {
            const auto message = co_await socket->read();
            if (message.has_error()) {
                if (ending != nullptr) ending->promise.set_value(message.error());
                co_return;
            }
            std::string answer = message->is_text ? std::string(message->text) : std::to_string(message->text.size());
            if ((co_await socket->write(std::move(answer))).has_error()) co_return;
        }
    };
    const auto check = [](HttpRequest request) -> async::Task<boost::system::result<void, HttpResponse>> {
        if (find_field(request.query, "deny")) co_return text_response(403, "text/plain", "no");
        co_return boost::system::result<void, HttpResponse>();
    };
    router.on_websocket("/ws/{id}", check, handler);
    router.on_websocket("/bug", nullptr, [](std::shared_ptr<WebSocket>, HttpRequest) -> async::Task<> {
        throw std::logic_error("a bug");
        co_return;
    });
    return router;
}

/// A client that blocks, over Beast.
class WebSocketClient {
public:
    WebSocketClient(std::uint16_t port, const std::string& target) {
        stream_.next_layer().connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
        stream_.read_message_max(0);
        stream_.handshake("h", target);
    }
    void send(std::string_view text) { stream_.write(asio::buffer(text)); }
    void send_binary(std::string_view bytes) {
        stream_.binary(true);
        stream_.write(asio::buffer(bytes));
        stream_.binary(false);
    }
    /// The next message, or the reason why there is none.
    std::string receive() {
        beast::flat_buffer buffer;
        boost::system::error_code failure;
        stream_.read(buffer, failure);
        if (failure == websocket::error::closed) return "closed " + std::to_string(stream_.reason().code);
        return failure ? failure.message() : beast::buffers_to_string(buffer.data());
    }
    void close(int code) { stream_.close(websocket::close_reason(static_cast<std::uint16_t>(code))); }
    tcp::socket& socket() { return stream_.next_layer(); }
    websocket::stream<tcp::socket>& stream() { return stream_; }

private:
    asio::io_context context_;
    websocket::stream<tcp::socket> stream_{context_};
};

void send_raw(WebSocketClient& client, std::string_view bytes) {
    asio::write(client.socket(), asio::buffer(bytes));
}

constexpr std::string_view upgrade_request =
    "GET /ws/1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

TEST(ServerWebSocket, EchoesTextAndBinary) {
    TestServer server(echo_router());
    WebSocketClient client(server.port(), "/ws/1");
    for (const std::string text : {"hello", "", "árvíz"}) {
        client.send(text);
        EXPECT_EQ(client.receive(), text);
    }
    client.send_binary(std::string("\0\xff\x80", 3));
    EXPECT_EQ(client.receive(), "3");
}

TEST(ServerWebSocket, AnswersWithTheKeyOfTheRequest) {
    TestServer server(echo_router());
    RawClient client(server.port());
    client.send(std::string(upgrade_request) + "\r\n");
    const auto response = client.read_until("\r\n\r\n");
    EXPECT_THAT(response, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(response, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));  // the example of RFC 6455, section 1.3
}

TEST(ServerWebSocket, TakesAMessageInFragmentsWithAPingBetweenThem) {
    TestServer server(echo_router());
    WebSocketClient client(server.port(), "/ws/1");
    std::string pong;
    client.stream().control_callback([&](websocket::frame_type kind, beast::string_view payload) {
        if (kind == websocket::frame_type::pong) pong = std::string(payload);
    });
    client.stream().write_some(false, asio::buffer("one ", 4));
    client.stream().ping("are you there");
    client.stream().write_some(true, asio::buffer("two", 3));
    EXPECT_EQ(client.receive(), "one two");
    EXPECT_EQ(pong, "are you there");
}

TEST(ServerWebSocket, TakesTenMegabytesWhereThatIsAllowed) {
    TestServer server(echo_router(), {.websocket_message_bytes = 11 * 1024 * 1024});
    WebSocketClient client(server.port(), "/ws/1");
    const std::string large(10 * 1024 * 1024, 'x');
    client.send(large);
    EXPECT_EQ(client.receive(), large);
    client.send("small");
    EXPECT_EQ(client.receive(), "small");
}

TEST(ServerWebSocket, ClosesWith1009OverTheLimit) {
    Ending ending;
    TestServer server(echo_router(&ending), {.websocket_message_bytes = 1000});
    WebSocketClient client(server.port(), "/ws/1");
    client.send(std::string(1000, 'x'));
    EXPECT_EQ(client.receive(), std::string(1000, 'x'));
    client.send(std::string(1001, 'x'));
    EXPECT_EQ(client.receive(), "closed 1009");
    EXPECT_EQ(ending.future.get().code, Errc::too_large);
}

TEST(ServerWebSocket, ClosesWith1002OnGarbageAnd1007OnBadUtf8) {
    for (const auto& [bytes, code] : std::vector<std::pair<std::string, std::string>>{
             {std::string(16, '\xff'), "closed 1002"},
             {std::string("\x81\x05hello", 7), "closed 1002"},                        // not masked
             {std::string("\x80\x80\x00\x00\x00\x00", 6), "closed 1002"},             // continues nothing
             {std::string("\x89\xfe\x01\x00\x00\x00\x00\x00", 8), "closed 1002"},     // a ping of 256 bytes
             {std::string("\x81\x82\x00\x00\x00\x00\xc0\xaf", 8), "closed 1007"}}) {  // overlong '/'
        Ending ending;
        TestServer server(echo_router(&ending));
        WebSocketClient client(server.port(), "/ws/1");
        send_raw(client, bytes);
        EXPECT_EQ(client.receive(), code);
        EXPECT_EQ(ending.future.get().code, Errc::corrupt);
    }
}

TEST(ServerWebSocket, AGoodCloseIsCancelledWithItsCode) {
    Ending ending;
    TestServer server(echo_router(&ending));
    WebSocketClient client(server.port(), "/ws/1");
    client.close(1000);
    const auto error = ending.future.get();
    EXPECT_EQ(error.code, Errc::cancelled);
    EXPECT_EQ(error.provider_code, 1000);
}

TEST(ServerWebSocket, ALostConnectionIsUnavailable) {
    Ending ending;
    TestServer server(echo_router(&ending));
    WebSocketClient client(server.port(), "/ws/1");
    client.send("x");
    EXPECT_EQ(client.receive(), "x");
    client.socket().close();
    EXPECT_EQ(ending.future.get().code, Errc::unavailable);
}

TEST(ServerWebSocket, AHalfClosedConnectionIsUnavailable) {
    Ending ending;
    TestServer server(echo_router(&ending));
    WebSocketClient client(server.port(), "/ws/1");
    client.send("x");
    EXPECT_EQ(client.receive(), "x");
    client.socket().shutdown(tcp::socket::shutdown_send);
    EXPECT_EQ(ending.future.get().code, Errc::unavailable);
}

TEST(ServerWebSocket, ASilentOneTimesOut) {
    Ending ending;
    TestServer server(echo_router(&ending), {.websocket_idle_timeout = 60ms});
    WebSocketClient client(server.port(), "/ws/1");
    EXPECT_EQ(ending.future.get().code, Errc::timed_out);
}

TEST(ServerWebSocket, AQuietOneThatAnswersPingsLives) {
    Ending ending;
    TestServer server(echo_router(&ending), {.websocket_idle_timeout = 60ms});
    WebSocketClient client(server.port(), "/ws/1");
    int pings = 0;
    client.stream().control_callback([&](websocket::frame_type kind, beast::string_view) {
        // Beast answers pings while it reads; after five of them we have been quiet for longer than the limit.
        if (kind == websocket::frame_type::ping && ++pings == 5)
            client.stream().next_layer().shutdown(tcp::socket::shutdown_send);
    });
    (void)client.receive();
    EXPECT_EQ(pings, 5);
    EXPECT_EQ(ending.future.get().code, Errc::unavailable);
}

TEST(ServerWebSocket, AHandlerThatThrowsClosesWith1011) {
    TestServer server(echo_router());
    WebSocketClient client(server.port(), "/bug");
    EXPECT_EQ(client.receive(), "closed 1011");
}

TEST(ServerWebSocket, TheCheckRefusesWithItsResponse) {
    TestServer server(echo_router());
    RawClient client(server.port());
    std::string request(upgrade_request);
    request.replace(request.find("/ws/1"), 5, "/ws/1?deny");
    client.send(request + "\r\n");
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 403 "));
}

TEST(ServerWebSocket, RefusesWhatIsNoHandshake) {
    TestServer server(echo_router());
    RawClient plain(server.port());
    plain.get("/ws/1");
    const auto response = plain.read_response();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 426 "));
    EXPECT_THAT(response, HasSubstr("\r\nUpgrade: websocket\r\n"));
    RawClient old(server.port());
    std::string request(upgrade_request);
    old.send(request.replace(request.find(": 13"), 4, ": 12") + "\r\n");
    EXPECT_THAT(old.read_response(), StartsWith("HTTP/1.1 426 "));
    RawClient hasty(server.port());
    hasty.send(std::string(upgrade_request) + "\r\n\x81\x80\x01\x02\x03\x04");
    EXPECT_THAT(hasty.read_to_end(), StartsWith("HTTP/1.1 400 "));
    RawClient unknown(server.port());
    request = upgrade_request;
    unknown.send(request.replace(request.find("/ws/1"), 5, "/nope") + "\r\n");
    EXPECT_THAT(unknown.read_response(), StartsWith("HTTP/1.1 404 "));
}

TEST(ServerWebSocket, StopClosesWith1001) {
    Ending ending;
    TestServer server(echo_router(&ending));
    WebSocketClient client(server.port(), "/ws/1");
    client.send("x");
    EXPECT_EQ(client.receive(), "x");
    auto stopped = server.begin_stop(10s);
    EXPECT_EQ(client.receive(), "closed 1001");
    EXPECT_EQ(ending.future.get().code, Errc::cancelled);
    stopped.get();
    EXPECT_EQ(server.server().connections(), 0U);
}

TEST(ServerWebSocket, StopDoesNotWaitLongForWhoDoesNotAnswer) {
    Ending ending;
    TestServer server(echo_router(&ending));
    WebSocketClient client(server.port(), "/ws/1");
    client.send("x");
    EXPECT_EQ(client.receive(), "x");
    server.stop(no_grace);
    EXPECT_EQ(ending.future.get().code, Errc::cancelled);
}

TEST(ServerWebSocket, WritesWaitInOrderAndNotWithoutEnd) {
    struct Outcome {
        std::atomic<int> written{0};
        std::atomic<int> refused{0};
        std::promise<void> all_asked;
    } outcome;
    async::TaskGroup writers("writers");
    const auto write_one = [](std::shared_ptr<WebSocket> socket, int number, Outcome& into) -> async::Task<> {
        // Long enough that a client which does not read stops the first one.
        std::string text = std::to_string(number) + std::string(8'388'608U / static_cast<unsigned>(number + 1), ' ');
        const auto result = co_await socket->write(std::move(text));
        ++(result.has_value() ? into.written : into.refused);
    };
    Router router;
    router.on_websocket("/ws", nullptr, [&](std::shared_ptr<WebSocket> socket, HttpRequest) -> async::Task<> {
        for (int i = 0; i < 300; ++i) writers.spawn(socket->executor(), write_one(socket, i, outcome));
        const auto message = co_await socket->read();
        outcome.all_asked.set_value();
        while (!(co_await socket->read()).has_error()) {
        }
        co_await writers.wait_empty();
    });
    TestServer server(std::move(router));
    WebSocketClient client(server.port(), "/ws");
    client.send("go");
    outcome.all_asked.get_future().get();
    EXPECT_EQ(outcome.refused.load(), 300 - 1 - 256);
    for (int i = 0; i < 257; ++i) EXPECT_EQ(std::stoi(client.receive()), i);
    client.close(1000);
    server.stop(1s);
    EXPECT_EQ(outcome.written.load(), 257);
}

TEST(ClientWebSocket, SpeaksWithOurServer) {
    TestServer server(echo_router());
    TestClient client;
    const auto talk = [](HttpClient& by, std::string url) -> async::Task<std::string> {
        auto parsed = parse_url(url);
        Headers headers;
        headers.add("X-Token", "t");
        auto socket = co_await by.open_websocket(*parsed, std::move(headers), Deadline::in(10s));
        if (socket.has_error()) co_return socket.error().detail;
        (void)co_await (*socket)->write("ping");
        const auto message = co_await (*socket)->read();
        std::string heard = message.has_value() ? std::string(message->text) : message.error().detail;
        co_await (*socket)->close(1000);
        const auto end = co_await (*socket)->read();
        co_return heard + (end.has_error() && end.error().code == Errc::cancelled ? " ended" : "");
    };
    const auto url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/ws/7";
    auto work = talk(client.client(), url);
    EXPECT_EQ(asio::co_spawn(asio::make_strand(client.context()), std::move(work), asio::use_future).get(),
              "ping ended");
}

Errc open_error(TestClient& client, const std::string& text, milliseconds span, int* status = nullptr) {
    auto work = client.client().open_websocket(*parse_url(text), {}, Deadline::in(span));
    const auto socket = asio::co_spawn(asio::make_strand(client.context()), std::move(work), asio::use_future).get();
    if (socket.has_value()) return Errc::internal;
    if (status != nullptr) *status = socket.error().provider_code;
    return socket.error().code;
}

TEST(ClientWebSocket, SaysWhyItCannotOpen) {
    TestServer server(echo_router());
    TestClient client;
    const auto origin = "ws://127.0.0.1:" + std::to_string(server.port());
    int status = 0;
    EXPECT_EQ(open_error(client, origin + "/ws/1?deny", 10s, &status), Errc::rejected);
    EXPECT_EQ(status, 403);
    EXPECT_EQ(open_error(client, origin + "/nope", 10s, &status), Errc::rejected);
    EXPECT_EQ(status, 404);
    EXPECT_EQ(open_error(client, "ws://127.0.0.1:" + std::to_string(closed_port()), 10s), Errc::unavailable);
    EXPECT_EQ(open_error(client, "http://127.0.0.1/", 10s), Errc::invalid_input);
    ScriptedServer mute([](tcp::socket& socket, int) { ScriptedServer::read_to_end(socket); });
    EXPECT_EQ(open_error(client, "ws://127.0.0.1:" + std::to_string(mute.port()), 50ms), Errc::timed_out);
}

}  // namespace
}  // namespace carevoice::net
