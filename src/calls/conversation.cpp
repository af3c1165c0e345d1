#include "calls/conversation.h"

#include "core/log.h"

#include <algorithm>

namespace carevoice::calls {

namespace {

constexpr std::size_t unwritten_max = 200;
/// About 15 characters of speech a second: how long the assistant's words take, for the transcript's times.
constexpr std::int64_t speech_ms_per_character = 66;

milliseconds speaking_time(const std::string& text) {
    return milliseconds{static_cast<std::int64_t>(text.size()) * speech_ms_per_character};
}

}  // namespace

Conversation::Conversation(ConversationDeps deps, CallSessionId id, std::unique_ptr<domain::Patient> patient,
                           domain::DialogueContext context)
    : deps_(deps), id_(std::move(id)), patient_(std::move(patient)), context_(std::move(context)) {}

Result<Conversation> Conversation::open(ConversationDeps deps, const domain::Call& call, domain::Patient patient,
                                        std::string organisation, std::string callback_number) {
    auto kept = std::make_unique<domain::Patient>(std::move(patient));
    domain::DialogueContext context;
    context.patient = kept.get();
    context.call_type = call.call_type;
    context.prior_pain_scores = call.prior_pain_scores;
    context.organisation = std::move(organisation);
    context.callback_number = std::move(callback_number);
    const auto today = std::chrono::floor<std::chrono::days>(call.answered_at.value_or(deps.clock.wall_now()));
    context.post_operative_day = domain::post_operative_day(*kept, std::chrono::year_month_day{today});
    Conversation conversation(deps, call.call_session_id, std::move(kept), std::move(context));
    if (call.dialogue_state.empty()) {
        const auto seed = static_cast<std::uint32_t>(deps.random.next_u64());
        conversation.state_ = deps.dialogue.begin(conversation.context_, seed);
        return conversation;
    }
    auto state = domain::dialogue_state_from_json(call.dialogue_state);
    if (state.has_error()) return state.error();
    conversation.state_ = std::move(*state);
    conversation.begun_ = true;
    conversation.last_move_.speak = conversation.state_.last_spoken;
    conversation.last_move_.topic = conversation.state_.topic;
    return conversation;
}

async::Task<domain::Move> Conversation::take(domain::DialogueEvent event, std::optional<PatientSpeech> speech,
                                             bool may_speak) {
    const std::string topic_before = state_.topic;
    begun_ = true;
    auto step = deps_.dialogue.step(state_, event, context_);
    for (const auto& alert : step.alerts)
        deps_.metrics.add("carevoice_alerts_raised_total",
                          {{"type", to_string(alert.type)}, {"severity", to_string(alert.severity)}});
    if (step.consents) patient_->consents = *step.consents;
    if (step.opt_out) patient_->opted_out = true;
    unwritten_.push_back(make_record(step, speech, topic_before, may_speak));
    if (unwritten_.size() > unwritten_max) {
        unwritten_.pop_front();
        deps_.metrics.add("carevoice_turns_lost_total");
        log(LogLevel::error, "turn lost: the database is away for too long", {{"call", id_.str()}});
    }
    if (const auto flushed = co_await flush(Deadline::in(std::chrono::seconds(1))); flushed.has_error())
        log(LogLevel::warning, "turn not stored yet", {{"call", id_.str()}, {"reason", flushed.error().detail}});
    const bool goes_on = event.overheard && step.move.speak.empty();
    if (!goes_on) last_move_ = step.move;
    co_return std::move(step.move);
}

storage::TurnRecord Conversation::make_record(const domain::DialogueStep& step,
                                              const std::optional<PatientSpeech>& speech,
                                              const std::string& topic_before, bool may_speak) const {
    const WallTime now = deps_.clock.wall_now();
    storage::TurnRecord record;
    record.call_session_id = id_;
    if (speech && !speech->text.empty()) {
        domain::Turn turn;
        turn.speaker = domain::Speaker::patient;
        turn.topic = topic_before;
        turn.text = speech->text;
        turn.ended_at = now - speech->ended_ago;
        turn.started_at = turn.ended_at - speech->duration;
        turn.confidence = speech->confidence;
        turn.audio_ms = speech->audio_ms;
        turn.interrupted = speech->interrupted;
        record.turns.push_back(std::move(turn));
    }
    if (may_speak && !step.move.speak.empty()) {
        domain::Turn turn;
        turn.speaker = domain::Speaker::assistant;
        turn.topic = step.move.topic;
        turn.text = step.move.speak;
        turn.started_at = now;
        turn.ended_at = now + speaking_time(step.move.speak);
        record.turns.push_back(std::move(turn));
    }
    record.facts = step.learned;
    record.alerts = step.alerts;
    record.dialogue_state = domain::to_json(state_);
    record.current_topic = state_.topic;
    record.topics = state_.topics;
    record.outcome = state_.outcome;
    record.opt_out = step.opt_out;
    record.consents = step.consents;
    record.now = now;
    return record;
}

async::Task<Result<>> Conversation::flush(Deadline deadline) {
    milliseconds wait{50};
    while (!unwritten_.empty()) {
        const auto written = co_await write_front();
        if (written.has_value()) continue;
        // Waiting helps only against an outage; a record that the database refuses would block all that follow.
        if (written.error().code != Errc::unavailable && written.error().code != Errc::timed_out) {
            log(LogLevel::error, "turn refused by the database",
                {{"call", id_.str()}, {"reason", written.error().detail}});
            deps_.metrics.add("carevoice_turns_lost_total");
            unwritten_.pop_front();
            continue;
        }
        const auto now = deps_.clock.steady_now();
        if (deadline.left(now) <= wait) co_return written.error();
        const auto jitter = milliseconds{static_cast<std::int64_t>(deps_.random.next_unit() * 50)};
        if (const auto slept = co_await async::sleep_for(wait + jitter); slept.has_error()) co_return slept.error();
        wait = std::min(wait * 2, milliseconds{2'000});
    }
    co_return Result<>{};
}

async::Task<Result<>> Conversation::write_front() {
    // Copies: the pool's thread must not look into this object, which goes on living on the strand.
    auto question = [record = unwritten_.front(), &random = deps_.random](storage::Database& database) -> Result<> {
        const auto new_id = [&random] { return AlertId("alert-" + random.hex(12)); };
        const auto stored = database.conversations().record(record, new_id);
        if (stored.has_error()) return stored.error();
        return {};
    };
    auto written = co_await deps_.store.ask(std::move(question));
    if (written.has_value()) unwritten_.pop_front();
    co_return written;
}

async::Task<std::string> Conversation::summary() {
    auto question = [id = id_](storage::Database& database) {
        storage::AlertFilter filter;
        filter.call_session_id = id;
        return database.alerts().list(filter, storage::PageRequest{.limit = 50, .cursor = {}});
    };
    const auto alerts = co_await deps_.store.ask(std::move(question));
    co_return deps_.dialogue.summarise(state_, alerts.has_value() ? alerts->items : std::vector<domain::Alert>{},
                                       context_);
}

}  // namespace carevoice::calls
