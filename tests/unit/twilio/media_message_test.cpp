#include "twilio/media_message.h"

#include "unit/twilio/allocation_count.h"
#include "unit/twilio/test_data.h"

#include <gtest/gtest.h>

namespace carevoice::twilio {
namespace {

const std::string stream = "MZ00000000000000000000000000000003";

std::string media_frame(std::string_view timestamp, std::size_t bytes = 160, std::string_view more = "") {
    std::string text = R"({"event":"media",)" + std::string(more) + R"("streamSid":")" + stream +
                       R"(","media":{"track":"inbound","chunk":"1","timestamp":)" + std::string(timestamp) +
                       R"(,"payload":")";
    std::string whole;
    write_media(whole, stream, std::vector<std::uint8_t>(bytes, 0xFF));
    const auto payload = whole.find("payload\":\"") + 10;
    return text + whole.substr(payload, whole.rfind('"') - payload) + "\"}}";
}

std::string start_frame(std::string_view more = "") {
    return R"({"event":"start","streamSid":")" + stream + R"(","start":{"accountSid":"AC1","callSid":"CA1")" +
           std::string(more) + "}}";
}

class Receiving : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(std::holds_alternative<StreamReceiver::Started>(receiver.accept(start_frame())));
    }

    /// Silence before the frame; -1 when it was ignored.
    std::int64_t silence_before(std::string_view timestamp, std::size_t bytes = 160, std::string_view more = "") {
        const auto event = receiver.accept(media_frame(timestamp, bytes, more));
        const auto* audio = std::get_if<StreamReceiver::Audio>(&event);
        return audio == nullptr ? -1 : static_cast<std::int64_t>(audio->silence_before_ms);
    }

    StreamReceiver receiver;
};

TEST(StreamMessageParser, ReadsAStart) {
    StreamMessageParser parser;
    const auto message = parser.parse(start_frame(
        R"(,"tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
        R"("customParameters":{"token":"f3","id":"4\"2\u00e9","odd":7})"));
    const auto& start = std::get<StreamStart>(message);
    EXPECT_EQ(start.stream_sid, stream);
    EXPECT_EQ(start.account_sid, "AC1");
    EXPECT_EQ(start.call_sid, "CA1");
    ASSERT_EQ(start.parameters.size(), 2U);
    EXPECT_EQ(start.parameters[0], (std::pair<std::string, std::string>("token", "f3")));
    EXPECT_EQ(start.parameters[1], (std::pair<std::string, std::string>("id", "4\"2é")));
}

TEST(StreamMessageParser, RefusesAStartThatIsNoTelephoneCall) {
    StreamMessageParser parser;
    for (const char* more : {R"(,"mediaFormat":{"encoding":"audio/opus"})", R"(,"mediaFormat":{"sampleRate":16000})",
                             R"(,"mediaFormat":{"sampleRate":"48000"})", R"(,"mediaFormat":{"channels":2})"})
        EXPECT_TRUE(std::holds_alternative<StreamIgnored>(parser.parse(start_frame(more)))) << more;
    EXPECT_TRUE(std::holds_alternative<StreamIgnored>(parser.parse(R"({"event":"start","start":{"callSid":"CA1"}})")));
    EXPECT_TRUE(
        std::holds_alternative<StreamStart>(parser.parse(start_frame(R"(,"mediaFormat":{"sampleRate":"8000"})"))));
}

TEST(StreamMessageParser, ReadsEveryFrameOfTheSamples) {
    for (const char* file : {"unidirectional.jsonl", "bidirectional.jsonl"}) {
        StreamMessageParser parser;
        std::size_t frames = 0;
        for (const auto& line : tests::read_json_lines(std::string("media-stream-samples/") + file)) {
            if (tests::text_at(line, "from") != "twilio") continue;
            const std::string text = boost::json::serialize(line.at("msg"));
            const auto message = parser.parse(text);
            ASSERT_FALSE(std::holds_alternative<StreamIgnored>(message)) << text;
            const auto* media = std::get_if<StreamMedia>(&message);
            if (media == nullptr) continue;
            ++frames;
            EXPECT_EQ(media->mulaw.size(), 160U);
            EXPECT_TRUE(media->timestamp_ms.has_value());
            EXPECT_GT(media->sequence, 1U);
        }
        EXPECT_GT(frames, 20U);
    }
}

