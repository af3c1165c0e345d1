#include "ai/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

using testing::ElementsAre;

constexpr std::size_t limit = 1'000;

struct Read {
    std::vector<std::string> events;
    std::string stray;
};

Read read_in_pieces(std::string_view bytes, std::size_t piece) {
    EventStream stream(limit);
    Read read;
    const auto take = [&] {
        while (auto event = stream.next()) read.events.push_back(std::move(*event));
    };
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        EXPECT_TRUE(stream.feed(bytes.substr(at, piece)).has_value());
        take();
    }
    EXPECT_TRUE(stream.end().has_value());
    take();
    read.stray = stream.stray();
    return read;
}

TEST(EventStream, ReadsEventsHoweverTheirLinesEndAndTheirBytesAreSplit) {
    for (const char* bytes : {"data: {\"a\":1}\n\ndata: b\n\n", "data: {\"a\":1}\r\n\r\ndata: b\r\n\r\n",
                              "data: {\"a\":1}\r\rdata: b\r\r", "data: {\"a\":1}\r\n\rdata: b\n\r\n"})
        for (std::size_t piece = 1; piece < 30; ++piece) {
            const Read read = read_in_pieces(bytes, piece);
            EXPECT_THAT(read.events, ElementsAre("{\"a\":1}", "b")) << bytes << piece;
            EXPECT_EQ(read.stray, "") << bytes << piece;
        }
}

TEST(EventStream, JoinsTheLinesOfAnEvent) {
    EXPECT_THAT(read_in_pieces("data: one\ndata:two\ndata:  three\n\n", 5).events, ElementsAre("one\ntwo\n three"));
}

TEST(EventStream, IgnoresCommentsAndOtherFields) {
    const Read read = read_in_pieces(": ping\n\nevent: x\nid: 7\nretry: 10\ndata: y\n\n:\n\n", 7);
    EXPECT_THAT(read.events, ElementsAre("y"));
    EXPECT_EQ(read.stray, "");
}

TEST(EventStream, AnEmptyDataLineIsAnEventAndAnEmptyLineIsNot) {
    EXPECT_THAT(read_in_pieces("\n\n\ndata:\n\n\n\n", 3).events, ElementsAre(""));
}

TEST(EventStream, TheLastEventNeedsNoEmptyLine) {
    EXPECT_THAT(read_in_pieces("data: a\n\ndata: b\n", 4).events, ElementsAre("a", "b"));
    EXPECT_THAT(read_in_pieces("data: a\n\ndata: b", 4).events, ElementsAre("a", "b"));
}

TEST(EventStream, CollectsWhatIsNoEvent) {
    const Read read = read_in_pieces("data: a\n\n{\n  \"error\": {\n    \"code\": 503\n  }\n}\n", 6);
    EXPECT_THAT(read.events, ElementsAre("a"));
    EXPECT_EQ(read.stray, "{\n  \"error\": {\n    \"code\": 503\n  }\n}\n");
}

TEST(EventStream, RefusesWhatNeverEnds) {
    const std::string much(limit, 'x');
    EventStream line(limit);
    ASSERT_TRUE(line.feed("data: x").has_value());
    EXPECT_EQ(line.feed(much).error().code, Errc::corrupt);

    EventStream event(limit);
    EventStream stray(limit);
    Result<> event_fed;
    Result<> stray_fed;
    for (int i = 0; i < 30; ++i) {
        if (event_fed.has_value()) event_fed = event.feed("data: " + much.substr(0, 100) + "\n");
        if (stray_fed.has_value()) stray_fed = stray.feed(much.substr(0, 100) + "\n");
    }
    EXPECT_EQ(event_fed.error().code, Errc::corrupt);
    EXPECT_EQ(stray_fed.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace carevoice::ai
