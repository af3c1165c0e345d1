#include "notify/dispatcher.h"

#include "dispatch_house.h"

#include <gmock/gmock.h>

namespace carevoice::notify {
namespace {

using domain::Channel;
using storage::DeliveryState;
using testing::HasSubstr;
using testing::Not;

TEST(Dispatcher, DeliversByEachChannel) {
    DispatchHouse house;
    house.dispatcher();
    const auto plan = domain::plan_alert(sample_alert(domain::Severity::critical), sample_ladder(),
                                         house.clock.wall_now(), house.clock.wall_now());
    for (const auto& notification : plan.notifications) house.put(notification);
    EXPECT_EQ(house.deliver_due(), 6U);
    EXPECT_EQ(house.in_app.count(), 1U);
    EXPECT_EQ(house.email.count(), 2U);
    EXPECT_EQ(house.sms.count(), 2U);
    EXPECT_EQ(house.webhook.count(), 1U);
    for (const auto& item : house.outbox.all()) {
        EXPECT_EQ(item.state, DeliveryState::delivered);
        EXPECT_EQ(item.receipt, "receipt");
        EXPECT_EQ(item.attempts, 1);
    }
    EXPECT_EQ(house.counted("sms", "delivered"), 2);
    EXPECT_EQ(house.deliver_due(), 0U);
}

TEST(Dispatcher, HoldsWhatQuietHoursHold) {
    DispatchHouse house;
    house.dispatcher();
    auto notification = sample_notification();
    notification.not_before = house.clock.wall_now() + 8h;
    house.put(notification);
    EXPECT_EQ(house.deliver_due(), 0U);
    house.clock.advance(8h);
    EXPECT_EQ(house.deliver_due(), 1U);
}

TEST(Dispatcher, OnlyCoveredChannelsCarryDetails) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.covered = {Channel::email};
    house.dispatcher(settings);
    house.put(sample_notification(Channel::email, "nurse@ward.example", "a"));
    house.put(sample_notification(Channel::sms, "+14155550111", "b"));
    (void)house.deliver_due();
    EXPECT_THAT(house.email.messages().at(0).text, HasSubstr("there's pus"));
    EXPECT_THAT(house.sms.messages().at(0).sms, Not(HasSubstr("pus")));
}

TEST(Dispatcher, WhenTheDetailsCannotBeReadTheAlertGoesOut) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.covered = {Channel::email};
    house.dispatcher(settings);
    auto notification = sample_notification();
    notification.alert_id = AlertId("unknown");
    house.put(notification);
    (void)house.deliver_due();
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
}

TEST(Dispatcher, TriesAgainWithBackOff) {
    DispatchHouse house;
    house.dispatcher();
    house.email.fail(Errc::unavailable);
    house.put(sample_notification());
    EXPECT_EQ(house.deliver_due(), 1U);
    EXPECT_EQ(house.item().state, DeliveryState::queued);
    EXPECT_EQ(house.item().last_error, "the channel says no");
    EXPECT_LE(house.item().next_attempt_at, house.clock.wall_now() + 2s);
    house.email.work();
    EXPECT_TRUE(house.deliver_all());
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
    EXPECT_EQ(house.item().attempts, 2);
    EXPECT_EQ(house.counted("email", "unavailable"), 1);
}

TEST(Dispatcher, LeavesAReceiverAloneForAsLongAsItAsks) {
    DispatchHouse house;
    house.dispatcher();
    house.webhook.answer([](const Message&) {
        return Delivery{.receipt = Error{Errc::unavailable, "busy"}, .retry_after = 90s};
    });
    house.put(sample_notification(Channel::webhook, "https://hooks.example/a"));
    (void)house.deliver_due();
    EXPECT_EQ(house.item().next_attempt_at, house.clock.wall_now() + 90s);
}

TEST(Dispatcher, ButNotForLongerThanItsLongestWait) {
    DispatchHouse house;
    house.dispatcher();
    house.webhook.answer([](const Message&) {
        return Delivery{.receipt = Error{Errc::unavailable, "busy"}, .retry_after = 24h};
    });
    house.put(sample_notification(Channel::webhook, "https://hooks.example/a"));
    (void)house.deliver_due();
    EXPECT_EQ(house.item().next_attempt_at, house.clock.wall_now() + 15min);
}

TEST(Dispatcher, AfterTheThirdFailureTheBackupIsTold) {
    DispatchHouse house;
    house.dispatcher();
    house.email.fail(Errc::unavailable);
    house.put(sample_notification());
    for (int attempt = 1; attempt <= 3; ++attempt) {
        EXPECT_EQ(house.outbox.all().size(), 1U) << attempt;
        house.clock.advance_to(house.item().next_attempt_at);
        (void)house.deliver_due();
    }
    ASSERT_EQ(house.outbox.all().size(), 2U);
    (void)house.deliver_due();
    ASSERT_EQ(house.sms.count(), 1U);
    EXPECT_EQ(house.sms.messages()[0].notification.recipient, "+14155550111");
    EXPECT_TRUE(house.sms.messages()[0].notification.is_backup);
    // The failed way goes on, and its later failures bring no second backup.
    for (int attempt = 4; attempt <= 8; ++attempt) {
        house.clock.advance_to(house.item().next_attempt_at);
        (void)house.deliver_due();
    }
    EXPECT_EQ(house.outbox.all().size(), 2U);
    EXPECT_EQ(house.item().attempts, 8);
}

