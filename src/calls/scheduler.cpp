#include "calls/scheduler.h"

#include "core/log.h"

#include <algorithm>

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;
using domain::AttemptEnd;
using domain::NextStep;

/// Entries that another instance stored are found by looking.
constexpr milliseconds look_again = 5s;
constexpr milliseconds look_soon = 1s;
constexpr milliseconds rate_pause = 50ms;
constexpr milliseconds rate_patience = 2s;
constexpr int batch = 50;
/// A call that is to be dialled at once and still is not: whoever was to do it is gone.
constexpr milliseconds abandoned_after = 60s;
constexpr milliseconds first_look_up_wait = 2s;
constexpr milliseconds look_up_wait_max = 60s;
constexpr milliseconds costs_age_max = 30s;
constexpr std::size_t id_bytes = 12;

/// The attempts of one plan entry that reached the network, up to and with `last`.
std::vector<domain::Attempt> dialled_attempts(const std::vector<domain::Call>& calls, const domain::Call& last,
                                              WallTime now) {
    std::vector<domain::Attempt> attempts;
    for (const auto& call : calls)
        if (call.dialled_at && call.attempt <= last.attempt)
            attempts.push_back({.dialled_at = *call.dialled_at, .end = domain::attempt_end(call, now)});
    return attempts;
}

std::string why_given_up(AttemptEnd end, std::size_t attempts) {
    if (end == AttemptEnd::dropped) return "the conversation broke off and was not taken up again";
    if (end == AttemptEnd::refused) return "the call could not be made";
    return "not reached in " + std::to_string(attempts) + (attempts == 1 ? " call" : " calls");
}

bool leads_to_another(const domain::Call& call) {
    using domain::CallOutcome;
    return call.call_type == domain::CallType::followup &&
           (call.outcome == CallOutcome::completed || call.outcome == CallOutcome::partial ||
            call.outcome == CallOutcome::escalated);
}

/// nullopt as well when a call is planned for this patient already.
Result<std::optional<domain::Suggestion>> next_follow_up_of(storage::Database& database, const domain::Call& call,
                                                            WallTime now, const domain::DialWindow& window) {
    const storage::PageRequest one{.limit = 1, .cursor = {}};
    const auto patient = database.patients().find(call.patient_id);
    if (patient.has_error()) return patient.error();
    storage::CallFilter planned;
    planned.patient_id = call.patient_id;
    planned.status = domain::CallStatus::scheduled;
    const auto calls = database.calls().list(planned, one);
    if (calls.has_error()) return calls.error();
    storage::AlertFilter worrying;
    worrying.call_session_id = call.call_session_id;
    worrying.at_least = domain::Severity::moderate;
    const auto alerts = database.alerts().list(worrying, one);
    if (alerts.has_error()) return alerts.error();
    const auto refusal = domain::may_dial(*patient, call.call_type, now, window);
    const bool refused = refusal && !domain::passes_with_time(*refusal);
    if (refused || !calls->items.empty()) return std::optional<domain::Suggestion>{};
    return domain::next_follow_up(*patient, now, !alerts->items.empty(), window);
}

}  // namespace

struct Scheduler::Survey {
    std::int64_t withdrawn = 0;
    std::vector<domain::Call> unsettled;
    std::vector<domain::Call> unknown;
    std::vector<CallSessionId> due;
    std::optional<WallTime> next_due;
    std::optional<storage::CallCosts> costs;
};

Scheduler::Scheduler(SchedulerDeps deps)
    : deps_(std::move(deps)),
      gate_(deps_.settings, deps_.plan.cost, deps_.clock),
      dialler_(DialDeps{.settings = deps_.settings,
                        .store = deps_.store,
                        .clock = deps_.clock,
                        .metrics = deps_.metrics,
                        .telephony = deps_.telephony,
                        .plan = deps_.plan,
                        .zones = deps_.zones,
                        .gate = gate_}) {}

