#include "notify/settler.h"

#include "core/log.h"

#include <algorithm>
#include <utility>

namespace carevoice::notify {

namespace {

using namespace std::chrono_literals;
using domain::Notification;

constexpr BackOff database_back_off{.first = 500ms, .longest = 5s};
/// What was given back comes again between these.
constexpr milliseconds give_back_first = 1s;
constexpr milliseconds give_back_spread = 9s;

/// Marks an item whose way will never work and whose backup is queued: the next claim parks it. A revived item has its
/// first attempt before it again and is tried.
constexpr std::string_view refused_mark = "refused: ";

bool may_pass(Errc code) {
    return code == Errc::unavailable || code == Errc::timed_out;
}

milliseconds part_of(milliseconds span, double share) {
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(span.count()) * share));
}

}  // namespace

std::optional<std::string> reason_not_to_begin(const storage::OutboxItem& item, const BackOff& rule) {
    if (item.attempts > 1 && item.last_error.starts_with(refused_mark))
        return item.last_error.substr(refused_mark.size());
    // Its workers died before they could say so.
    if (item.attempts > rule.attempts_max) return "gave up after " + std::to_string(item.attempts - 1) + " attempts";
    return std::nullopt;
}

async::Task<> Settler::settle(Claimed claimed, Delivery delivery) {
    if (delivery.receipt.has_value()) co_return co_await confirm(std::move(claimed), std::move(*delivery.receipt));
    Error error = delivery.receipt.error();
    if (never_works(error.code)) co_return co_await refuse(std::move(claimed), std::move(error));
    count(claimed, error.code == Errc::timed_out ? "timed_out" : "unavailable");
    co_await try_again(std::move(claimed), std::move(error.detail), delivery.retry_after);
}

async::Task<> Settler::confirm(Claimed claimed, std::string receipt) {
    const WallTime now = deps_.clock.wall_now();
    const auto due = std::max(claimed.item.created_at, claimed.item.notification.not_before);
    deps_.metrics.observe_seconds("carevoice_notification_delay_seconds",
                                  std::chrono::duration<double>(now - due).count(),
                                  {{"channel", to_string(claimed.item.notification.channel)}});
    auto report = [id = claimed.item.notification.id, worker = settings_.worker, receipt = std::move(receipt),
                   now](OutboxDesk desk) { return desk.outbox.delivered(id, worker, receipt, now); };
    co_await tell(std::move(claimed), std::move(report), "delivered");
}

async::Task<> Settler::refuse(Claimed claimed, Error error) {
    count(claimed, "rejected");
    auto backup = co_await plan_backup(claimed.item.notification);
    if (backup.has_error()) co_return co_await try_again(std::move(claimed), std::move(error.detail), milliseconds(0));
    if (!*backup) co_return co_await bury(std::move(claimed), std::move(error.detail));
    // The outbox queues a backup with a failure only: so first that, and the burial with the next claim.
    std::string why = std::string(refused_mark) + error.detail;
    const WallTime now = deps_.clock.wall_now();
    co_await queue_again(std::move(claimed), std::move(why), now, std::move(*backup), "");
    deps_.look_again();
}

async::Task<> Settler::rest(Claimed claimed, std::chrono::nanoseconds left) {
    count(claimed, "resting");
    const auto wait = std::max(std::chrono::ceil<milliseconds>(left), 0ms);
    co_await try_again(std::move(claimed), "the channel rests after failures", wait);
}

async::Task<> Settler::try_again(Claimed claimed, std::string why, milliseconds not_before) {
    const auto& rule = settings_.back_off;
    const WallTime now = deps_.clock.wall_now();
    if (const auto reason = reason_to_give_up(rule, claimed.item, now))
        co_return co_await bury(std::move(claimed), *reason + ": " + why);
    const auto wait =
        std::max(wait_after(rule, claimed.item.attempts, deps_.random.next_unit()), std::min(not_before, rule.longest));
    std::optional<Notification> backup;
    if (claimed.item.attempts >= rule.backup_after) {
        auto planned = co_await plan_backup(claimed.item.notification);
        // When nobody can say now who stands in, the next failure asks again.
        if (planned.has_value()) backup = std::move(*planned);
    }
    const bool has_backup = backup.has_value();
    co_await queue_again(std::move(claimed), std::move(why), now + wait, std::move(backup), "");
    if (has_backup) deps_.look_again();
}

