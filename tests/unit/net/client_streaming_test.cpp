// Responses that a client reads as they arrive.
#include "net/client.h"

#include "test_client.h"

#include <gmock/gmock.h>

namespace carevoice::net {
namespace {

using testing::Not;
using testing::StartsWith;

constexpr std::string_view chunked_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

class ClientStreaming : public testing::Test {
protected:
    using Opened = Result<std::unique_ptr<ResponseStream>>;

    Opened open(std::uint16_t port, milliseconds span = 10s, HttpRequest request = {.method = "GET", .target = "/"}) {
        Url origin{.scheme = "http", .host = "127.0.0.1", .port = port};
        return wait_for(client_.client().open_stream(std::move(origin), std::move(request), Deadline::in(span)));
    }
    Result<std::string> next(ResponseStream& stream, milliseconds span = 10s) {
        return wait_for(stream.next(Deadline::in(span)));
    }
    std::string next_text(ResponseStream& stream) {
        const auto piece = next(stream);
        return piece.has_value() ? *piece : "error: " + piece.error().detail;
    }
    /// All that is left of the body, and how it ended.
    std::pair<std::string, Result<std::string>> read_all(ResponseStream& stream) {
        std::string body;
        for (;;) {
            auto piece = next(stream);
            if (piece.has_error() || piece->empty()) return {body, piece};
            body += *piece;
        }
    }
    template <class T>
    T wait_for(async::Task<T> work) {
        return asio::co_spawn(asio::make_strand(client_.context()), std::move(work), asio::use_future).get();
    }

    TestClient client_{ClientOptions{.connections_per_origin = 1, .response_bytes_max = 10'000}};
};

TEST_F(ClientStreaming, HandsOutWhatHasComeBeforeTheRestIsThere) {
    std::promise<void> first_seen;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, std::string(chunked_head) + "9\r\ndata: 1\n\n\r\n");
        first_seen.get_future().wait();
        ScriptedServer::write(socket, "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value()) << stream.error().detail;
    EXPECT_EQ((*stream)->head().status, 200);
    EXPECT_EQ((*stream)->head().headers.find("content-type"), "text/event-stream");
    EXPECT_EQ(next_text(**stream), "data: 1\n\n");
    first_seen.set_value();
    EXPECT_EQ(next_text(**stream), "data: 2\n\n");
    EXPECT_EQ(next_text(**stream), "");
    EXPECT_EQ(next_text(**stream), "") << "the end stays the end";
}

TEST_F(ClientStreaming, OpensBeforeAnyOfTheBodyIsThere) {
    std::promise<void> opened;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
        opened.get_future().wait();
        ScriptedServer::write(socket, "body");
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value()) << stream.error().detail;
    opened.set_value();
    EXPECT_EQ(read_all(**stream).first, "body");
}

TEST_F(ClientStreaming, JoinsChunksThatComeByteByByte) {
    ScriptedServer server([&](tcp::socket& socket, int) {
        socket.set_option(tcp::no_delay(true));
        ScriptedServer::read_head(socket);
        const std::string bytes = std::string(chunked_head) + "5\r\nhello\r\n1\r\n \r\n5;x=y\r\nworld\r\n0\r\n\r\n";
        for (const char byte : bytes) ScriptedServer::write(socket, {&byte, 1});
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value()) << stream.error().detail;
    const auto [body, end] = read_all(**stream);
    EXPECT_EQ(body, "hello world");
    EXPECT_TRUE(end.has_value());
}

TEST_F(ClientStreaming, KeepsTheConnectionOfAWholeBodyAndNoOther) {
    std::promise<void> closed;
    ScriptedServer server([&](tcp::socket& socket, int number) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, std::string(chunked_head) + "3\r\none\r\n0\r\n\r\n");
        if (number > 0) return;
        ScriptedServer::read_head(socket);  // on the same connection
        ScriptedServer::write(socket, std::string(chunked_head) + "3\r\ntwo\r\n");
        ScriptedServer::read_to_end(socket);
        closed.set_value();
    });
    auto first = open(server.port());
    ASSERT_TRUE(first.has_value()) << first.error().detail;
    EXPECT_EQ(read_all(**first).first, "one");
    auto second = open(server.port());
    ASSERT_TRUE(second.has_value()) << second.error().detail << ": the place is free once the body has ended";
    EXPECT_EQ(next_text(**second), "two");
    second->reset();
    closed.get_future().get();
    EXPECT_EQ(read_all(**open(server.port())).first, "one");
}

TEST_F(ClientStreaming, ReadsABodyThatEndsWithTheConnection) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\n\r\nto the end");
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value());
    const auto [body, end] = read_all(**stream);
    EXPECT_EQ(body, "to the end");
    EXPECT_TRUE(end.has_value());
}