TEST(Dispatcher, AWayThatNeverWorksIsADeadLetterAndItsBackupIsToldAtOnce) {
    for (const auto code : {Errc::rejected, Errc::invalid_input, Errc::too_large}) {
        DispatchHouse house;
        house.dispatcher();
        house.email.fail(code);
        house.put(sample_notification());
        EXPECT_TRUE(house.deliver_all());
        EXPECT_EQ(house.email.count(), 1U);
        EXPECT_EQ(house.sms.count(), 1U);
        EXPECT_EQ(house.item().state, DeliveryState::dead);
        EXPECT_EQ(house.item().last_error, "the channel says no");
        EXPECT_EQ(house.counted("email", "dead"), 1);
    }
}

TEST(Dispatcher, ADeadLetterWithoutBackupKeepsItsReason) {
    DispatchHouse house;
    house.dispatcher();
    house.sms.fail(Errc::rejected);
    auto backup = sample_notification(Channel::sms, "+14155550111");
    backup.is_backup = true;
    house.put(backup);
    EXPECT_EQ(house.deliver_due(), 1U);
    EXPECT_EQ(house.item().state, DeliveryState::dead);
    EXPECT_EQ(house.item().last_error, "the channel says no");
}

TEST(Dispatcher, ARevivedLetterIsTriedAgain) {
    DispatchHouse house;
    house.dispatcher();
    house.email.fail(Errc::rejected);
    house.put(sample_notification());
    EXPECT_TRUE(house.deliver_all());
    house.email.work();
    EXPECT_TRUE(house.outbox.revive(house.item().notification.id, house.clock.wall_now()).has_value());
    EXPECT_TRUE(house.deliver_all());
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
}

TEST(Dispatcher, GivesUpAfterADayWithTheReason) {
    DispatchHouse house;
    house.dispatcher();
    house.email.fail(Errc::timed_out);
    house.sms.fail(Errc::unavailable);
    const WallTime began = house.clock.wall_now();
    house.put(sample_notification());
    EXPECT_TRUE(house.deliver_all());
    for (const auto& item : house.outbox.all()) {
        EXPECT_EQ(item.state, DeliveryState::dead);
        EXPECT_EQ(item.last_error.find("gave up after 24 hours: the channel"), 0U) << item.last_error;
        EXPECT_GE(item.settled_at.value(), began + 24h);
        EXPECT_LT(item.settled_at.value(), began + 26h);
    }
    EXPECT_EQ(house.outbox.all().size(), 2U);
}

TEST(Dispatcher, AChannelThatIsNotSetUpIsADeadLetterWithBackup) {
    DispatchHouse house;
    AsyncOutbox desk(house.outbox, house.alerts, house.ladder, house.pool);
    DispatcherDeps deps{.executor = house.context.get_executor(),
                        .outbox = desk,
                        .channels = {&house.sms},
                        .clock = house.clock,
                        .random = house.random,
                        .metrics = house.metrics};
    house.dispatchers.push_back(std::make_unique<Dispatcher>(std::move(deps), sample_settings()));
    house.put(sample_notification());
    EXPECT_TRUE(house.deliver_all());
    EXPECT_EQ(house.item().state, DeliveryState::dead);
    EXPECT_THAT(house.item().last_error, HasSubstr("no such channel"));
    EXPECT_EQ(house.sms.count(), 1U);
    house.run(house.dispatchers.back()->stop());
    house.dispatchers.clear();
}

TEST(Dispatcher, ADeadChannelRestsAndIsFoundBack) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.lane = {.at_once = 1, .waiting_max = 100, .failures_max = 5, .rest_first = 5s, .rest_longest = 60s};
    house.dispatcher(settings);
    house.email.fail(Errc::unavailable);
    house.put_emails(20);
    EXPECT_EQ(house.deliver_due(), 20U);
    EXPECT_EQ(house.email.count(), 5U) << "the others were not tried";
    EXPECT_EQ(house.counted("email", "resting"), 15);
    house.email.work();
    EXPECT_TRUE(house.deliver_all());
    for (const auto& item : house.outbox.all()) EXPECT_EQ(item.state, DeliveryState::delivered);
}

TEST(Dispatcher, OneDeadWebhookDoesNotStopTheOther) {
    DispatchHouse house;
    house.dispatcher();
    house.webhook.answer([](const Message& message) {
        if (message.notification.recipient == "https://dead.example/") {
            return Delivery{.receipt = Error{Errc::unavailable, "down"}};
        }
        return Delivery{.receipt = std::string()};
    });
    for (int i = 0; i < 10; ++i) {
        house.put(sample_notification(Channel::webhook, "https://dead.example/", "dead-" + std::to_string(i)));
        house.put(sample_notification(Channel::webhook, "https://good.example/", "good-" + std::to_string(i)));
    }
    EXPECT_EQ(house.deliver_due(), 20U);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(house.item("good-" + std::to_string(i)).state, DeliveryState::delivered);
}