async::Task<> Scheduler::run() {
    for (;;) {
        const auto wait = co_await pass();
        const auto nudged = co_await nudges_.pop(Deadline::in(wait));
        if (nudged.has_error() && nudged.error().code == Errc::cancelled) co_return;
    }
}

Result<Scheduler::Survey> Scheduler::survey(storage::Database& database, WallTime now, bool with_costs) {
    auto& plan = database.call_plan();
    Survey seen;
    const auto withdrawn = plan.withdraw_opted_out(now);
    if (withdrawn.has_error()) return withdrawn.error();
    seen.withdrawn = *withdrawn;
    auto unsettled = plan.unsettled(batch);
    if (unsettled.has_error()) return unsettled.error();
    seen.unsettled = std::move(*unsettled);
    auto unknown = plan.unknown(batch);
    if (unknown.has_error()) return unknown.error();
    seen.unknown = std::move(*unknown);
    auto due = plan.due(now, now - abandoned_after, batch);
    if (due.has_error()) return due.error();
    seen.due = std::move(*due);
    const auto next = plan.next_due();
    if (next.has_error()) return next.error();
    seen.next_due = *next;
    if (with_costs) {
        const auto costs = plan.costs_since(month_begin(now));
        if (costs.has_error()) return costs.error();
        seen.costs = *costs;
    }
    return seen;
}

async::Task<milliseconds> Scheduler::pass() {
    const auto now = deps_.clock.wall_now();
    const bool with_costs = !costs_at_ || now - *costs_at_ >= costs_age_max || now < *costs_at_;
    auto question = [now, with_costs](storage::Database& database) { return survey(database, now, with_costs); };
    auto seen = co_await deps_.store.ask(std::move(question));
    if (seen.has_error()) {
        log(LogLevel::warning, "the call plan cannot be read", {{"code", to_string(seen.error().code)}});
        co_return look_soon;
    }
    if (seen->costs) {
        gate_.set_costs(*seen->costs);
        costs_at_ = now;
        deps_.metrics.set("carevoice_month_cost_usd", gate_.month_usd());
    }
    if (seen->withdrawn > 0)
        deps_.metrics.add("carevoice_plan_withdrawn_total", {}, static_cast<double>(seen->withdrawn));
    deps_.metrics.set("carevoice_calls_due", static_cast<double>(seen->due.size()));
    deps_.metrics.set("carevoice_calls_unknown", static_cast<double>(seen->unknown.size()));
    for (auto& call : seen->unsettled) co_await settle(std::move(call));
    const bool any_unknown = !seen->unknown.empty();
    co_await look_up(std::move(seen->unknown));
    const bool all_dialled = co_await dial_due(std::move(seen->due));
    for (const auto hold : {DialHold::live_calls, DialHold::breaker, DialHold::budget}) {
        const bool holds = !hold_reason_.empty() && to_string(hold) == hold_reason_;
        deps_.metrics.set("carevoice_dial_hold", holds ? 1 : 0, {{"reason", to_string(hold)}});
    }
    if (!all_dialled && hold_reason_.empty()) co_return rate_pause;
    auto wait = any_unknown ? look_soon : look_again;
    if (seen->next_due && *seen->next_due > now) wait = std::min<milliseconds>(wait, *seen->next_due - now);
    co_return std::max(wait, rate_pause);
}

// ---- What ended

async::Task<> Scheduler::close(CallSessionId id, std::optional<domain::Call> next) {
    auto question = [id, next = std::move(next)](storage::Database& database) {
        return database.call_plan().settle(id, next);
    };
    const auto settled = co_await deps_.store.ask(std::move(question));
    // A conflict: another instance has planned this attempt.
    if (settled.has_error() && settled.error().code != Errc::conflict)
        log(LogLevel::warning, "the end of a call is not settled",
            {{"call", id.str()}, {"code", to_string(settled.error().code)}});
}

