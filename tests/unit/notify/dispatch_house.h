// A dispatcher with channels that do what a test says, on an outbox in memory.
#pragma once

#include "notification_samples.h"
#include "notify/dispatcher.h"
#include "support/counting_metrics.h"
#include "support/memory_outbox.h"
#include "support/virtual_clock.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::notify {

namespace asio = async::asio;
using namespace std::chrono_literals;

/// Thread-safe.
class ScriptedChannel final : public Channel {
public:
    using Answer = std::function<Delivery(const Message&)>;
    explicit ScriptedChannel(domain::Channel kind) : kind_(kind) {}

    [[nodiscard]] domain::Channel kind() const noexcept override { return kind_; }
    async::Task<Delivery> deliver(Message message, Deadline deadline) override {
        const auto delivery = note(message);
        // Hung: nothing comes until the deadline, or until the test lets go.
        while (is_hung() && !deadline.passed(std::chrono::steady_clock::now())) {
            const auto slept = co_await async::sleep_for(1ms);
            if (slept.has_error()) break;
        }
        co_return delivery;
    }

    /// From now on.
    void answer(Answer answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }
    void fail(Errc code) {
        answer([code](const Message&) { return Delivery{.receipt = Error{code, "the channel says no"}}; });
    }
    void work() { answer({}); }
    void hang(bool hangs) {
        const std::lock_guard lock(mutex_);
        hung_ = hangs;
    }
    std::vector<Message> messages() {
        const std::lock_guard lock(mutex_);
        return messages_;
    }
    std::size_t count() { return messages().size(); }
    /// False when so many did not come within 10 s.
    bool await_count(std::size_t count) {
        std::unique_lock lock(mutex_);
        return came_.wait_for(lock, 10s, [&] { return messages_.size() >= count; });
    }

private:
    Delivery note(const Message& message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(message);
        came_.notify_all();
        return answer_ ? answer_(message) : Delivery{.receipt = std::string("receipt")};
    }
    bool is_hung() {
        const std::lock_guard lock(mutex_);
        return hung_;
    }

    domain::Channel kind_;
    std::mutex mutex_;
    std::condition_variable came_;
    Answer answer_;
    bool hung_ = false;
    std::vector<Message> messages_;
};

inline DispatcherSettings sample_settings(std::string worker = "worker-1") {
    DispatcherSettings settings;
    settings.worker = std::move(worker);
    settings.wording = sample_wording();
    return settings;
}

/// Time passes when a test says so; the I/O thread runs on its own.
struct DispatchHouse {
    DispatchHouse() : thread([this] { context.run(); }) { alerts.put(sample_alert()); }
    ~DispatchHouse() {
        for (auto& one : dispatchers) run(one->stop());
        guard.reset();
        thread.join();
    }

    template <class T>
    T run(async::Task<T> work) {
        return asio::co_spawn(context, std::move(work), asio::use_future).get();
    }

    Dispatcher& dispatcher(DispatcherSettings settings = sample_settings(),
                           storage::OutboxRepository* seen_as = nullptr) {
        desks.push_back(std::make_unique<AsyncOutbox>(seen_as == nullptr ? outbox : *seen_as, alerts, ladder, pool));
        DispatcherDeps deps{.executor = context.get_executor(),
                            .outbox = *desks.back(),
                            .channels = {&in_app, &email, &sms, &webhook},
                            .clock = clock,
                            .random = random,
                            .metrics = metrics};
        dispatchers.push_back(std::make_unique<Dispatcher>(std::move(deps), std::move(settings)));
        return *dispatchers.back();
    }

    void put(const domain::Notification& notification) { outbox.put(notification, clock.wall_now()); }
    /// So many e-mails to the same nurse about different alerts.
    void put_emails(int count) {
        for (int i = 0; i < count; ++i)
            put(sample_notification(domain::Channel::email, "nurse@ward.example", "mail-" + std::to_string(i)));
    }
    storage::OutboxItem item(const std::string& id = "alert-1.high.0.abc") {
        return outbox.find(NotificationId(id)).value();
    }
    std::size_t deliver_due() { return run(dispatchers.back()->deliver_due()).value(); }
    /// Until nothing waits any more; false when that takes more than two days.
    bool deliver_all() {
        const WallTime end = clock.wall_now() + 48h;
        while (const auto next = outbox.next_event()) {
            if (*next > end) return false;
            clock.advance_to(*next);
            (void)deliver_due();
        }
        return true;
    }
    double counted(const std::string& channel, const std::string& outcome) {
        return metrics.value("carevoice_notifications_total{channel=" + channel + ",outcome=" + outcome + "}");
    }
    /// Waits in real time, for what happens on another thread.
    template <class Condition>
    static bool eventually(const Condition& condition) {
        for (int i = 0; i < 10'000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(1ms);
        }
        return false;
    }

    tests::VirtualClock clock;
    SeededRandom random{7};
    tests::CountingMetrics metrics;
    tests::MemoryAlerts alerts;
    tests::MemoryOutbox outbox{alerts};
    LadderOf ladder = [](const domain::Alert&) { return sample_ladder(); };
    ScriptedChannel in_app{domain::Channel::in_app};
    ScriptedChannel email{domain::Channel::email};
    ScriptedChannel sms{domain::Channel::sms};
    ScriptedChannel webhook{domain::Channel::webhook};

    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> guard{asio::make_work_guard(context)};
    async::BlockingPool pool{2, 4'096};
    std::vector<std::unique_ptr<AsyncOutbox>> desks;
    std::vector<std::unique_ptr<Dispatcher>> dispatchers;
    std::thread thread;
};

}  // namespace carevoice::notify
