// Ten thousand notifications through channels that fail in every way and workers that die, in virtual time.
#include "notify/dispatcher.h"

#include "dispatch_house.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>

namespace carevoice::notify {
namespace {

using domain::Channel;
using storage::DeliveryState;

constexpr int alerts_count = 3'000;  // which cause 10,000 notifications
/// Before an attempt, and once more after the channel accepted: several hundred deaths in all.
constexpr double death_chance = 0.01;

/// What the receiving sides saw, and what they know that the outbox may not.
struct World {
    std::mutex mutex;
    std::map<NotificationId, int> accepted;
    std::map<NotificationId, int> accepted_but_timed_out;
    int deaths = 0;
    int faults = 0;
    int attempts = 0;
};

/// A channel as one worker has it: three attempts of ten fail, and some kill the worker before or after.
class FaultyChannel final : public notify::Channel {
public:
    FaultyChannel(domain::Channel kind, World& world, Random& random, std::atomic<bool>& is_dead)
        : kind_(kind), world_(world), random_(random), is_dead_(is_dead) {}

    [[nodiscard]] domain::Channel kind() const noexcept override { return kind_; }
    async::Task<Delivery> deliver(Message message, Deadline) override { co_return decide(message.notification.id); }

private:
    Delivery decide(const NotificationId& id) {
        const std::lock_guard lock(world_.mutex);
        // The process is gone: nothing of it acts any more.
        if (is_dead_) return {.receipt = Error{Errc::cancelled, "dead"}};
        ++world_.attempts;
        if (random_.next_unit() < death_chance) return die();
        const double chance = random_.next_unit();
        if (chance < 0.30) ++world_.faults;
        if (chance < 0.16) return {.receipt = Error{Errc::unavailable, "down"}};
        if (chance < 0.22) return {.receipt = Error{Errc::timed_out, "silent"}};
        if (chance < 0.29) {
            ++world_.accepted[id];
            ++world_.accepted_but_timed_out[id];
            return {.receipt = Error{Errc::timed_out, "silent after it accepted"}};
        }
        if (chance < 0.30) return {.receipt = Error{Errc::rejected, "never"}};
        ++world_.accepted[id];
        if (random_.next_unit() < death_chance) return die();
        return {.receipt = std::string("accepted")};
    }

    Delivery die() {
        is_dead_ = true;
        ++world_.deaths;
        return {.receipt = std::string("nobody will hear of it")};
    }

    domain::Channel kind_;
    World& world_;
    Random& random_;
    std::atomic<bool>& is_dead_;
};

/// A process that delivers until it dies.
struct Worker {
    Worker(int number, World& world, DispatchHouse& house)
        : outbox(house.outbox),
          desk(outbox, house.alerts, house.ladder, house.pool),
          in_app(Channel::in_app, world, house.random, outbox.dead),
          email(Channel::email, world, house.random, outbox.dead),
          sms(Channel::sms, world, house.random, outbox.dead),
          webhook(Channel::webhook, world, house.random, outbox.dead) {
        auto settings = sample_settings("worker-" + std::to_string(number));
        DispatcherDeps deps{.executor = house.context.get_executor(),
                            .outbox = desk,
                            .channels = {&in_app, &email, &sms, &webhook},
                            .clock = house.clock,
                            .random = house.random,
                            .metrics = house.metrics};
        dispatcher = std::make_unique<Dispatcher>(std::move(deps), std::move(settings));
    }

    tests::MortalOutbox outbox;
    AsyncOutbox desk;
    FaultyChannel in_app;
    FaultyChannel email;
    FaultyChannel sms;
    FaultyChannel webhook;
    std::unique_ptr<Dispatcher> dispatcher;
};

class Hospital {
public:
    Hospital() {
        house.ladder = [](const domain::Alert&) {
            return domain::CareLadder{.people = {{"nurse@ward.example", "+14155550111"}},
                                      .webhooks = {"https://hooks.example/a"}};
        };
        for (int i = 0; i < alerts_count; ++i) {
            const auto severity = i % 3 == 0 ? domain::Severity::moderate : domain::Severity::critical;
            const auto alert = sample_alert(severity, "alert-" + std::to_string(i));
            house.alerts.put(alert);
            const auto now = house.clock.wall_now();
            for (const auto& notification : domain::plan_alert(alert, *house.ladder(alert), now, now).notifications)
                house.put(notification);
        }
        for (auto& worker : workers) hire(worker);
    }

