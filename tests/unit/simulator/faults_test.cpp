#include "simulator/faults.h"

#include "core/text.h"
#include "fake_service.h"

#include <algorithm>
#include <span>

namespace carevoice::simulator {
namespace {

using Values = std::vector<std::string>;

TEST(FaultBox, StrikesOnlyAsOftenAsAllowed) {
    SeededRandom random(1);
    Faults faults;
    faults.create_429 = 1;
    faults.creates_left = 2;
    FaultBox box(faults, random);
    EXPECT_EQ(box.draw_create_fault(), CreateFault::too_many_requests);
    EXPECT_EQ(box.draw_create_fault(), CreateFault::too_many_requests);
    EXPECT_EQ(box.draw_create_fault(), CreateFault::none);
}

TEST(FaultBox, SameSeedSameWeather) {
    Faults faults;
    faults.callback_dropped = 0.5;
    SeededRandom left_random(9);
    SeededRandom right_random(9);
    FaultBox left(faults, left_random);
    FaultBox right(faults, right_random);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(left.draw(&Faults::callback_dropped), right.draw(&Faults::callback_dropped));
}

TEST_F(SimulatorTest, ServerErrorOnCreateLeavesACallBehind) {
    options.faults.create_500 = 1;
    options.faults.creates_left = 1;
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        const auto created = co_await create();
        EXPECT_EQ(created.status, 500);
        co_await until_over();
        EXPECT_EQ(twilio->calls().size(), 1U);
    });
}

TEST_F(SimulatorTest, CreateThatNeverAnswersStillRings) {
    options.faults.create_never_answers = 1;
    options.faults.creates_left = 1;
    request_timeout = milliseconds{200};
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        const auto created = co_await create();
        EXPECT_EQ(created.status, 0);
        co_await until_over();
        EXPECT_EQ(service->at("/voice").size(), 1U);
    });
}

TEST_F(SimulatorTest, TooManyRequestsAndGatewayPagesMakeNoCall) {
    options.faults.create_429 = 1;
    options.faults.creates_left = 1;
    play([this]() -> async::Task<> {
        const auto limited = co_await create();
        EXPECT_EQ(limited.status, 429);
        Faults html;
        html.create_html = 1;
        twilio->set_faults(html);
        const auto page = co_await create();
        EXPECT_EQ(page.status, 502);
        EXPECT_NE(page.body.find("<html>"), std::string::npos);
        EXPECT_TRUE(twilio->calls().empty());
    });
}

TEST_F(SimulatorTest, CallbacksComeTwice) {
    options.faults.callback_doubled = 1;
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        co_await create();
        co_await until([this] { return service->at("/status").size() == 8; });
        EXPECT_EQ(service->values("/status", "SequenceNumber"), (Values{"0", "0", "1", "1", "2", "2", "3", "3"}));
    });
}

TEST_F(SimulatorTest, CallbacksOvertakeEachOther) {
    options.faults.callback_reordered = 1;
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        co_await create();
        co_await until([this] { return service->at("/status").size() == 4; });
        auto order = service->values("/status", "SequenceNumber");
        EXPECT_EQ(order, (Values{"1", "0", "3", "2"}));
    });
}

TEST_F(SimulatorTest, DroppedCallbacksNeverCome) {
    options.faults.callback_dropped = 1;
    play([this]() -> async::Task<> {
        service->voice = {"<Hangup/>"};
        co_await create();
        co_await until_over();
        EXPECT_TRUE(service->at("/status").empty());
    });
}

TEST_F(SimulatorTest, RefusedStreamIsReportedAndTheCallGoesOn) {
    options.faults.stream_refused = 1;
    play([this]() -> async::Task<> {
        service->voice = {"<Start><Stream url=\"" + service->ws_url("/audio") +
                          "\" statusCallback=\"/stream\"/></Start><Pause length=\"1\"/><Say>Still here.</Say>"};
        co_await create();
        co_await until_over();
        EXPECT_TRUE(service->frames.empty());
        EXPECT_EQ(service->values("/stream", "StreamEvent"), (Values{"stream-error"}));
        EXPECT_EQ(party->heard, (Values{"Still here."}));
    });
}

TEST_F(SimulatorTest, LostStreamEndsWithoutStop) {
    options.faults.stream_lost = 1;
    options.faults.stream_lost_after = milliseconds{100};
    play([this]() -> async::Task<> {
        service->voice = {"<Start><Stream url=\"" + service->ws_url("/audio") + "\"/></Start><Pause length=\"1\"/>"};
        co_await create();
        co_await until([this] { return service->streams_ended == 1; });
        for (const auto& frame : service->frames) EXPECT_EQ(frame.find("\"stop\""), std::string::npos);
        EXPECT_FALSE(is_over(call()));
    });
}

}  // namespace
}  // namespace carevoice::simulator
