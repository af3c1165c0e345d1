#include "notify/escalator.h"

#include "core/log.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::notify {

namespace {

struct Escalated {
    domain::Severity severity;
    int level;
};

/// nullopt: not now, or not any more.
std::optional<Escalated> escalate(const OutboxDesk& desk, const domain::Alert& alert, WallTime now) {
    auto ladder = desk.ladder_of(alert);
    if (ladder.has_error()) {
        const auto code = ladder.error().code;
        if (code == Errc::unavailable || code == Errc::timed_out) return std::nullopt;
        // Nobody to tell is no reason not to show it on the wall.
        ladder = domain::CareLadder{};
    }
    const int level = alert.escalation_level + 1;
    const auto plan = domain::plan_escalation(alert, level, *ladder, now);
    const auto done = desk.outbox.escalate(alert.id, level, plan, now);
    if (done.has_error() || !*done) return std::nullopt;
    return Escalated{alert.severity, level};
}

Result<std::vector<Escalated>> escalate_all(const OutboxDesk& desk, WallTime now, int limit) {
    const auto due = desk.outbox.due_escalations(now, limit);
    if (due.has_error()) return due.error();
    std::vector<Escalated> done;
    for (const auto& alert : *due)
        if (const auto escalated = escalate(desk, alert, now)) done.push_back(*escalated);
    return done;
}

}  // namespace

Escalator::Escalator(EscalatorDeps deps, EscalatorSettings settings)
    : deps_(std::move(deps)), settings_(settings), strand_(async::asio::make_strand(deps_.executor)) {}

void Escalator::start() {
    group_.spawn(strand_, run());
}

async::Task<> Escalator::stop() {
    co_await group_.stop();
}

async::Task<Result<std::size_t>> Escalator::escalate_due() {
    auto question = [now = deps_.clock.wall_now(), limit = settings_.batch](OutboxDesk desk) {
        return escalate_all(desk, now, limit);
    };
    const auto done = co_await deps_.outbox.ask(std::move(question));
    if (done.has_error()) co_return done.error();
    for (const auto& escalated : *done)
        deps_.metrics.add("carevoice_escalations_total",
                          {{"severity", to_string(escalated.severity)}, {"level", std::to_string(escalated.level)}});
    if (!done->empty()) deps_.on_queued();
    co_return done->size();
}

async::Task<> Escalator::run() {
    milliseconds wait = settings_.poll;
    for (;;) {
        const auto done = co_await escalate_due();
        if (done.has_value()) {
            wait = settings_.poll;
        } else {
            if (wait == settings_.poll)
                log(LogLevel::warning, "escalations cannot be read", {{"why", to_string(done.error().code)}});
            wait = std::min(wait * 2, settings_.poll_longest);
        }
        const auto slept = co_await async::sleep_for(wait);
        if (slept.has_error()) co_return;
    }
}

}  // namespace carevoice::notify
