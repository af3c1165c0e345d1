#include "net/request_parser.h"

#include "net/response_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::net {
namespace {

using State = RequestParser::State;

/// Feeds `bytes` in pieces; gives the bodies of the requests in them, or the status of the refusal.
std::vector<std::string> bodies(std::string_view bytes, std::size_t piece) {
    RequestParser parser(1024, 100);
    std::vector<std::string> found;
    for (;;) {
        const auto state = parser.advance();
        if (state.has_error()) return {std::to_string(state.error().provider_code)};
        if (*state == State::done) {
            found.push_back(parser.take().body);
            continue;
        }
        if (*state == State::in_body && parser.has_input()) {
            const auto again = parser.advance();
            if (again.has_error()) return {std::to_string(again.error().provider_code)};
            if (*again == State::done) {
                found.push_back(parser.take().body);
                continue;
            }
        }
        if (bytes.empty()) return found;
        const auto room = parser.prepare();
        const auto count = std::min({piece, bytes.size(), room.size()});
        std::memcpy(room.data(), bytes.data(), count);
        parser.commit(count);
        bytes.remove_prefix(count);
    }
}

TEST(RequestParser, FindsTheSameRequestsInPiecesOfAnySize) {
    const std::string bytes =
        "\r\n\r\nPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        "\r\nPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\none\r\n3\r\ntwo\r\n0\r\nX: "
        "y\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nthree";
    const std::vector<std::string> expected = {"", "onetwo", "", "three"};
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) EXPECT_EQ(bodies(bytes, piece), expected) << piece;
}

// Beast 1.81 asserts when it sees only a part of the last chunk.
TEST(RequestParser, SurvivesAnUnfinishedLastChunk) {
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char* body :
         {"0", "0\r", "0\r\n", "0\r\n\r", "0\r\nX", "0\r\nX: y\r\n", "1\r\na\r\n0\r\n", "1\r\na\r\n0\r\n\r"})
        for (std::size_t piece = 1; piece <= 8; ++piece) EXPECT_TRUE(bodies(head + body, piece).empty()) << body;
}

TEST(RequestParser, CountsTheWireBytesOfChunks) {
    std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 50; ++i) bytes += "1;" + std::string(100, 'x') + "\r\na\r\n";
    EXPECT_EQ(bodies(bytes, 64), std::vector<std::string>{"413"});
}

TEST(ResponseParser, FindsTheSameResponseInPiecesOfAnySize) {
    const std::string bytes =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        ResponseParser parser(100, false);
        bool is_complete = false;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const auto count = std::min(piece, bytes.size() - at);
            std::memcpy(parser.prepare().data(), bytes.data() + at, count);
            parser.commit(count);
            is_complete = parser.advance().value();
        }
        ASSERT_TRUE(is_complete) << piece;
        EXPECT_TRUE(parser.keep_alive());
        EXPECT_EQ(parser.take().body, "ok");
    }
}

}  // namespace
}  // namespace carevoice::net