domain::Call Scheduler::next_attempt(const domain::Call& call, const NextStep& step) const {
    domain::Call next;
    next.call_session_id = CallSessionId("call-" + deps_.random.hex(id_bytes));
    next.patient_id = call.patient_id;
    next.call_type = call.call_type;
    next.mode = call.mode;
    next.request_body = call.request_body;
    next.prior_pain_scores = call.prior_pain_scores;
    next.created_at = deps_.clock.wall_now();
    next.scheduled_at = step.at;
    next.retry_of = call.retry_of.empty() ? call.call_session_id : call.retry_of;
    next.attempt = call.attempt + 1;
    next.plan_open = true;
    if (step.goes_on) next.dialogue_state = domain::continued_dialogue(call.dialogue_state);
    return next;
}

async::Task<> Scheduler::settle(domain::Call call) {
    const auto now = deps_.clock.wall_now();
    const auto id = call.call_session_id;
    const auto end = domain::attempt_end(call, now);
    if (end == AttemptEnd::undecided) co_return;
    if (end == AttemptEnd::settled) {
        co_await settle_for_good(std::move(call));
        co_return;
    }
    using Entry = std::pair<domain::Patient, std::vector<domain::Call>>;
    auto question = [first = call.retry_of.empty() ? id : call.retry_of,
                     who = call.patient_id](storage::Database& database) -> Result<Entry> {
        auto patient = database.patients().find(who);
        if (patient.has_error()) return patient.error();
        auto attempts = database.call_plan().attempts(first);
        if (attempts.has_error()) return attempts.error();
        return Entry{std::move(*patient), std::move(*attempts)};
    };
    auto entry = co_await deps_.store.ask(std::move(question));
    if (entry.has_error()) co_return;
    const auto& patient = entry->first;
    const auto attempts = dialled_attempts(entry->second, call, now);
    const auto refusal = domain::may_dial(patient, call.call_type, now, window());
    NextStep step;
    if (!refusal || domain::passes_with_time(*refusal))
        step = domain::next_step(patient, attempts, call.ended_at.value_or(now), window());
    if (step.kind == NextStep::Kind::try_again) {
        step.at = std::max(step.at, now);
        deps_.metrics.add("carevoice_plan_retries_total", {{"after", to_string(end)}});
        co_await close(id, next_attempt(call, step));
        co_return;
    }
    if (step.kind == NextStep::Kind::give_up) {
        const auto told = co_await give_up(call, patient, end, attempts.size());
        if (told.has_error()) co_return;  // not settled: the next pass tells the team
        deps_.metrics.add("carevoice_plan_given_up_total", {{"after", to_string(end)}});
    }
    co_await close(id, std::nullopt);
}

async::Task<> Scheduler::settle_for_good(domain::Call call) {
    const auto now = deps_.clock.wall_now();
    std::optional<domain::Call> next;
    if (deps_.settings.plan_next_calls && leads_to_another(call)) {
        auto question = [&call, now, window = window()](storage::Database& database) {
            return next_follow_up_of(database, call, now, window);
        };
        const auto suggested = co_await deps_.store.ask(std::move(question));
        if (suggested.has_error()) co_return;  // not settled: the next pass plans it
        if (*suggested) {
            next = next_attempt(call, {.kind = NextStep::Kind::try_again, .at = (*suggested)->at});
            next->retry_of = CallSessionId();
            next->attempt = 1;
            next->prior_pain_scores.clear();
            deps_.metrics.add("carevoice_plan_follow_ups_total");
        }
    }
    co_await close(call.call_session_id, std::move(next));
}

async::Task<Result<>> Scheduler::give_up(domain::Call call, domain::Patient patient, AttemptEnd end,
                                         std::size_t attempts) {
    storage::TurnRecord record;
    record.call_session_id = call.call_session_id;
    record.now = deps_.clock.wall_now();
    record.key = "unreachable";
    domain::RaisedAlert alert{
        .type = domain::AlertType::patient_concern,
        .severity = deps_.plan.unreachable_severity,
        .evidence = {
            .text = why_given_up(end, attempts), .audio_ms = std::nullopt, .rule = deps_.plan.unreachable_rule}};
    record.alerts.push_back(std::move(alert));
    if (deps_.plan_alert)
        record.plan = [plan = deps_.plan_alert, patient = std::move(patient)](const domain::Alert& raised) {
            return plan(patient, raised);
        };
    auto question = [record = std::move(record), &random = deps_.random](storage::Database& database) -> Result<> {
        const auto new_id = [&random] { return AlertId("alert-" + random.hex(id_bytes)); };
        const auto stored = database.conversations().record(record, new_id);
        if (stored.has_error()) return stored.error();
        return {};
    };
    co_return co_await deps_.store.ask(std::move(question));
}