TEST(Dispatcher, AChannelWithABugLosesNothing) {
    DispatchHouse house;
    house.dispatcher();
    house.email.answer([](const Message&) -> Delivery { throw std::runtime_error("a bug"); });
    house.put(sample_notification());
    (void)house.deliver_due();
    EXPECT_EQ(house.item().state, DeliveryState::queued);
    house.email.work();
    EXPECT_TRUE(house.deliver_all());
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
}

TEST(Dispatcher, AFullLaneGivesBackTheLeastSevereWithoutBackup) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.lane.at_once = 1;
    settings.lane.waiting_max = 2;
    house.dispatcher(settings);
    house.put_emails(10);
    EXPECT_EQ(house.deliver_due(), 10U);
    EXPECT_GE(house.counted("email", "given_back"), 7);
    EXPECT_TRUE(house.deliver_all());
    EXPECT_EQ(house.outbox.all().size(), 10U) << "waiting is no failure";
    EXPECT_EQ(house.email.count(), 10U);
}

TEST(Dispatcher, TwoOnOneOutboxDeliverNothingTwice) {
    DispatchHouse house;
    auto& first = house.dispatcher(sample_settings("first"));
    auto& second = house.dispatcher(sample_settings("second"));
    house.put_emails(200);
    const auto round = [](Dispatcher& dispatcher) -> async::Task<std::size_t> {
        std::size_t count = 0;
        for (;;) {
            const auto batch = co_await dispatcher.deliver_due();
            if (!batch.has_value() || *batch == 0) co_return count;
            count += *batch;
        }
    };
    // Some are given back, for the lanes are short: time goes on until all are through.
    for (int i = 0; i < 20; ++i) {
        auto one = asio::co_spawn(house.context, round(first), asio::use_future);
        auto other = asio::co_spawn(house.context, round(second), asio::use_future);
        (void)one.get();
        (void)other.get();
        house.clock.advance(10s);
    }
    EXPECT_EQ(house.email.count(), 200U);
    for (const auto& item : house.outbox.all()) EXPECT_EQ(item.state, DeliveryState::delivered);
}

TEST(Dispatcher, WhatADeadWorkerHeldIsDeliveredByAnother) {
    DispatchHouse house;
    tests::MortalOutbox mortal(house.outbox);
    auto& doomed = house.dispatcher(sample_settings("doomed"), &mortal);
    house.email.answer([&](const Message&) {
        mortal.dead = true;
        return Delivery{.receipt = std::string("accepted, but nobody will know")};
    });
    house.put(sample_notification());
    (void)house.run(doomed.deliver_due());
    EXPECT_EQ(house.item().state, DeliveryState::leased);
    house.email.work();
    house.dispatcher(sample_settings("heir"));
    EXPECT_EQ(house.deliver_due(), 0U) << "the lease still runs";
    house.clock.advance(60s);
    EXPECT_EQ(house.deliver_due(), 1U);
    EXPECT_EQ(house.item().state, DeliveryState::delivered);
    EXPECT_EQ(house.item().attempts, 2);
    // The same Message-ID both times, by which the receiving side can tell.
    EXPECT_EQ(house.email.messages()[0].notification.id, house.email.messages()[1].notification.id);
}

TEST(Dispatcher, AnEscalationThatWasForestalledWhileItWaitedIsNotSent) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.lane.at_once = 1;
    house.dispatcher(settings);
    for (const auto* const id : {"a", "b"}) {
        auto escalation = sample_notification(Channel::email, "nurse@ward.example", id);
        escalation.level = 1;
        house.put(escalation);
    }
    house.email.answer([&](const Message&) {
        house.outbox.acknowledge(AlertId("alert-1"), house.clock.wall_now());
        return Delivery{.receipt = std::string("sent")};
    });
    EXPECT_EQ(house.deliver_due(), 2U);
    EXPECT_EQ(house.email.count(), 1U);
    // What was on its way has arrived all the same.
    EXPECT_EQ(house.item("a").state, DeliveryState::delivered);
    EXPECT_EQ(house.item("b").state, DeliveryState::withdrawn);
}

TEST(Dispatcher, OneThatKillsItsWorkersIsGivenUp) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.back_off.attempts_max = 3;
    house.dispatcher(settings);
    house.put(sample_notification());
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(house.outbox.claim("doomed", house.clock.wall_now(), 1s, 1)->size(), 1U);
        house.clock.advance(1s);
    }
    EXPECT_EQ(house.deliver_due(), 1U);
    EXPECT_EQ(house.email.count(), 0U);
    EXPECT_EQ(house.item().state, DeliveryState::dead);
    EXPECT_EQ(house.item().last_error, "gave up after 3 attempts");
}

TEST(Dispatcher, ALeaseMustOutlastADelivery) {
    DispatchHouse house;
    auto settings = sample_settings();
    settings.lease = settings.delivery_max;
    EXPECT_THROW(house.dispatcher(settings), std::invalid_argument);
}

}  // namespace
}  // namespace carevoice::notify
