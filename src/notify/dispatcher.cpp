#include "notify/dispatcher.h"

#include "async/task_group.h"
#include "core/log.h"
#include "notify/settler.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace carevoice::notify {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;
using storage::OutboxItem;

/// Channels end by themselves at their deadline; this is for one that does not.
constexpr milliseconds deadline_grace = 1s;
/// To report how it went, while the database is well.
constexpr milliseconds report_margin = 5s;
/// Batches in a row that were partly given back, before the next poll.
constexpr int crowded_rounds_max = 8;
constexpr std::size_t lanes_max = 256;
constexpr milliseconds counts_every = 5s;

/// Targets that fail apart from each other.
std::string lane_name(const domain::Notification& notification) {
    std::string name(to_string(notification.channel));
    if (notification.channel == domain::Channel::webhook) name += " " + notification.recipient;
    return name;
}

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

class Dispatcher::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(DispatcherDeps deps, DispatcherSettings settings)
        : deps_(std::move(deps)),
          settings_(std::move(settings)),
          settler_(settler_deps(), settings_),
          strand_(asio::make_strand(deps_.executor)),
          wake_(strand_) {
        if (settings_.delivery_max + deadline_grace + report_margin > settings_.lease)
            throw std::invalid_argument("the lease is too short for a delivery");
    }

    void start() { group_.spawn(strand_, run()); }

    void nudge() {
        asio::post(strand_, [self = shared_from_this()] { self->wake(); });
    }

    async::Task<> stop() {
        auto beginning = begin_stop();
        co_await asio::co_spawn(strand_, std::move(beginning), asio::use_awaitable);
        co_await group_.wait_empty();
        co_await group_.stop();
    }

    async::Task<Result<std::size_t>> deliver_due() {
        auto claiming = claim_batch();
        const auto batch = co_await asio::co_spawn(strand_, std::move(claiming), asio::use_awaitable);
        co_await group_.wait_empty();
        if (batch.has_error()) co_return batch.error();
        co_return batch->claimed;
    }