TEST(StreamMessageParser, SurvivesHostileFrames) {
    StreamMessageParser parser;
    const std::string deep(60'000, '[');
    const std::string nul("\0\0", 2);
    for (const std::string& text :
         {std::string(64 * 1024 + 1, ' '), deep, nul, std::string("null"), std::string("\"media\""),
          std::string("\xFF"), std::string(R"({"event":null})"), std::string(R"({"event":"media"})"),
          std::string(R"({"event":"media\u0000"})"),
          std::string(R"({"event":"media","media":{"payload":7,"timestamp":"1"}})"),
          std::string(R"({"event":"media","media":{"payload":"AAAA","timestamp":-1}})"),
          std::string(R"({"event":"media","media":{"payload":"AAAA","timestamp":1.5}})"),
          std::string(R"({"event":"media","media":{"payload":"AAAA","timestamp":"18446744073709551616"}})"),
          std::string(R"({"event":"media","media":{"payload":"A","timestamp":"1"}})"),
          std::string(R"({"event":"dtmf","dtmf":{"digit":"E"}})"),
          std::string(R"({"event":"dtmf","dtmf":{"digit":1}})"), std::string(R"({"event":"mark","mark":{}})"),
          std::string(R"({"event":"stop"} x)")}) {
        EXPECT_TRUE(std::holds_alternative<StreamIgnored>(parser.parse(text))) << text.substr(0, 80);
        EXPECT_TRUE(std::holds_alternative<StreamMedia>(parser.parse(media_frame("\"1\""))));
    }
}

TEST(StreamMessageParser, TakesTheLargestFrameAllowed) {
    StreamMessageParser parser;
    const std::string small = media_frame("1", 160);
    const std::string frame = media_frame("1", (stream_frame_bytes_max - small.size()) / 4 * 3);
    ASSERT_LE(frame.size(), stream_frame_bytes_max);
    EXPECT_GT(std::get<StreamMedia>(parser.parse(frame)).mulaw.size(), 48'000U);
}

TEST(StreamMessageParser, AllocatesNothingForAMediaFrame) {
    StreamReceiver receiver;
    (void)receiver.accept(start_frame());
    (void)receiver.accept(media_frame("67"));
    std::vector<std::string> frames;
    for (int i = 0; i < 200; ++i) frames.push_back(media_frame("\"" + std::to_string(87 + 20 * i) + "\""));
    const std::size_t before = tests::allocation_count();
    std::size_t bytes = 0;
    for (const auto& frame : frames) {
        const auto event = receiver.accept(frame);
        if (const auto* audio = std::get_if<StreamReceiver::Audio>(&event)) bytes += audio->mulaw.size();
    }
    EXPECT_EQ(tests::allocation_count(), before);
    EXPECT_EQ(bytes, 200U * 160U);
}

TEST(StreamReceiverTest, MeetsTheExpectationOfEveryIrregularFrame) {
    StreamReceiver receiver;
    for (const auto& line : tests::read_json_lines("media-stream-samples/irregular.jsonl")) {
        const std::string expect = tests::text_at(line, "expect");
        SCOPED_TRACE(expect);
        const auto event = receiver.accept(tests::text_at(line, "text"));
        const auto* nothing = std::get_if<StreamReceiver::Nothing>(&event);
        // A mark is handed on; the sender, who knows its own names, ignores it.
        const bool ignored = std::holds_alternative<StreamReceiver::Mark>(event) ||
                             (nothing != nullptr && !nothing->why_ignored.empty());
        EXPECT_EQ(ignored, expect.starts_with("ignore"));
        const auto* audio = std::get_if<StreamReceiver::Audio>(&event);
        if (expect.find("pad with silence") != std::string::npos) {
            ASSERT_NE(audio, nullptr);
            EXPECT_NEAR(static_cast<double>(audio->silence_before_ms), 200, 10);
        }
        if (expect.find("empty payload") != std::string::npos) {
            EXPECT_TRUE(audio->mulaw.empty());
        }
        if (expect.find("1600 byte") != std::string::npos) {
            EXPECT_EQ(audio->mulaw.size(), 1600U);
        }
        if (expect.find("beyond 32 bits") != std::string::npos) {
            EXPECT_EQ(audio->silence_before_ms, 5000U);
        }
        if (expect.find("dtmf star") != std::string::npos) {
            EXPECT_EQ(std::get<StreamReceiver::Key>(event).digit, '*');
        }
    }
}

TEST_F(Receiving, AddsNoSilenceToASteadyStream) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(silence_before(std::to_string(67 + 20 * i)), 0);
}

TEST_F(Receiving, AddsNoSilenceForJitterAndNeverDriftsByIt) {
    std::int64_t added = 0;
    for (int i = 0; i < 1000; ++i) added += silence_before(std::to_string(67 + 20 * i + i % 9));
    EXPECT_EQ(added, 0);
}

TEST_F(Receiving, FillsGapsByTheTimestamp) {
    EXPECT_EQ(silence_before("67"), 0);
    EXPECT_EQ(silence_before("187"), 100);
    EXPECT_EQ(silence_before("207"), 0);
    EXPECT_EQ(silence_before("5227"), 5000);
}

TEST_F(Receiving, CapsALeapOfTheClockAndGoesOnFromThere) {
    EXPECT_EQ(silence_before("67"), 0);
    EXPECT_EQ(silence_before("9000000000000"), 5000);
    EXPECT_EQ(silence_before("9000000000020"), 0);
    EXPECT_EQ(silence_before("87"), 0) << "far behind is another clock, not an old frame";
    EXPECT_EQ(silence_before("107"), 0);
    EXPECT_EQ(silence_before("18446744073709551615"), -1);
    EXPECT_EQ(silence_before("127"), 0);
}

TEST_F(Receiving, DropsOldAndRepeatedFrames) {
    EXPECT_EQ(silence_before("500", 160, R"("sequenceNumber":"7",)"), 0);
    EXPECT_EQ(silence_before("480", 160, R"("sequenceNumber":"6",)"), -1);
    EXPECT_EQ(silence_before("500", 160, R"("sequenceNumber":"7",)"), -1);
    EXPECT_EQ(silence_before("520", 160, R"("sequenceNumber":"8",)"), 0);
}

TEST_F(Receiving, KeepsAudioOfServersThatNeverMoveTheirTimestamp) {
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(silence_before("0", 160, R"("sequenceNumber":)" + std::to_string(i + 2) + ","), 0);
    const auto event = receiver.accept(R"({"event":"media","media":{"payload":"////"}})");
    ASSERT_TRUE(std::holds_alternative<StreamReceiver::Audio>(event)) << "no timestamp: right after the last";
    EXPECT_EQ(std::get<StreamReceiver::Audio>(event).timestamp_ms, 1000U);
}

TEST_F(Receiving, IgnoresTheOutboundTrack) {
    const auto event =
        receiver.accept(R"({"event":"media","media":{"track":"outbound","timestamp":"5","payload":"////"}})");
    EXPECT_EQ(std::get<StreamReceiver::Nothing>(event).why_ignored, "outbound track");
}

TEST_F(Receiving, EndsOnce) {
    EXPECT_TRUE(
        std::holds_alternative<StreamReceiver::Nothing>(receiver.accept(R"({"event":"stop","streamSid":"MZ9"})")));
    EXPECT_TRUE(std::holds_alternative<StreamReceiver::Stopped>(receiver.accept(R"({"event":"stop"})")));
    EXPECT_TRUE(std::holds_alternative<StreamReceiver::Nothing>(receiver.accept(R"({"event":"stop"})")));
    EXPECT_EQ(silence_before("1"), -1);
    EXPECT_TRUE(std::holds_alternative<StreamReceiver::Nothing>(receiver.accept(start_frame())));
}

TEST(StreamWriters, WriteExactlyTwiliosFields) {
    std::string out;
    write_media(out, "MZ1", std::vector<std::uint8_t>{0xFF, 0x7F, 0x00});
    EXPECT_EQ(out, R"({"event":"media","streamSid":"MZ1","media":{"payload":"/38A"}})");
    out.clear();
    write_mark(out, "MZ1", "turn-\"3\"\n");
    EXPECT_EQ(out, R"({"event":"mark","streamSid":"MZ1","mark":{"name":"turn-\"3\"\u000a"}})");
    out.clear();
    write_clear(out, "MZ1");
    EXPECT_EQ(out, R"({"event":"clear","streamSid":"MZ1"})");
}

}  // namespace
}  // namespace carevoice::twilio
