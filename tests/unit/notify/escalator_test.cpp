#include "notify/escalator.h"

#include "notification_samples.h"
#include "support/counting_metrics.h"
#include "support/memory_outbox.h"
#include "support/virtual_clock.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <set>
#include <thread>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;
namespace asio = async::asio;

struct EscalationHouse {
    EscalationHouse() : thread([this] { context.run(); }) { put(domain::Severity::critical); }
    ~EscalationHouse() {
        guard.reset();
        thread.join();
    }

    template <class T>
    T run(async::Task<T> work) {
        return asio::co_spawn(context, std::move(work), asio::use_future).get();
    }
    void put(domain::Severity severity, const std::string& id = "alert-1") {
        auto alert = sample_alert(severity, id);
        const auto plan = domain::plan_alert(alert, ladder, clock.wall_now(), clock.wall_now());
        alert.escalate_at = plan.escalate_at;
        alerts.put(alert);
    }
    Escalator escalator(milliseconds poll = 1s) {
        return Escalator({.executor = context.get_executor(),
                          .outbox = desk,
                          .clock = clock,
                          .metrics = metrics,
                          .on_queued = [this] { ++nudges; }},
                         {.poll = poll, .poll_longest = poll});
    }
    std::size_t escalate_due() {
        auto one = escalator();
        return run(one.escalate_due()).value();
    }
    /// Whom that level tells, besides the wall.
    std::set<std::string> told(int level) {
        std::set<std::string> recipients;
        for (const auto& item : outbox.all())
            if (item.notification.level == level) recipients.insert(item.notification.recipient);
        return recipients;
    }

    tests::VirtualClock clock;
    tests::CountingMetrics metrics;
    tests::MemoryAlerts alerts;
    tests::MemoryOutbox outbox{alerts};
    domain::CareLadder ladder = sample_ladder();
    std::optional<Error> ladder_error;
    std::atomic<int> nudges{0};
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> guard{asio::make_work_guard(context)};
    async::BlockingPool pool{1, 64};
    AsyncOutbox desk{outbox, alerts,
                     [this](const domain::Alert&) -> Result<domain::CareLadder> {
                         if (ladder_error) return *ladder_error;
                         return ladder;
                     },
                     pool};
    std::thread thread;
};

TEST(Escalator, ClimbsTheLadderUntilEverybodyIsTold) {
    EscalationHouse house;
    EXPECT_EQ(house.escalate_due(), 0U) << "nobody is late yet";
    const std::set<std::string> second = {"wall", "surgeon@ward.example", "+14155550112", "https://hooks.example/a"};
    std::set<std::string> all = second;
    all.insert({"nurse@ward.example", "+14155550111"});
    for (int level = 1; level <= domain::escalation_levels; ++level) {
        house.clock.advance(5min);
        EXPECT_EQ(house.escalate_due(), 1U) << level;
        EXPECT_EQ(house.escalate_due(), 0U) << "once is enough";
        EXPECT_EQ(house.told(level), level == domain::escalation_levels ? all : second) << level;
    }
    house.clock.advance(48h);
    EXPECT_EQ(house.escalate_due(), 0U) << "there is nobody left to tell";
    EXPECT_EQ(house.nudges, 3);
    EXPECT_EQ(house.metrics.value("carevoice_escalations_total{severity=critical,level=1}"), 1);
}

TEST(Escalator, AnAcknowledgedAlertStays) {
    EscalationHouse house;
    house.clock.advance(5min);
    house.outbox.acknowledge(AlertId("alert-1"), house.clock.wall_now());
    EXPECT_EQ(house.escalate_due(), 0U);
    EXPECT_TRUE(house.outbox.all().empty());
    EXPECT_EQ(house.nudges, 0);
}

TEST(Escalator, OneAcknowledgedWhileItIsPlannedStays) {
    EscalationHouse house;
    house.clock.advance(5min);
    AsyncOutbox slow_desk(
        house.outbox, house.alerts,
        [&](const domain::Alert& alert) -> Result<domain::CareLadder> {
            (void)house.alerts.set_status(alert.id, domain::AlertStatus::acknowledged, house.clock.wall_now());
            return house.ladder;
        },
        house.pool);
    Escalator escalator({.executor = house.context.get_executor(),
                         .outbox = slow_desk,
                         .clock = house.clock,
                         .metrics = house.metrics,
                         .on_queued = [] {}},
                        {});
    EXPECT_EQ(house.run(escalator.escalate_due()).value(), 0U);
    EXPECT_TRUE(house.outbox.all().empty());
}

TEST(Escalator, SeveralInstancesEscalateOnce) {
    EscalationHouse house;
    for (int i = 2; i <= 50; ++i) house.put(domain::Severity::critical, "alert-" + std::to_string(i));
    house.clock.advance(5min);
    auto first = house.escalator();
    auto second = house.escalator();
    async::BlockingPool other_pool(1, 64);
    auto one = asio::co_spawn(house.context, first.escalate_due(), asio::use_future);
    auto other = asio::co_spawn(house.context, second.escalate_due(), asio::use_future);
    EXPECT_EQ(one.get().value() + other.get().value(), 50U);
    for (const auto& item : house.outbox.all()) EXPECT_EQ(item.notification.level, 1);
}

TEST(Escalator, AnUnknownLadderWaitsAndAnEmptyOneTellsTheWall) {
    EscalationHouse house;
    house.clock.advance(5min);
    house.ladder_error = Error{Errc::unavailable, "the database is away"};
    EXPECT_EQ(house.escalate_due(), 0U);
    house.ladder_error = Error{Errc::not_found, "no such patient"};
    EXPECT_EQ(house.escalate_due(), 1U);
    EXPECT_EQ(house.told(1), std::set<std::string>{"wall"});
}

TEST(Escalator, WorksByItselfAndThroughOutages) {
    EscalationHouse house;
    house.outbox.break_down(Error{Errc::unavailable, "gone"});
    auto escalator = house.escalator(2ms);
    escalator.start();
    house.clock.advance(5min);
    house.outbox.break_down(std::nullopt);
    for (int i = 0; i < 10'000 && house.nudges == 0; ++i) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(house.nudges, 1);
    house.run(escalator.stop());
}

}  // namespace
}  // namespace carevoice::notify