    /// Until nothing waits; false when that takes more than three days.
    bool run() {
        const WallTime end = house.clock.wall_now() + 72h;
        while (const auto next = house.outbox.next_event()) {
            if (*next > end) return false;
            // In steps of a second at least: a worker's batch rather than one.
            house.clock.advance_to(std::max(*next, house.clock.wall_now() + 1s));
            std::vector<std::future<Result<std::size_t>>> rounds;
            for (auto& worker : workers)
                rounds.push_back(asio::co_spawn(house.context, worker->dispatcher->deliver_due(), asio::use_future));
            for (auto& round : rounds) (void)round.get();
            for (auto& worker : workers)
                if (worker->outbox.dead) hire(worker);
        }
        for (auto& worker : workers) dismiss(worker);
        return true;
    }

    DispatchHouse house;
    World world;
    std::map<NotificationId, int> unheard;  ///< accepted, and the worker died before it could say so

private:
    void hire(std::unique_ptr<Worker>& worker) {
        if (worker) dismiss(worker);
        worker = std::make_unique<Worker>(++hired, world, house);
    }
    void dismiss(std::unique_ptr<Worker>& worker) {
        house.run(worker->dispatcher->stop());
        for (const auto& id : worker->outbox.unheard()) ++unheard[id];
        worker.reset();
    }

    std::array<std::unique_ptr<Worker>, 3> workers;
    int hired = 0;
};

struct Tally {
    int delivered = 0;
    int dead = 0;
    int backups = 0;
    int duplicates = 0;
    std::set<AlertId> told;  ///< alerts of which a person heard
};

Tally tally(Hospital& hospital) {
    Tally sum;
    for (const auto& item : hospital.house.outbox.all()) {
        const auto& id = item.notification.id;
        const int accepted = hospital.world.accepted[id];
        const int ambiguous = hospital.world.accepted_but_timed_out[id] + hospital.unheard[id];
        // A second copy only where a time-out or a death left it open whether there was a first.
        EXPECT_LE(accepted, 1 + ambiguous);
        sum.duplicates += std::max(0, accepted - 1);
        sum.backups += item.notification.is_backup;
        if (item.state == DeliveryState::delivered) {
            ++sum.delivered;
            EXPECT_GE(accepted, 1) << "said to be delivered, and nobody has it";
            if (item.notification.channel != Channel::in_app) sum.told.insert(item.notification.alert_id);
        } else {
            ++sum.dead;
            EXPECT_EQ(item.state, DeliveryState::dead);
            EXPECT_FALSE(item.last_error.empty());
        }
    }
    return sum;
}

TEST(DispatcherFaults, EveryNotificationIsDeliveredOrVisiblyDead) {
    Hospital hospital;
    ASSERT_EQ(hospital.house.outbox.all().size(), 10'000U);
    ASSERT_TRUE(hospital.run());
    const auto sum = tally(hospital);
    EXPECT_EQ(sum.delivered + sum.dead, 10'000 + sum.backups);
    EXPECT_GT(sum.backups, 20);
    EXPECT_GT(hospital.world.deaths, 100);
    // A death leaves in doubt what was under way at most: four deliveries on each of four lanes.
    int unheard = 0;
    for (const auto& [id, count] : hospital.unheard) unheard += count;
    EXPECT_LE(unheard, hospital.world.deaths * 16);
    // Only a refusal ends one: about one in seventy of those that would end at last.
    EXPECT_LT(sum.dead, 300);
    // One alert may have both its e-mail and its backup refused; then the wall alone shows it.
    EXPECT_GE(sum.told.size(), static_cast<std::size_t>(alerts_count - 5));
    std::cout << "delivered " << sum.delivered << ", dead " << sum.dead << ", backups " << sum.backups << ", attempts "
              << hospital.world.attempts << ", faults " << hospital.world.faults << ", worker deaths "
              << hospital.world.deaths << ", which lost " << unheard << " reports, second copies " << sum.duplicates
              << "\n";
}

}  // namespace
}  // namespace carevoice::notify