async::Task<> Settler::give_back(Claimed claimed) {
    const auto wait = is_stopping_ ? 0ms : give_back_first + part_of(give_back_spread, deps_.random.next_unit());
    std::string why = claimed.item.last_error;
    const WallTime at = deps_.clock.wall_now() + wait;
    co_await queue_again(std::move(claimed), std::move(why), at, std::nullopt, "given_back");
}

async::Task<> Settler::bury(Claimed claimed, std::string why) {
    log(LogLevel::warning, "a notification is a dead letter",
        {{"channel", to_string(claimed.item.notification.channel)},
         {"alert_id", claimed.item.notification.alert_id.str()},
         {"attempts", claimed.item.attempts}});
    auto report = [id = claimed.item.notification.id, worker = settings_.worker, why = std::move(why),
                   now = deps_.clock.wall_now()](OutboxDesk desk) { return desk.outbox.buried(id, worker, why, now); };
    co_await tell(std::move(claimed), std::move(report), "dead");
}

async::Task<> Settler::queue_again(Claimed claimed, std::string why, WallTime at, std::optional<Notification> backup,
                                   std::string_view outcome) {
    auto report = [id = claimed.item.notification.id, worker = settings_.worker, why = std::move(why), at,
                   backup = std::move(backup)](OutboxDesk desk) {
        return desk.outbox.failed(id, worker, why, at, backup);
    };
    co_await tell(std::move(claimed), std::move(report), outcome);
}

async::Task<Result<std::optional<Notification>>> Settler::plan_backup(Notification failed) {
    using Planned = Result<std::optional<Notification>>;
    auto question = [failed = std::move(failed), now = deps_.clock.wall_now()](OutboxDesk desk) -> Planned {
        const auto alert = desk.alerts.find(failed.alert_id);
        if (alert.has_error())
            return may_pass(alert.error().code) ? Planned(alert.error()) : Planned(std::optional<Notification>());
        const auto ladder = desk.ladder_of(*alert);
        if (ladder.has_error())
            return may_pass(ladder.error().code) ? Planned(ladder.error()) : Planned(std::optional<Notification>());
        return domain::plan_backup(failed, *ladder, now);
    };
    co_return co_await deps_.outbox.ask(std::move(question));
}

/// For as long as it takes: what was delivered must not be delivered again because the database was away. `outcome` is
/// counted when the report was taken; empty: nothing is.
template <class Report>
async::Task<> Settler::tell(Claimed claimed, Report report, std::string_view outcome) {
    for (int attempt = 1;; ++attempt) {
        auto question = report;
        const auto taken = co_await deps_.outbox.ask(std::move(question));
        if (taken.has_value()) {
            const std::string_view counted = *taken ? outcome : "lost";
            if (!counted.empty()) count(claimed, counted);
            co_return;
        }
        if (!may_pass(taken.error().code)) {
            log(LogLevel::error, "the outbox took no report", {{"why", to_string(taken.error().code)}});
            co_return;
        }
        if (is_stopping_ && deps_.clock.wall_now() > claimed.lease_until) co_return;
        const auto slept = co_await async::sleep_for(database_wait(attempt));
        if (slept.has_error()) co_return;
    }
}

void Settler::count(const Claimed& claimed, std::string_view outcome) {
    deps_.metrics.add("carevoice_notifications_total",
                      {{"channel", to_string(claimed.item.notification.channel)}, {"outcome", outcome}});
}

milliseconds Settler::database_wait(int attempt) {
    return wait_after(database_back_off, attempt, 0.5 + deps_.random.next_unit() / 2);
}

}  // namespace carevoice::notify