void Scheduler::call_ended(const CallSessionId& id, domain::CallStatus status) {
    if (status == domain::CallStatus::failed)
        gate_.failed(id);
    else
        gate_.over(id);
    nudge();
}

// ---- What is unknown

async::Task<> Scheduler::look_up(std::vector<domain::Call> unknown) {
    const auto now = deps_.clock.wall_now();
    std::erase_if(look_ups_, [&unknown](const auto& known) {
        return std::ranges::find(unknown, known.first, &domain::Call::call_session_id) == unknown.end();
    });
    for (auto& call : unknown) {
        // Whoever dials it still waits for Twilio's answer.
        if (now - call.dialled_at.value_or(call.created_at) < 10s) continue;
        auto& next = look_ups_[call.call_session_id];
        if (now < next.at) continue;
        next.wait = std::clamp<milliseconds>(next.wait * 2, first_look_up_wait, look_up_wait_max);
        next.at = now + next.wait;
        co_await dialler_.look_up(std::move(call));
    }
}

// ---- What is due

async::Task<bool> Scheduler::dial_due(std::vector<CallSessionId> due) {
    hold_reason_ = {};
    for (auto& id : due) {
        if (!dials_) co_return true;
        const auto hold = gate_.admit(deps_.live_calls());
        if (hold != DialHold::none) {
            hold_reason_ = to_string(hold);
            co_return false;
        }
        const auto turn = co_await deps_.rate.take();
        if (turn.has_error() || !*turn) co_return false;
        const auto dialled = co_await dialler_.dial(id, Dialler::Urgency::planned);
        co_await tell_watcher(std::move(id));
        if (dialled.has_error() && dialled.error().code == Errc::cancelled) co_return false;
    }
    co_return true;
}

async::Task<> Scheduler::tell_watcher(CallSessionId id) {
    if (deps_.watcher == nullptr) co_return;
    auto question = [id = std::move(id)](storage::Database& database) { return database.calls().find(id); };
    const auto call = co_await deps_.store.ask(std::move(question));
    if (call.has_value()) deps_.watcher->on_call(*call);
}

Result<> Scheduler::admit() {
    if (gate_.admit(deps_.live_calls()) == DialHold::none) return {};
    return Error{Errc::unavailable, gate_.explain(deps_.live_calls()) + "; try again later"};
}

async::Task<Result<domain::Call>> Scheduler::dial_now(domain::Call call) {
    const auto patience = Deadline::in(rate_patience);
    for (;;) {
        const auto turn = dials_ ? co_await deps_.rate.take() : Result<bool>(false);
        if (turn.has_value() && *turn) break;
        if (turn.has_error() || !dials_ || patience.passed(std::chrono::steady_clock::now())) {
            const auto now = deps_.clock.wall_now();
            auto question = [id = call.call_session_id, now](storage::Database& database) {
                return database.calls().update(id, [now](domain::Call& stored) {
                    if (stored.status == domain::CallStatus::scheduled) stored.scheduled_at = now;
                });
            };
            auto waiting = co_await deps_.store.ask(std::move(question));
            nudge();
            co_return waiting;
        }
        if (const auto slept = co_await async::sleep_for(rate_pause); slept.has_error()) co_return slept.error();
    }
    auto dialled = co_await dialler_.dial(call.call_session_id, Dialler::Urgency::now);
    co_await tell_watcher(call.call_session_id);
    if (dialled.has_value() && dialled->status == domain::CallStatus::unknown) nudge();
    co_return dialled;
}

}  // namespace carevoice::calls
