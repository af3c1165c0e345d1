// The dispatcher as it runs in the service: on its own, in real time, stopped while it works.
#include "notify/dispatcher.h"

#include "dispatch_house.h"

#include <gtest/gtest.h>

namespace carevoice::notify {
namespace {

using domain::Channel;
using storage::DeliveryState;

DispatcherSettings never_polls() {
    auto settings = sample_settings();
    settings.poll = 1h;
    return settings;
}

TEST(DispatcherLoop, LooksAtOnceWhenNudged) {
    DispatchHouse house;
    auto& dispatcher = house.dispatcher(never_polls());
    dispatcher.start();
    // The first look, after which it would sleep for an hour.
    EXPECT_TRUE(DispatchHouse::eventually([&] { return !house.metrics.empty(); }));
    house.put(sample_notification());
    dispatcher.nudge();
    EXPECT_TRUE(house.email.await_count(1));
}

TEST(DispatcherLoop, LooksByItself) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.poll = 5ms;
    house.dispatcher(settings).start();
    EXPECT_TRUE(DispatchHouse::eventually([&] { return !house.metrics.empty(); }));
    house.put(sample_notification());
    EXPECT_TRUE(house.email.await_count(1));
}

TEST(DispatcherLoop, TakesAllOfALongQueueWithoutWaiting) {
    DispatchHouse house;
    auto settings = never_polls();
    settings.claim_max = 3;
    settings.held_max = 5;
    settings.lane.waiting_max = 1'000;
    house.put_emails(100);
    house.dispatcher(settings).start();
    EXPECT_TRUE(house.email.await_count(100));
}

TEST(DispatcherLoop, StopWaitsForTheDeliveriesUnderWay) {
    DispatchHouse house;
    house.email.hang(true);
    house.put(sample_notification());
    auto& dispatcher = house.dispatcher(never_polls());
    dispatcher.start();
    ASSERT_TRUE(house.email.await_count(1));
    auto stopped = asio::co_spawn(house.context, dispatcher.stop(), asio::use_future);
    EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout);
    house.email.hang(false);
    stopped.get();
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
}

TEST(DispatcherLoop, StopGivesBackWhatHasNotBegun) {
    DispatchHouse house;
    house.email.hang(true);
    auto settings = never_polls();
    settings.lane.at_once = 1;
    house.put_emails(5);
    auto& dispatcher = house.dispatcher(settings);
    dispatcher.start();
    ASSERT_TRUE(house.email.await_count(1));
    auto stopped = asio::co_spawn(house.context, dispatcher.stop(), asio::use_future);
    const auto queued = [&] {
        return house.outbox.counts(house.clock.wall_now())->oldest_due >= 0ms &&
               house.counted("email", "given_back") == 4;
    };
    EXPECT_TRUE(DispatchHouse::eventually(queued));
    house.email.hang(false);
    stopped.get();
    EXPECT_EQ(house.email.count(), 1U);
    // Another instance may take them at once.
    EXPECT_EQ(house.outbox.claim("other", house.clock.wall_now(), 60s, 10)->size(), 4U);
}

TEST(DispatcherLoop, AHungChannelDoesNotStarveTheOthers) {
    DispatchHouse house;
    house.email.hang(true);
    house.put_emails(200);
    auto settings = sample_settings();
    settings.poll = 5ms;
    auto& dispatcher = house.dispatcher(settings);
    dispatcher.start();
    ASSERT_TRUE(house.email.await_count(settings.lane.at_once));
    house.put(sample_notification(Channel::sms, "+14155550111", "sms"));
    dispatcher.nudge();
    EXPECT_TRUE(house.sms.await_count(1));
    EXPECT_EQ(house.email.count(), settings.lane.at_once);
    house.email.hang(false);
}

TEST(DispatcherLoop, AChannelThatIgnoresItsDeadlineIsLeft) {
    class Stubborn final : public notify::Channel {
    public:
        [[nodiscard]] domain::Channel kind() const noexcept override { return domain::Channel::email; }
        async::Task<Delivery> deliver(Message, Deadline) override {
            const auto slept = co_await async::sleep_for(1h);
            Delivery delivery{.receipt = slept.has_error() ? Result<std::string>(slept.error()) : "late"};
            co_return delivery;
        }
    };
    DispatchHouse house;
    Stubborn stubborn;
    AsyncOutbox desk(house.outbox, house.alerts, house.ladder, house.pool);
    DispatcherDeps deps{.executor = house.context.get_executor(),
                        .outbox = desk,
                        .channels = {&stubborn},
                        .clock = house.clock,
                        .random = house.random,
                        .metrics = house.metrics};
    auto settings = sample_settings();
    settings.delivery_max = 50ms;
    Dispatcher dispatcher(std::move(deps), settings);
    house.put(sample_notification());
    EXPECT_EQ(house.run(dispatcher.deliver_due()).value(), 1U);
    EXPECT_EQ(house.item().state, DeliveryState::queued);
    EXPECT_EQ(house.counted("email", "timed_out"), 1);
    house.run(dispatcher.stop());
}

TEST(DispatcherLoop, ForgetsNothingWhileTheDatabaseIsAway) {
    DispatchHouse house;
    house.outbox.break_down(Error{Errc::unavailable, "gone"});
    auto settings = sample_settings();
    settings.poll = 5ms;
    house.dispatcher(settings).start();
    house.put(sample_notification());
    house.outbox.break_down(std::nullopt);
    EXPECT_TRUE(house.email.await_count(1));
}

TEST(DispatcherLoop, WhatWasDeliveredIsReportedWhenTheDatabaseIsBack) {
    DispatchHouse house;
    house.email.answer([&](const Message&) {
        house.outbox.break_down(Error{Errc::unavailable, "gone"});
        return Delivery{.receipt = std::string("taken")};
    });
    house.put(sample_notification());
    auto& dispatcher = house.dispatcher(sample_settings());
    dispatcher.start();
    ASSERT_TRUE(house.email.await_count(1));
    // The lease runs out meanwhile, but nobody else can have claimed it either.
    house.clock.advance(60s);
    house.outbox.break_down(std::nullopt);
    EXPECT_TRUE(DispatchHouse::eventually([&] { return house.item().state == DeliveryState::delivered; }));
}

TEST(DispatcherLoop, StopDoesNotWaitForADatabaseThatStaysAway) {
    DispatchHouse house;
    house.email.answer([&](const Message&) {
        house.outbox.break_down(Error{Errc::unavailable, "gone"});
        return Delivery{.receipt = std::string("taken")};
    });
    house.put(sample_notification());
    auto& dispatcher = house.dispatcher(never_polls());
    dispatcher.start();
    ASSERT_TRUE(house.email.await_count(1));
    house.clock.advance(61s);
    house.run(dispatcher.stop());
    house.outbox.break_down(std::nullopt);
    EXPECT_EQ(house.item().state, DeliveryState::leased);
}

TEST(DispatcherLoop, ShowsTheQueueInGauges) {
    DispatchHouse house;
    auto later = sample_notification();
    later.not_before = house.clock.wall_now() + 1h;
    house.put(later);
    house.dispatcher(never_polls()).start();
    EXPECT_TRUE(DispatchHouse::eventually([&] { return house.metrics.value("carevoice_outbox_queued") == 1; }));
    EXPECT_EQ(house.metrics.value("carevoice_outbox_dead"), 0);
}

}  // namespace
}  // namespace carevoice::notify
