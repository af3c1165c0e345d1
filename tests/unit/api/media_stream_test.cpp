#include "api/routes.h"

#include "api_house.h"
#include "twilio/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace carevoice::api {
namespace {

namespace asio = async::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

const std::string stream_path = "/api/v1/twilio/audio-stream/s1";

std::string signature_of(const std::string& target) {
    return twilio::sign(test_auth_token, "wss" + std::string(test_origin).substr(5) + target, {});
}

/// A client that says what it likes. Every wait ends after 10 s, with a failed expectation.
class Stranger {
public:
    explicit Stranger(ApiHouse& api) : api_(api), socket_(api.house.context) {}

    /// True when the server switches protocols.
    bool open(const std::string& target, const std::string& signature) {
        return api_.run(handshake(target, signature));
    }
    bool open() { return open(stream_path, signature_of(stream_path)); }

    void send(const std::string& text) { api_.run(write(text, false)); }
    void send_binary(const std::string& bytes) { api_.run(write(bytes, true)); }
    /// Bytes that need not be frames.
    void send_raw(const std::string& bytes) { api_.run(write_raw(bytes)); }
    /// Says goodbye and waits for the answer.
    void close() { api_.run(say_goodbye()); }
    /// The code with which the server closes; 1006 when it just goes.
    int closed_with() { return api_.run(wait_for_close()); }
    /// All bytes until the server has enough; not one is answered.
    std::string read_raw_to_end() { return api_.run(read_raw()); }

private:
    static auto quietly(boost::system::error_code& failure) {
        return asio::redirect_error(asio::use_awaitable, failure);
    }

    async::Task<bool> handshake(std::string target, std::string signature) {
        boost::system::error_code failure;
        co_await socket_.next_layer().async_connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), api_.port()),
                                                    quietly(failure));
        const auto sign = [signature](websocket::request_type& request) {
            if (!signature.empty()) request.set("X-Twilio-Signature", signature);
        };
        socket_.set_option(websocket::stream_base::decorator(sign));
        co_await socket_.async_handshake("voice.example.org", target, quietly(failure));
        co_return !failure;
    }

    async::Task<> write(std::string text, bool binary) {
        boost::system::error_code ignored;
        socket_.binary(binary);
        co_await socket_.async_write(asio::buffer(text), quietly(ignored));
    }

    async::Task<> write_raw(std::string bytes) {
        boost::system::error_code ignored;
        co_await asio::async_write(socket_.next_layer(), asio::buffer(bytes), quietly(ignored));
    }

    async::Task<> say_goodbye() {
        boost::system::error_code ignored;
        co_await socket_.async_close(websocket::close_code::normal, quietly(ignored));
    }

    async::Task<int> wait_for_close() {
        asio::steady_timer too_long(api_.house.context, 10s);
        too_long.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) give_up();
        });
        boost::system::error_code failure;
        boost::beast::flat_buffer buffer;
        while (!failure) {
            co_await socket_.async_read(buffer, quietly(failure));
            buffer.clear();
        }
        co_return failure == websocket::error::closed ? socket_.reason().code : 1006;
    }

    async::Task<std::string> read_raw() {
        asio::steady_timer too_long(api_.house.context, 10s);
        too_long.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) give_up();
        });
        boost::system::error_code failure;
        std::string bytes;
        co_await asio::async_read(socket_.next_layer(), asio::dynamic_buffer(bytes), quietly(failure));
        co_return bytes;
    }

    void give_up() {
        ADD_FAILURE() << "the server keeps the connection";
        boost::system::error_code ignored;
        socket_.next_layer().close(ignored);
    }

    ApiHouse& api_;
    websocket::stream<tcp::socket> socket_;
};

std::string start_message(const std::string& call_sid, const std::string& token) {
    return R"({"event":"start","sequenceNumber":"1","streamSid":"MZ00000000000000000000000000000001","start":{)"
           R"("streamSid":"MZ00000000000000000000000000000001","accountSid":"AC1","callSid":")" +
           call_sid + R"(","tracks":["inbound"],"customParameters":{"token":")" + token +
           R"("},"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}})";
}

constexpr const char* connected = R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
constexpr const char* stop = R"({"event":"stop","streamSid":"MZ00000000000000000000000000000001"})";