private:
    struct Batch {
        std::size_t claimed = 0;
        bool is_full = false;     ///< there may be more
        bool is_crowded = false;  ///< some were given back
    };

    async::Task<> run() {
        int failures = 0;
        int crowded_rounds = 0;
        while (!is_stopping_) {
            is_nudged_ = false;
            const auto batch = co_await claim_batch();
            if (batch.has_error()) {
                if (++failures == 1)
                    log(LogLevel::warning, "the outbox cannot be read", {{"why", to_string(batch.error().code)}});
                co_await wait(std::max(settings_.poll, settler_.database_wait(failures)));
                continue;
            }
            failures = 0;
            crowded_rounds = batch->is_crowded ? crowded_rounds + 1 : 0;
            if (batch->is_full && crowded_rounds < crowded_rounds_max) continue;
            crowded_rounds = 0;
            co_await count_outbox();
            co_await wait(settings_.poll);
        }
    }

    async::Task<Result<Batch>> claim_batch() {
        const int room = std::min(settings_.claim_max, settings_.held_max - held_);
        wants_room_ = room <= 0;
        if (wants_room_) co_return Batch{};
        const WallTime now = deps_.clock.wall_now();
        auto question = [worker = settings_.worker, now, lease = settings_.lease, room](OutboxDesk desk) {
            return desk.outbox.claim(worker, now, lease, room);
        };
        auto items = co_await deps_.outbox.ask(std::move(question));
        if (items.has_error()) co_return items.error();
        Batch batch{.claimed = items->size(), .is_full = items->size() >= static_cast<std::size_t>(room)};
        for (auto& item : *items) {
            ++held_;
            batch.is_crowded |= !accept(Claimed{std::move(item), now + settings_.lease});
        }
        co_return batch;
    }

    /// False when one goes back to the outbox.
    bool accept(Claimed claimed) {
        const std::string name = lane_name(claimed.item.notification);
        auto& lane = lane_of(name);
        std::optional<Claimed> homeless;
        if (is_stopping_) {
            homeless = std::move(claimed);
        } else {
            homeless = lane.take(std::move(claimed));
            pump(name, lane);
        }
        if (!homeless) return true;
        group_.spawn(strand_, give_back_now(std::move(*homeless)));
        return false;
    }

    Lane& lane_of(const std::string& name) {
        if (lanes_.size() >= lanes_max)
            std::erase_if(lanes_, [&](const auto& entry) { return entry.second.is_idle() && entry.first != name; });
        return lanes_.try_emplace(name, settings_.lane).first->second;
    }

    void pump(const std::string& name, Lane& lane) {
        while (auto next = lane.begin()) group_.spawn(strand_, handle(name, std::move(*next)));
    }

    async::Task<> handle(std::string name, Claimed claimed) {
        // Not idle until end(), so it stays where it is.
        Lane& lane = lane_of(name);
        std::exception_ptr bug;
        try {
            co_await deliver(lane, std::move(claimed));
        } catch (...) {
            bug = std::current_exception();
        }
        lane.end();
        let_go();
        pump(name, lane);
        if (bug) std::rethrow_exception(bug);
    }

    async::Task<> give_back_now(Claimed claimed) {
        co_await settler_.give_back(std::move(claimed));
        let_go();
    }

    void let_go() {
        --held_;
        if (wants_room_ && held_ <= settings_.held_max / 2) wake();
    }

    async::Task<> deliver(Lane& lane, Claimed claimed) {
        const OutboxItem& item = claimed.item;
        const auto needed = settings_.delivery_max + deadline_grace + report_margin;
        if (is_stopping_ || deps_.clock.wall_now() + needed > claimed.lease_until)
            co_return co_await settler_.give_back(std::move(claimed));
        if (auto reason = reason_not_to_begin(item, settings_.back_off))
            co_return co_await settler_.bury(std::move(claimed), std::move(*reason));
        if (item.notification.level > 0 && co_await is_withdrawn(item.notification.id)) co_return;
        Channel* const channel = channel_of(item.notification.channel);
        if (channel == nullptr) {
            Error missing{Errc::rejected, "this service has no such channel; see its settings"};
            co_return co_await settler_.refuse(std::move(claimed), std::move(missing));
        }
        const auto leave = lane.ask_leave(deps_.clock.steady_now());
        if (leave == Lane::Leave::refused)
            co_return co_await settler_.rest(std::move(claimed), lane.rests_until() - deps_.clock.steady_now());
        auto message = co_await compose(item);
        auto delivery = co_await attempt(*channel, std::move(message));
        judge(lane, leave, item, delivery);
        co_await settler_.settle(std::move(claimed), std::move(delivery));
    }

    /// An escalation may have waited here while somebody acknowledged its alert: nobody wants it any more.
    async::Task<bool> is_withdrawn(NotificationId id) {
        auto question = [id = std::move(id)](OutboxDesk desk) { return desk.outbox.find(id); };
        const auto item = co_await deps_.outbox.ask(std::move(question));
        co_return item.has_value() && item->state == storage::DeliveryState::withdrawn;
    }

    async::Task<Message> compose(OutboxItem item) {
        if (!settings_.covered.contains(item.notification.channel))
            co_return render(item.notification, settings_.wording, item.created_at, nullptr);
        auto question = [id = item.notification.alert_id](OutboxDesk desk) { return desk.alerts.find(id); };
        const auto alert = co_await deps_.outbox.ask(std::move(question));
        // Without its details it is still an alert.
        co_return render(item.notification, settings_.wording, item.created_at, alert.has_value() ? &*alert : nullptr);
    }

    async::Task<Delivery> attempt(Channel& channel, Message message) {
        using namespace asio::experimental::awaitable_operators;
        const SteadyTime began = deps_.clock.steady_now();
        const Deadline deadline(began + settings_.delivery_max);
        asio::steady_timer timer(strand_, deadline.at() + deadline_grace);
        auto work = deliver_by(channel, std::move(message), deadline);
        auto winner = co_await (std::move(work) || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
        deps_.metrics.observe_seconds("carevoice_notification_seconds", seconds(deps_.clock.steady_now() - began),
                                      {{"channel", to_string(channel.kind())}});
        if (winner.index() == 0) co_return std::get<0>(std::move(winner));
        Delivery late{.receipt = Error{Errc::timed_out, "the channel did not end in time"}};
        co_return late;
    }

    /// A channel that throws has a bug, and the message still wants to be delivered.
    static async::Task<Delivery> deliver_by(Channel& channel, Message message, Deadline deadline) {
        Delivery broken{.receipt = Error{Errc::internal, "the channel has a bug"}};
        try {
            co_return co_await channel.deliver(std::move(message), deadline);
        } catch (const std::exception& bug) {
            log(LogLevel::error, "a notification channel failed", {{"what", bug.what()}});
        }
        co_return broken;
    }

    void judge(Lane& lane, Lane::Leave leave, const OutboxItem& item, const Delivery& delivery) {
        const auto& receipt = delivery.receipt;
        const auto kind = item.notification.channel;
        if (receipt.has_value() || receipt.error().code == Errc::rejected) return lane.works();
        if (never_works(receipt.error().code)) return lane.was_not_asked(leave);
        if (lane.fails(leave, deps_.clock.steady_now(), deps_.random.next_unit()))
            log(LogLevel::warning, "a notification channel rests after failures",
                {{"channel", to_string(kind)}, {"why", to_string(receipt.error().code)}});
    }

    async::Task<> begin_stop() {
        is_stopping_ = true;
        settler_.begin_stop();
        wake();
        for (auto& [name, lane] : lanes_)
            for (auto& claimed : lane.take_waiting()) group_.spawn(strand_, give_back_now(std::move(claimed)));
        co_return;
    }

    SettlerDeps settler_deps() {
        return {.outbox = deps_.outbox,
                .clock = deps_.clock,
                .random = deps_.random,
                .metrics = deps_.metrics,
                .look_again = [this] { wake(); }};
    }

    void wake() {
        is_nudged_ = true;
        wake_.cancel();
    }

    async::Task<> wait(milliseconds span) {
        if (is_nudged_ || is_stopping_) co_return;
        wake_.expires_after(span);
        co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    }

    async::Task<> count_outbox() {
        const SteadyTime now = deps_.clock.steady_now();
        if (counted_at_ && now - *counted_at_ < counts_every) co_return;
        counted_at_ = now;
        auto question = [wall = deps_.clock.wall_now()](OutboxDesk desk) { return desk.outbox.counts(wall); };
        const auto counts = co_await deps_.outbox.ask(std::move(question));
        if (counts.has_error()) co_return;
        deps_.metrics.set("carevoice_outbox_queued", static_cast<double>(counts->queued));
        deps_.metrics.set("carevoice_outbox_dead", static_cast<double>(counts->dead));
        deps_.metrics.set("carevoice_outbox_oldest_due_seconds", seconds(counts->oldest_due));
    }

    [[nodiscard]] Channel* channel_of(domain::Channel kind) const {
        const auto found = std::ranges::find_if(deps_.channels, [&](const auto* each) { return each->kind() == kind; });
        return found == deps_.channels.end() ? nullptr : *found;
    }

    DispatcherDeps deps_;
    DispatcherSettings settings_;
    Settler settler_;
    asio::strand<async::Executor> strand_;

    // On the strand only:
    std::map<std::string, Lane> lanes_;
    asio::steady_timer wake_;
    int held_ = 0;
    bool is_stopping_ = false;
    bool is_nudged_ = false;
    bool wants_room_ = false;
    std::optional<SteadyTime> counted_at_;

    async::TaskGroup group_{"notifications"};
};

Dispatcher::Dispatcher(DispatcherDeps deps, DispatcherSettings settings)
    : impl_(std::make_shared<Impl>(std::move(deps), std::move(settings))) {}
Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
    impl_->start();
}

void Dispatcher::nudge() {
    impl_->nudge();
}

async::Task<> Dispatcher::stop() {
    return impl_->stop();
}

async::Task<Result<std::size_t>> Dispatcher::deliver_due() {
    return impl_->deliver_due();
}

}  // namespace carevoice::notify