TEST_F(ClientStreaming, ALostConnectionIsUnavailableAndStaysSo) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, std::string(chunked_head) + "9\r\ndata: 1\n\n\r\n5\r\nda");
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value());
    const auto [body, end] = read_all(**stream);
    EXPECT_THAT(body, StartsWith("data: 1\n\n"));
    ASSERT_TRUE(end.has_error());
    EXPECT_EQ(end.error().code, Errc::unavailable);
    EXPECT_THAT(end.error().detail, Not(StartsWith("unsent: ")));
    EXPECT_EQ(next(**stream).error().code, Errc::unavailable);
}

TEST_F(ClientStreaming, TheDeadlineEndsAStreamThatHangs) {
    std::promise<void> closed;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, std::string(chunked_head) + "5\r\nhello\r\n");
        ScriptedServer::read_to_end(socket);
        closed.set_value();
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value());
    EXPECT_EQ(next_text(**stream), "hello");
    EXPECT_EQ(next(**stream, 30ms).error().code, Errc::timed_out);
    closed.get_future().get();
    EXPECT_EQ(next(**stream).error().code, Errc::timed_out);
}

TEST_F(ClientStreaming, TheDeadlineEndsTheWaitForTheHead) {
    ScriptedServer server([](tcp::socket& socket, int) { ScriptedServer::read_to_end(socket); });
    const auto stream = open(server.port(), 30ms);
    ASSERT_TRUE(stream.has_error());
    EXPECT_EQ(stream.error().code, Errc::timed_out);
    EXPECT_THAT(stream.error().detail, Not(StartsWith("unsent: ")));
}

TEST_F(ClientStreaming, AServerThatNeverEndsMeetsTheLimit) {
    std::promise<void> opened;
    ScriptedServer server([&](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, chunked_head);
        opened.get_future().wait();
        boost::system::error_code failure;
        const std::string chunk = "3e8\r\n" + std::string(1'000, 'x') + "\r\n";
        while (!failure) asio::write(socket, asio::buffer(chunk), failure);
    });
    auto stream = open(server.port());
    opened.set_value();
    ASSERT_TRUE(stream.has_value());
    const auto [body, end] = read_all(**stream);
    EXPECT_LE(body.size(), 10'000U);
    ASSERT_TRUE(end.has_error());
    EXPECT_EQ(end.error().code, Errc::too_large);
}

TEST_F(ClientStreaming, GivesTheBodyOfAnErrorTheSameWay) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\n{}");
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value());
    EXPECT_EQ((*stream)->head().status, 429);
    EXPECT_EQ((*stream)->head().headers.find("retry-after"), "3");
    EXPECT_EQ(read_all(**stream).first, "{}");
}

TEST_F(ClientStreaming, WhatIsNotHttpIsCorrupt) {
    ScriptedServer server([](tcp::socket& socket, int number) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, number == 0 ? "SSH-2.0-OpenSSH\r\n" : std::string(chunked_head) + "zz\r\n12345");
    });
    EXPECT_EQ(open(server.port()).error().code, Errc::corrupt);
    auto stream = open(server.port());
    const auto code = stream.has_error() ? stream.error().code : next(**stream).error().code;
    EXPECT_EQ(code, Errc::corrupt);
}

TEST_F(ClientStreaming, ReplacesADeadKeptConnectionWhereThatIsHarmless) {
    ScriptedServer server([](tcp::socket& socket, int number) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
        if (number == 0) ScriptedServer::read_head(socket);  // takes the second request and dies of it
    });
    EXPECT_EQ(read_all(**open(server.port())).first, "0");
    auto second = open(server.port());
    ASSERT_TRUE(second.has_value()) << second.error().detail;
    EXPECT_EQ(read_all(**second).first, "1");
}

TEST_F(ClientStreaming, ARefusedConnectionIsUnsent) {
    const auto stream = open(closed_port());
    ASSERT_TRUE(stream.has_error());
    EXPECT_EQ(stream.error().code, Errc::unavailable);
    EXPECT_THAT(stream.error().detail, StartsWith("unsent: "));
    EXPECT_EQ(open(1, 10s, {.method = "GE T", .target = "/"}).error().code, Errc::invalid_input);
}

TEST_F(ClientStreaming, StopEndsAWaitingStreamAndRefusesTheNext) {
    ScriptedServer server([](tcp::socket& socket, int) {
        ScriptedServer::read_head(socket);
        ScriptedServer::write(socket, std::string(chunked_head) + "5\r\nhello\r\n");
        ScriptedServer::read_to_end(socket);
    });
    auto stream = open(server.port());
    ASSERT_TRUE(stream.has_value());
    EXPECT_EQ(next_text(**stream), "hello");
    auto waiting =
        asio::co_spawn(asio::make_strand(client_.context()), (*stream)->next(Deadline::in(1h)), asio::use_future);
    client_.stop();
    EXPECT_EQ(waiting.get().error().code, Errc::cancelled);
    EXPECT_EQ(open(server.port()).error().code, Errc::cancelled);
}

}  // namespace
}  // namespace carevoice::net