/// A call that waits for its stream.
struct OpenCall {
    explicit OpenCall(ApiHouseOptions options = {}) : api(std::move(options)) {
        api.house.initiate();
        token = api.answer_call();
    }
    std::string good_start() const { return start_message(api.house.telephony.next_sid, token); }
    domain::Call stored() const { return api.house.database->calls().find(CallSessionId("s1")).value(); }

    ApiHouse api;
    std::string token;
};

std::string upgrade(const std::string& target, const std::string& signature) {
    return "GET " + target +
           " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Twilio-Signature: " +
           signature + "\r\n\r\n";
}

TEST(MediaStream, NeedsASignatureOverItsOwnAddress) {
    OpenCall call;
    const auto https = std::string(test_origin) + stream_path;
    for (const std::string& signature :
         {std::string(), std::string("AAAA"), signature_of("/api/v1/twilio/audio-stream/s2"),
          twilio::sign("another token", "wss://voice.example.org" + stream_path, {}),
          twilio::sign(test_auth_token, "wss://evil.example" + stream_path, {})})
        EXPECT_FALSE(Stranger(call.api).open(stream_path, signature)) << signature;
    const auto answer = call.api.exchange(upgrade(stream_path, "AAAA"), true);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(answer, HasSubstr("application/problem+json"));
    EXPECT_EQ(call.stored().stream_token, call.token);
    call.api.expect_alive();
}

TEST(MediaStream, TakesTheSpellingsThatTwilioSigns) {
    OpenCall call;
    for (const std::string& url :
         {"wss://voice.example.org" + stream_path, "wss://voice.example.org" + stream_path + "/",
          "wss://voice.example.org:443" + stream_path})
        EXPECT_TRUE(Stranger(call.api).open(stream_path, twilio::sign(test_auth_token, url, {}))) << url;
}

TEST(MediaStream, IsRefusedForUnknownCallsCallsThatAreOverAndWithoutSpeechToText) {
    OpenCall call;
    for (const std::string id : {"nobody", "..%2fs1", "%00"}) {
        const auto target = "/api/v1/twilio/audio-stream/" + id;
        EXPECT_THAT(call.api.exchange(upgrade(target, signature_of(target)), true), StartsWith("HTTP/1.1 404 ")) << id;
    }
    call.api.post_form("/api/v1/twilio/status-callback/s1", call.api.webhook({{"CallStatus", "completed"}}));
    EXPECT_THAT(call.api.exchange(upgrade(stream_path, signature_of(stream_path)), true), StartsWith("HTTP/1.1 409 "));

    ApiHouse deaf({.with_engine = false});
    deaf.house.initiate();
    EXPECT_THAT(deaf.exchange(upgrade(stream_path, signature_of(stream_path)), true), StartsWith("HTTP/1.1 503 "));
    deaf.expect_alive();
}

TEST(MediaStream, ServesTheRightTokenOnce) {
    OpenCall call;
    Stranger twilio(call.api);
    ASSERT_TRUE(twilio.open());
    twilio.send(connected);
    twilio.send(call.good_start());
    twilio.send(R"({"event":"media","streamSid":"MZ00000000000000000000000000000001","media":{"track":"inbound",)"
                R"("timestamp":"20","payload":"/////////////////////w=="}})");
    twilio.send(stop);
    EXPECT_EQ(twilio.closed_with(), 1000);
    EXPECT_EQ(call.stored().stream_token, "");

    Stranger again(call.api);
    ASSERT_TRUE(again.open());
    again.send(call.good_start());
    EXPECT_EQ(again.closed_with(), 1008);
    call.api.expect_alive();
}

TEST(MediaStream, AStartWithAWrongTokenOrCallSidIsClosedAndBurnsNothing) {
    OpenCall call;
    const auto sid = call.api.house.telephony.next_sid;
    for (const auto& start :
         {start_message(sid, ""), start_message(sid, "wrong"), start_message(sid, call.token + "0"),
          start_message("CAffffffffffffffffffffffffffffffff", call.token), start_message("", call.token),
          std::string(R"({"event":"start","start":{}})"),
          std::string(R"({"event":"start","streamSid":"MZ1","start":{"callSid":")" + sid + "\"}}")}) {
        Stranger stranger(call.api);
        ASSERT_TRUE(stranger.open());
        stranger.send(start);
        for (int i = 0; i < 8; ++i) stranger.send("{}");  // not every one of them is a start
        EXPECT_EQ(stranger.closed_with(), 1008) << start;
    }
    EXPECT_EQ(call.stored().stream_token, call.token);
    Stranger twilio(call.api);
    ASSERT_TRUE(twilio.open());
    twilio.send(call.good_start());
    twilio.send(stop);
    EXPECT_EQ(twilio.closed_with(), 1000);
}

