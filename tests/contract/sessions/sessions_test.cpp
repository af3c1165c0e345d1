#include "contract/sessions/house.h"

#include <barrier>
#include <set>
#include <vector>

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;

const CallSessionId c1("c1");
const CallSessionId c2("c2");
constexpr milliseconds long_time = 60s;
constexpr milliseconds short_time = 30ms;

Deadline soon() {
    return Deadline::in(10s);
}

class Sessions : public SessionsTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Sessions, ::testing::Values(Kind::memory, Kind::redis),
                         ::testing::PrintToStringParamName());

TEST_P(Sessions, GiveACallToOneOwnerAtATime) {
    const auto mine = sessions_->acquire(c1, "one", long_time);
    ASSERT_TRUE(mine);
    EXPECT_EQ(mine->owner, "one");
    EXPECT_GT(mine->fence, 0U);
    EXPECT_EQ(*sessions_->acquire(c1, "two", long_time), *mine);
    EXPECT_EQ(*sessions_->acquire(c1, "one", long_time), *mine);
    EXPECT_EQ(*sessions_->owner_of(c1), *mine);
    EXPECT_EQ(*sessions_->owner_of(c2), std::nullopt);
    EXPECT_EQ(sessions_->acquire(c2, "two", long_time)->owner, "two");
}

TEST_P(Sessions, GiveAnExpiredOrReleasedCallToTheNextWithALaterFence) {
    const auto first = sessions_->acquire(c1, "one", short_time);
    pass(2 * short_time);
    EXPECT_EQ(*sessions_->owner_of(c1), std::nullopt);
    EXPECT_FALSE(*sessions_->renew(c1, *first, long_time));
    const auto second = sessions_->acquire(c1, "two", long_time);
    EXPECT_EQ(second->owner, "two");
    EXPECT_GT(second->fence, first->fence);
    EXPECT_FALSE(*sessions_->release(c1, *first));
    EXPECT_TRUE(*sessions_->release(c1, *second));
    EXPECT_FALSE(*sessions_->release(c1, *second));
    const auto third = sessions_->acquire(c1, "one", long_time);
    EXPECT_EQ(third->owner, "one");
    EXPECT_GT(third->fence, second->fence);
    EXPECT_FALSE(*sessions_->renew(c1, *first, long_time)) << "the same owner, but an old lease";
}

TEST_P(Sessions, KeepACallForAnOwnerWhoRenews) {
    const auto mine = sessions_->acquire(c1, "one: \"x\" 7", 1s);
    EXPECT_TRUE(*sessions_->renew(c1, *mine, long_time));
    pass(1'100ms);
    EXPECT_EQ(*sessions_->owner_of(c1), *mine);
    EXPECT_TRUE(*sessions_->renew(c1, *mine, long_time));
    EXPECT_FALSE(*sessions_->renew(c2, *mine, long_time));
}

TEST_P(Sessions, GiveACallToOneOfManyWhoAskAtOnce) {
    std::barrier start(8);
    std::vector<CallOwner> answers(8);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            threads.emplace_back([&, i] {
                start.arrive_and_wait();
                const auto answer = sessions_->acquire(c1, "owner-" + std::to_string(i), long_time);
                EXPECT_TRUE(answer) << answer.error().detail;
                if (answer) answers[i] = *answer;
            });
        }
    }
    for (const CallOwner& answer : answers) EXPECT_EQ(answer, answers.front());
}

TEST_P(Sessions, KeepTheStateOfACallForItsTime) {
    const std::string state = std::string("{\"a\":1}\0\xFF\n", 10) + std::string(100'000, 'x');
    EXPECT_EQ(*sessions_->get(c1), std::nullopt);
    ASSERT_TRUE(sessions_->put(c1, state, 0, long_time));
    EXPECT_EQ(*sessions_->get(c1), state);
    EXPECT_EQ(*sessions_->get(c2), std::nullopt);
    ASSERT_TRUE(sessions_->put(c1, "", 0, long_time));
    EXPECT_EQ(*sessions_->get(c1), "");
    ASSERT_TRUE(sessions_->erase(c1));
    ASSERT_TRUE(sessions_->erase(c1));
    EXPECT_EQ(*sessions_->get(c1), std::nullopt);
    ASSERT_TRUE(sessions_->put(c1, "short", 0, short_time));
    pass(2 * short_time);
    EXPECT_EQ(*sessions_->get(c1), std::nullopt);
}

TEST_P(Sessions, RefuseTheStateOfAnOwnerWhoLostTheCall) {
    const auto old_owner = sessions_->acquire(c1, "one", short_time);
    ASSERT_TRUE(sessions_->put(c1, "old", old_owner->fence, long_time));
    pass(2 * short_time);
    ASSERT_TRUE(sessions_->put(c1, "still old", old_owner->fence, long_time)) << "nobody else has it yet";
    const auto new_owner = sessions_->acquire(c1, "two", long_time);
    EXPECT_EQ(code_of(sessions_->put(c1, "too late", old_owner->fence, long_time)), Errc::conflict);
    ASSERT_TRUE(sessions_->put(c1, "new", new_owner->fence, long_time));
    EXPECT_TRUE(*sessions_->release(c1, *new_owner));
    EXPECT_EQ(code_of(sessions_->put(c1, "too late", old_owner->fence, long_time)), Errc::conflict);
    EXPECT_EQ(*sessions_->get(c1), "new");
}

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
