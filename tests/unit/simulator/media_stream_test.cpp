#include "simulator/media_stream.h"

#include "fake_service.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace carevoice::simulator {
namespace {

using Values = std::vector<std::string>;

class StreamTest : public SimulatorTest {
protected:
    void listens(const std::string& then = "<Pause length=\"20\"/>") {
        service->voice = {
            "<Start><Stream name=\"ear\" url=\"" + service->ws_url("/audio") +
            "\" statusCallback=\"/stream\"><Parameter name=\"token\" value=\"s3cret\"/></Stream></Start>" + then};
    }
    [[nodiscard]] std::size_t media_frames() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            service->frames, [](const std::string& frame) { return frame.find("\"media\":{") != std::string::npos; }));
    }
    async::Task<> hang_up() {
        net::FormFields form{{"Status", "completed"}};
        co_await update(std::move(form));
        co_await until_over();
    }
};

TEST_F(StreamTest, SpeaksTheProtocolOfMediaStreams) {
    play([this]() -> async::Task<> {
        listens();
        co_await create();
        co_await until([this] { return media_frames() >= 10; });
        co_await hang_up();
        co_await until([this] { return service->streams_ended == 1 && service->at("/stream").size() == 2; });
        EXPECT_TRUE(service->upgrade_signature_holds);
        EXPECT_EQ(service->values("/stream", "StreamEvent"), (Values{"stream-started", "stream-stopped"}));
        EXPECT_EQ(service->values("/stream", "StreamName"), (Values{"ear", "ear"}));
        EXPECT_GE(service->frames.size(), 12U);
        EXPECT_EQ(service->frames[0], R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
        twilio::StreamReceiver receiver;
        std::uint64_t silence = 0;
        std::size_t audio = 0;
        bool stopped = false;
        for (const auto& frame : service->frames) {
            const auto event = receiver.accept(frame);
            if (const auto* started = std::get_if<twilio::StreamReceiver::Started>(&event)) {
                EXPECT_EQ(started->start.call_sid, call().sid);
                EXPECT_EQ(started->start.parameters, (net::FormFields{{"token", "s3cret"}}));
            } else if (const auto* heard = std::get_if<twilio::StreamReceiver::Audio>(&event)) {
                ++audio;
                EXPECT_EQ(heard->mulaw.size(), frame_bytes);
                if (audio > 1) silence += heard->silence_before_ms;
                EXPECT_TRUE(std::ranges::all_of(heard->mulaw, [](std::uint8_t code) { return code == 0xFF; }));
            } else if (std::holds_alternative<twilio::StreamReceiver::Stopped>(event)) {
                stopped = true;
            }
        }
        EXPECT_EQ(audio, media_frames());
        EXPECT_EQ(silence, 0U);
        EXPECT_TRUE(stopped);
    });
}

TEST_F(StreamTest, SendsFiftyFramesASecondWithoutDrift) {
    play([this]() -> async::Task<> {
        listens();
        co_await create();
        co_await until([this] { return media_frames() >= 50; });
        const auto& times = service->frame_times;
        // Two messages come before the first frame; the 50th frame is due 980 ms after the first.
        const auto span = std::chrono::duration_cast<milliseconds>(times[51] - times[2]).count();
        // Never faster than real; how late a busy machine may be is for the benches.
        EXPECT_GE(span, 920);
        EXPECT_LE(span, 3'000);
        co_await hang_up();
    });
}

TEST_F(StreamTest, CarriesTheWordsOfTheParty) {
    const auto clip = make_babble(milliseconds{100});
    play([this, clip]() -> async::Task<> {
        listens();
        co_await create();
        co_await until([this] { return media_frames() >= 3; });
        party->line->speak(clip, "Yes.", 0.9);
        co_await until([this] { return count(CallEventKind::answer_sent) == 1; });
        net::FormFields form{{"Twiml", "<Response><Pause length=\"20\"/></Response>"}};
        co_await update(std::move(form));
        EXPECT_EQ(count(CallEventKind::reply_arrived), 1);
        const auto before = media_frames();
        co_await until([this, before] { return media_frames() > before + 2; });
        co_await hang_up();
        std::vector<std::uint8_t> sound;
        twilio::StreamReceiver receiver;
        for (const auto& frame : service->frames) {
            const auto event = receiver.accept(frame);
            if (const auto* heard = std::get_if<twilio::StreamReceiver::Audio>(&event))
                sound.insert(sound.end(), heard->mulaw.begin(), heard->mulaw.end());
        }
        // The stream went on through the update, and the clip is in it whole.
        EXPECT_NE(std::ranges::search(sound, clip->mulaw).begin(), sound.end());
        EXPECT_EQ(count(CallEventKind::stream_started), 1);
    });
}

TEST_F(StreamTest, StopEndsItByName) {
    play([this]() -> async::Task<> {
        listens("<Pause length=\"1\"/><Stop><Stream name=\"ear\"/></Stop><Pause length=\"20\"/>");
        co_await create();
        co_await until([this] { return service->streams_ended == 1; });
        EXPECT_EQ(call().status, "in-progress");
        EXPECT_EQ(service->frames.back().find("\"event\":\"stop\"") != std::string::npos, true);
        co_await hang_up();
    });
}

TEST_F(StreamTest, TwoWayStreamPlaysAndReturnsMarks) {
    std::shared_ptr<net::WebSocket> socket;
    play([this, &socket]() -> async::Task<> {
        service->on_stream = [&socket](std::shared_ptr<net::WebSocket> opened) { socket = std::move(opened); };
        service->voice = {"<Connect><Stream url=\"" + service->ws_url("/audio") + "\"/></Connect><Say>Goodbye.</Say>"};
        co_await create();
        co_await until([this] { return media_frames() >= 2; });
        const auto begin = boost::json::parse(service->frames[1]);
        const std::string sid(begin.at("streamSid").as_string());
        std::string media;
        std::string mark;
        std::string clear;
        twilio::write_media(media, sid, std::vector<std::uint8_t>(800, 0x20));
        twilio::write_mark(mark, sid, "first");
        twilio::write_clear(clear, sid);
        co_await socket->write(media);
        co_await socket->write(mark);
        const auto returned = [this] {
            return std::ranges::count_if(service->frames, [](const std::string& frame) {
                return frame.find("\"event\":\"mark\"") != std::string::npos;
            });
        };
        co_await until([returned] { return returned() == 1; });
        EXPECT_EQ(party->cut_offs, (std::vector<bool>{false}));
        for (int i = 0; i < 50; ++i) co_await socket->write(media);
        co_await socket->write(mark);
        co_await until([this] { return party->heard.size() == 2; });
        co_await socket->write(clear);
        co_await until([returned] { return returned() == 2; });
        co_await until([this] { return party->cut_offs.size() == 2; });
        EXPECT_EQ(party->cut_offs.back(), true);
        co_await socket->close(1000);
        socket.reset();
        co_await until_over();
        EXPECT_EQ(party->heard.back(), "Goodbye.");
    });
}

TEST_F(StreamTest, UpdateTearsATwoWayStreamDown) {
    play([this]() -> async::Task<> {
        service->voice = {"<Connect><Stream url=\"" + service->ws_url("/audio") + "\"/></Connect>"};
        co_await create();
        co_await until([this] { return media_frames() >= 2; });
        net::FormFields form{{"Twiml", "<Response><Say>Now by voice.</Say></Response>"}};
        co_await update(std::move(form));
        co_await until_over();
        co_await until([this] { return service->streams_ended == 1; });
        EXPECT_EQ(party->heard, (Values{"Now by voice."}));
    });
}

TEST(MediaFrames, RefusesWhatTwilioRefuses) {
    const std::string sid = "MZ1";
    EXPECT_TRUE(std::holds_alternative<PlayClear>(read_play_message(R"({"event":"clear","streamSid":"MZ1"})", sid)));
    for (const auto* text :
         {"", "[]", R"({"event":"clear"})", R"({"event":"clear","streamSid":"MZ2"})",
          R"({"event":"clear","streamSid":"MZ1","more":1})", R"({"event":"dance","streamSid":"MZ1"})",
          R"({"event":"media","streamSid":"MZ1","media":{"payload":"*"}})",
          R"({"event":"media","streamSid":"MZ1","media":{"payload":"/w==","track":"x"}})",
          R"({"event":"mark","streamSid":"MZ1","mark":{"name":""}})"})
        EXPECT_TRUE(std::holds_alternative<PlayInvalid>(read_play_message(text, sid))) << text;
}

TEST(PlayOut, ReturnsMarksWhenTheirSoundIsOver) {
    const SteadyTime start{std::chrono::seconds(100)};
    PlayOut play_out;
    play_out.add(800, start);
    play_out.mark("a");
    play_out.add(800, start + milliseconds{10});
    play_out.mark("b");
    EXPECT_TRUE(play_out.due(start + milliseconds{99}).empty());
    EXPECT_EQ(play_out.due(start + milliseconds{100}), (Values{"a"}));
    EXPECT_EQ(play_out.due(start + milliseconds{200}), (Values{"b"}));
    EXPECT_FALSE(play_out.playing(start + milliseconds{200}));
    play_out.add(8000, start + milliseconds{300});
    play_out.mark("c");
    EXPECT_EQ(play_out.clear(), (Values{"c"}));
    EXPECT_FALSE(play_out.playing(start + milliseconds{301}));
}

TEST(PhoneLine, RendersAClipByTheClock) {
    PhoneLine line(0, 1);
    auto clip = std::make_shared<Clip>();
    for (int i = 0; i < 400; ++i) clip->mulaw.push_back(static_cast<std::uint8_t>(i % 100));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(line.play(clip, start), start + milliseconds{50});
    const auto first = line.frame(start - milliseconds{10});
    EXPECT_EQ(first.mulaw[79], 0xFF);
    EXPECT_EQ(first.mulaw[80], 0);
    EXPECT_FALSE(first.ends_speech);
    const auto last = line.frame(start + milliseconds{40});
    EXPECT_EQ(last.mulaw[79], 99);
    EXPECT_EQ(last.mulaw[80], 0xFF);
    EXPECT_TRUE(last.ends_speech);
    EXPECT_FALSE(line.frame(start + milliseconds{60}).ends_speech);
}

TEST(PhoneLine, NoiseRepeatsForTheSameSeed) {
    const PhoneLine line(20, 5);
    const auto when = std::chrono::steady_clock::now();
    const auto frame = line.frame(when);
    EXPECT_EQ(frame.mulaw, line.frame(when).mulaw);
    EXPECT_FALSE(std::ranges::all_of(frame.mulaw, [](std::uint8_t code) { return code == 0xFF; }));
}

}  // namespace
}  // namespace carevoice::simulator