const std::vector<std::string> garbage{"",
                                       "hello",
                                       "{",
                                       "null",
                                       "[]",
                                       R"({"event":17})",
                                       R"({"event":"media"})",
                                       R"({"event":"media","media":{"payload":"not base64!"}})",
                                       R"({"event":"media","media":{"payload":null,"timestamp":"-1"}})",
                                       R"({"event":"mark","mark":[]})",
                                       R"({"event":"no such event"})",
                                       std::string(60'000, '[')};

TEST(MediaStream, GarbageInsteadOfAStartIsNotListenedToForLong) {
    OpenCall call;
    Stranger stranger(call.api);
    ASSERT_TRUE(stranger.open());
    for (const auto& text : garbage) stranger.send(text);
    EXPECT_EQ(stranger.closed_with(), 1008);
    EXPECT_EQ(call.stored().stream_token, call.token);
    call.api.expect_alive();
}

TEST(MediaStream, GarbageAndBinaryFramesWithinAStreamArePassedOver) {
    OpenCall call;
    Stranger stranger(call.api);
    ASSERT_TRUE(stranger.open());
    stranger.send(call.good_start());
    for (const auto& text : garbage) {
        stranger.send(text);
        stranger.send_binary(text);
    }
    stranger.send_binary(std::string("\0\xff\x80", 3));
    stranger.send_binary(stop);  // a stop is text
    stranger.send(call.good_start());
    call.api.expect_alive();
    stranger.send(stop);
    EXPECT_EQ(stranger.closed_with(), 1000);
}

TEST(MediaStream, TenMegabytesInOneMessageEndTheStreamAndNothingElse) {
    OpenCall call;
    Stranger stranger(call.api);
    ASSERT_TRUE(stranger.open());
    stranger.send(call.good_start());
    // The head of one text frame of ten megabytes, masked with zeros, and its first bytes.
    stranger.send_raw(std::string("\x81\xff\x00\x00\x00\x00\x00\xa0\x00\x00\x00\x00\x00\x00", 14) +
                      std::string(1000, ' '));
    EXPECT_EQ(stranger.closed_with(), 1009);
    call.api.expect_alive();
}

TEST(MediaStream, FramesThatAreNoneEndTheStreamWithAProtocolError) {
    OpenCall call;
    for (const auto& [bytes, code] :
         std::vector<std::pair<std::string, int>>{{std::string(16, '\xff'), 1002},
                                                  {std::string("\x81\x05hello", 7), 1002},
                                                  {std::string("\x81\x82\x00\x00\x00\x00\xc0\xaf", 8), 1007}}) {
        Stranger stranger(call.api);
        ASSERT_TRUE(stranger.open());
        stranger.send_raw(bytes);
        EXPECT_EQ(stranger.closed_with(), code);
    }
    call.api.expect_alive();
}

TEST(MediaStream, OneThatGoesQuietIsLetGo) {
    OpenCall call({.limits = {.websocket_idle_timeout = 100ms}});
    Stranger quiet(call.api);
    ASSERT_TRUE(quiet.open());
    quiet.send(call.good_start());
    // Not even the server's ping is answered.
    EXPECT_THAT(quiet.read_raw_to_end(), StartsWith("\x89"));
    call.api.expect_alive();
}

TEST(MediaStream, OneThatHangsUpWithoutAWordIsOver) {
    OpenCall call;
    {
        Stranger stranger(call.api);
        ASSERT_TRUE(stranger.open());
        stranger.send(call.good_start());
        stranger.close();
    }
    {
        Stranger stranger(call.api);
        ASSERT_TRUE(stranger.open());
    }
    call.api.expect_alive();
}

}  // namespace
}  // namespace carevoice::api
