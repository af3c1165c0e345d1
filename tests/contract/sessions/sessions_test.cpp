#include "contract/sessions/house.h"

#include <barrier>
#include <vector>

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;

Deadline soon() {
    return Deadline::in(10s);
}

class Sessions : public SessionsTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Sessions, ::testing::Values(Kind::memory, Kind::redis),
                         ::testing::PrintToStringParamName());

TEST_P(Sessions, BringEventsToAllWhoSubscribedInOrder) {
    ASSERT_TRUE(sessions_->publish("calls", "before"));
    const auto first = sessions_->subscribe("calls", 10);
    const auto second = sessions_->subscribe("calls", 10);
    const auto other = sessions_->subscribe("alerts", 10);
    ASSERT_TRUE(first && second && other);
    for (const char* message : {"a", "b", "c"}) ASSERT_TRUE(sessions_->publish("calls", message));
    for (const auto* reader : {&*first, &*second}) {
        for (const char* message : {"a", "b", "c"}) {
            const auto event = (*reader)->next(soon());
            ASSERT_TRUE(event) << event.error().detail;
            EXPECT_EQ(event->message, message);
            EXPECT_FALSE(event->lost_some);
        }
    }
    EXPECT_EQ(code_of((*other)->next(Deadline::in(0ms))), Errc::timed_out);
    ASSERT_TRUE(sessions_->publish("alerts", std::string("\0\xFF", 2)));
    EXPECT_EQ((*other)->next(soon())->message, std::string("\0\xFF", 2));
}

TEST_P(Sessions, TellASlowReaderThatItLostSome) {
    const auto reader = sessions_->subscribe("calls", 3);
    const auto witness = sessions_->subscribe("calls", 100);
    ASSERT_TRUE(reader && witness);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(sessions_->publish("calls", std::to_string(i)));
    for (int i = 0; i < 10; ++i) ASSERT_TRUE((*witness)->next(soon()));
    for (const char* message : {"7", "8", "9"}) {
        const auto event = (*reader)->next(soon());
        ASSERT_TRUE(event);
        EXPECT_EQ(event->message, message);
        EXPECT_EQ(event->lost_some, event->message == "7");
    }
    EXPECT_EQ(metrics_.value("carevoice_sessions_events_lost_total"), 7);
}

TEST_P(Sessions, EndTheirSubscriptionsWithThem) {
    auto reader = sessions_->subscribe("calls", 3);
    ASSERT_TRUE(reader);
    Errc met = Errc::internal;
    {
        const std::jthread waiting([&] { met = code_of((*reader)->next(soon())); });
        sessions_.reset();
    }
    EXPECT_EQ(met, Errc::cancelled);
    EXPECT_EQ(code_of((*reader)->next(soon())), Errc::cancelled);
}

TEST_P(Sessions, GiveTokensAtTheirRateAfterTheBurst) {
    // 20 a second: one in 50 ms.
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(sessions_->take("dial", 0.001, 3)->granted) << i;
    const auto refused = sessions_->take("dial", 0.001, 3);
    EXPECT_FALSE(refused->granted);
    EXPECT_GT(refused->retry_after, 900s);
    EXPECT_LE(refused->retry_after, 1'000s);
    EXPECT_TRUE(sessions_->take("other", 0.001, 1)->granted);
    EXPECT_TRUE(sessions_->take("quick", 20, 1)->granted);
    pass(60ms);
    EXPECT_TRUE(sessions_->take("quick", 20, 1)->granted);
    for (const double rate : {0.0, -1.0}) EXPECT_EQ(code_of(sessions_->take("k", rate, 1)), Errc::invalid_input);
    EXPECT_EQ(code_of(sessions_->take("k", 1, 0.5)), Errc::invalid_input);
}

TEST_P(Sessions, GiveNoTokenTwice) {
    std::barrier start(8);
    std::atomic<int> granted{0};
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                start.arrive_and_wait();
                for (int n = 0; n < 20; ++n)
                    if (sessions_->take("dial", 0.001, 50).value().granted) ++granted;
            });
        }
    }
    EXPECT_EQ(granted, 50);
}

TEST_P(Sessions, AnswerAPing) {
    EXPECT_TRUE(sessions_->ping());
}

}  // namespace
}  // namespace carevoice::storage::testing
