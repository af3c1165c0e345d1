#include "calls/conversation.h"

#include "core/log.h"
#include "domain/dialogue/heard.h"
#include "domain/dialogue/summary.h"

#include <algorithm>

namespace carevoice::calls {

namespace {

constexpr std::size_t unwritten_max = 200;
constexpr std::size_t recent_turns_max = 6;
/// How long a chat model may think about its first sentence, and then about the rest of its answer (DESIGN: our own
/// wording answers in the same second; the line is never silent for long).
constexpr milliseconds wording_patience{1'200};
constexpr milliseconds findings_patience{400};
/// For the order of a summary: the call is over, and our own is stored already.
constexpr milliseconds summary_patience{4'000};
/// About 15 characters of speech a second: how long the assistant's words take, for the transcript's times.
constexpr std::int64_t speech_ms_per_character = 66;

milliseconds speaking_time(const std::string& text) {
    return milliseconds{static_cast<std::int64_t>(text.size()) * speech_ms_per_character};
}

/// Where no model is asked.
domain::Wording own_wording(const domain::Move& move) {
    return {.source = move.fixed_words ? domain::WordingSource::fixed : domain::WordingSource::ours};
}

}  // namespace

Conversation::Conversation(ConversationDeps deps, CallSessionId id, std::unique_ptr<domain::Patient> patient,
                           domain::DialogueContext context)
    : deps_(deps), id_(std::move(id)), patient_(std::move(patient)), context_(std::move(context)) {}

Result<Conversation> Conversation::open(ConversationDeps deps, const domain::Call& call, domain::Patient patient,
                                        std::string organisation, std::string callback_number, EarlierCalls earlier) {
    auto kept = std::make_unique<domain::Patient>(std::move(patient));
    domain::DialogueContext context;
    context.patient = kept.get();
    context.call_type = call.call_type;
    context.prior_pain_scores = call.prior_pain_scores.empty() ? earlier.pain_scores : call.prior_pain_scores;
    context.prior_facts = std::move(earlier.last_facts);
    context.open_rules = std::move(earlier.open_rules);
    context.organisation = std::move(organisation);
    context.callback_number = std::move(callback_number);
    const auto today = std::chrono::floor<std::chrono::days>(call.answered_at.value_or(deps.clock.wall_now()));
    context.post_operative_day = domain::post_operative_day(*kept, std::chrono::year_month_day{today});
    context.age = domain::age_in_years(*kept, std::chrono::year_month_day{today});
    Conversation conversation(deps, call.call_session_id, std::move(kept), std::move(context));
    conversation.owner_epoch_ = call.owner_epoch;
    if (call.dialogue_state.empty()) {
        const auto seed = static_cast<std::uint32_t>(deps.random.next_u64());
        conversation.state_ = deps.dialogue.begin(conversation.context_, seed);
        return conversation;
    }
    auto state = domain::dialogue_state_from_json(call.dialogue_state);
    if (state.has_error()) return state.error();
    conversation.state_ = std::move(*state);
    // One that goes on with a call that was dropped has a state, but has not begun.
    conversation.begun_ = conversation.state_.events > 0;
    conversation.last_move_.speak = conversation.state_.last_spoken;
    conversation.last_move_.topic = conversation.state_.topic;
    return conversation;
}

domain::DialogueStep Conversation::step(const domain::DialogueEvent& event) {
    auto step = deps_.dialogue.step(state_, event, context_);
    for (const auto& alert : step.alerts) {
        deps_.metrics.add("carevoice_alerts_raised_total", {{"type", to_string(alert.type)},
                                                            {"severity", to_string(alert.severity)},
                                                            {"reader", to_string(alert.evidence.reader)}});
    }
    if (step.consents) patient_->consents = *step.consents;
    if (step.caregiver) patient_->caregiver = step.caregiver;
    if (step.language) patient_->language = *step.language;
    if (step.opt_out) patient_->opted_out = true;
    return step;
}

async::Task<domain::Move> Conversation::take(domain::DialogueEvent event, std::optional<PatientSpeech> speech,
                                             bool may_speak) {
    const std::string topic_before = state_.topic;
    const auto heard_before = state_.said;
    begun_ = true;
    if (event.kind == domain::DialogueEventKind::utterance)
        event.findings = co_await read_again(event.text, topic_before);
    auto decided = step(event);
    const bool goes_on = event.overheard && decided.move.speak.empty();
    const bool may_word = deps_.reply_writer != nullptr && may_speak && !decided.move.fixed_words &&
                          event.kind == domain::DialogueEventKind::utterance && !event.overheard;
    if (event.kind == domain::DialogueEventKind::hung_up) count_topics();
    auto record = make_record(decided);
    if (speech && !speech->text.empty()) add_patient_turn(record, *speech, topic_before);
    if (may_speak && !may_word) add_assistant_turn(record, decided.move, own_wording(decided.move));
    co_await keep(std::move(record));
    if (may_word) decided.move = co_await word(std::move(decided.move), event, topic_before, heard_before);
    if (!goes_on) last_move_ = decided.move;
    co_return std::move(decided.move);
}

void Conversation::count_topics() const {
    for (const auto& progress : state_.topics)
        deps_.metrics.add("carevoice_topics_total", {{"topic", progress.topic}, {"state", to_string(progress.state)}});
}

async::Task<std::vector<domain::ConceptFinding>> Conversation::read_again(std::string words, std::string question) {
    std::vector<domain::ConceptFinding> findings;
    if (deps_.second_reader == nullptr || deps_.reading_pool == nullptr) co_return findings;
    auto reading = [reader = deps_.second_reader, words = std::move(words),
                    question = std::move(question)]() -> Result<std::vector<domain::ConceptFinding>> {
        return reader->read(words, question);
    };
    const auto began = deps_.clock.steady_now();
    auto read = co_await deps_.reading_pool->run(std::move(reading));
    deps_.metrics.observe_seconds("carevoice_second_reader_seconds",
                                  std::chrono::duration<double>(deps_.clock.steady_now() - began).count());
    if (read.has_value()) {
        findings = std::move(*read);
    } else {
        deps_.metrics.add("carevoice_second_reader_skipped_total");
    }
    co_return findings;
}

async::Task<> Conversation::keep(storage::TurnRecord record) {
    unwritten_.push_back(std::move(record));
    if (unwritten_.size() > unwritten_max) {
        unwritten_.pop_front();
        deps_.metrics.add("carevoice_turns_lost_total");
        log(LogLevel::error, "turn lost: the database is away for too long", {{"call", id_.str()}});
    }
    if (const auto flushed = co_await flush(Deadline::in(std::chrono::seconds(1))); flushed.has_error())
        log(LogLevel::warning, "turn not stored yet", {{"call", id_.str()}, {"reason", flushed.error().detail}});
}

async::Task<domain::Move> Conversation::word(domain::Move move, domain::DialogueEvent event, std::string topic_before,
                                             std::vector<std::uint32_t> heard_before) {
    remember(domain::Speaker::patient, event.text);
    ai::TurnBrief brief{.patient_said = event.text,
                        .topic_answered = std::move(topic_before),
                        .next_topic = move.topic,
                        .own_wording = move.speak,
                        .phase = state_.phase,
                        .identity_verified = state_.identity_verified,
                        .fixed_words = move.fixed_words,
                        .procedure_family = patient_->procedure_family,
                        .post_operative_day = context_.post_operative_day,
                        .recent_turns = recent_,
                        .identifiers = ai::identifiers_of(*patient_),
                        .heard = heard_before};
    const auto began = deps_.clock.steady_now();
    auto written = co_await deps_.reply_writer->write(std::move(brief), Deadline::in(wording_patience));
    auto wording = std::move(written.wording);
    if (written.asked)
        wording.model_ms = std::chrono::duration_cast<milliseconds>(deps_.clock.steady_now() - began).count();
    if (wording.source == domain::WordingSource::model) {
        move.speak = std::move(written.speak);
        move.pauses.clear();  // they were those of our own words
        state_.last_spoken = move.speak;
        // Ours were never heard; the model's must not come again.
        state_.said = std::move(heard_before);
        domain::dialogue::add_heard(state_.said, move.speak);
    }
    auto findings =
        co_await deps_.reply_writer->findings(std::move(written.rest), event.text, Deadline::in(findings_patience));
    domain::DialogueStep noticed;
    if (!findings.empty()) {
        event.kind = domain::DialogueEventKind::second_thoughts;
        event.findings = std::move(findings);
        noticed = step(event);
        // The model saw an emergency that nobody else did: its check question goes before everything.
        if (!noticed.move.speak.empty()) {
            move = noticed.move;
            wording = {.source = domain::WordingSource::fixed, .model_ms = wording.model_ms};
        }
    }
    remember(domain::Speaker::assistant, move.speak);
    auto record = make_record(noticed);
    add_assistant_turn(record, move, std::move(wording));
    co_await keep(std::move(record));
    co_return move;
}

void Conversation::remember(domain::Speaker speaker, const std::string& text) {
    recent_.push_back({speaker, text});
    if (recent_.size() > recent_turns_max) recent_.erase(recent_.begin());
}

storage::TurnRecord Conversation::make_record(const domain::DialogueStep& step) {
    storage::TurnRecord record;
    record.call_session_id = id_;
    record.owner_epoch = owner_epoch_;
    // Without an epoch a restarted process would name its first record as the one before did.
    if (owner_epoch_ > 0) record.key = std::to_string(owner_epoch_) + "." + std::to_string(++records_);
    record.facts = step.learned;
    record.alerts = step.alerts;
    record.dialogue_state = domain::to_json(state_);
    record.current_topic = state_.topic;
    record.topics = state_.topics;
    record.outcome = state_.outcome;
    record.opt_out = step.opt_out;
    record.consents = step.consents;
    record.caregiver = step.caregiver;
    record.language = step.language;
    record.now = deps_.clock.wall_now();
    if (deps_.plan_alert && !record.alerts.empty())
        record.plan = [plan = deps_.plan_alert, patient = *patient_](const domain::Alert& alert) {
            return plan(patient, alert);
        };
    return record;
}

void Conversation::add_patient_turn(storage::TurnRecord& record, const PatientSpeech& speech, std::string topic) {
    domain::Turn turn;
    turn.speaker = domain::Speaker::patient;
    turn.topic = std::move(topic);
    turn.text = speech.text;
    turn.ended_at = record.now - speech.ended_ago;
    turn.started_at = turn.ended_at - speech.duration;
    turn.confidence = speech.confidence;
    turn.audio_ms = speech.audio_ms;
    turn.interrupted = speech.interrupted;
    record.turns.push_back(std::move(turn));
}

void Conversation::add_assistant_turn(storage::TurnRecord& record, const domain::Move& move, domain::Wording wording) {
    if (move.speak.empty()) return;
    deps_.metrics.add("carevoice_wording_total",
                      {{"source", to_string(wording.source)},
                       {"fallback", wording.fallback ? to_string(*wording.fallback) : std::string_view("none")}});
    domain::Turn turn;
    turn.speaker = domain::Speaker::assistant;
    turn.topic = move.topic;
    turn.text = move.speak;
    turn.started_at = record.now;
    turn.ended_at = record.now + speaking_time(move.speak);
    turn.wording = std::move(wording);
    record.turns.push_back(std::move(turn));
}

async::Task<Result<>> Conversation::flush(Deadline deadline) {
    milliseconds wait{50};
    while (!unwritten_.empty()) {
        const auto written = co_await write_front();
        if (written.has_value()) continue;
        if (written.error().code == Errc::conflict && written.error().field == "owner_epoch") {
            taken_over_ = true;
            unwritten_.clear();
            co_return written.error();
        }
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
    auto question = [record = unwritten_.front(), &random = deps_.random](storage::Database& database) {
        const auto new_id = [&random] { return AlertId("alert-" + random.hex(12)); };
        return database.conversations().record(record, new_id);
    };
    const auto written = co_await deps_.store.ask(std::move(question));
    if (written.has_error()) co_return written.error();
    auto record = std::move(unwritten_.front());
    unwritten_.pop_front();
    if (!written->alerts.empty() && deps_.on_notifications) deps_.on_notifications();
    tell_watcher(std::move(record), *written);
    co_return Result<>{};
}

void Conversation::tell_watcher(storage::TurnRecord record, const storage::TurnStored& stored) const {
    if (deps_.watcher == nullptr) return;
    const auto numbered = std::min(record.turns.size(), stored.sequences.size());
    record.turns.resize(numbered);
    for (std::size_t i = 0; i < numbered; ++i) record.turns[i].sequence = stored.sequences[i];
    if (numbered > 0) deps_.watcher->on_turns(id_, record.turns);
    for (const auto& alert : stored.alerts) deps_.watcher->on_alert(alert);
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

async::Task<std::optional<std::string>> Conversation::polished(std::string summary) {
    if (deps_.summary_writer == nullptr || summary.empty()) co_return std::nullopt;
    auto statements = domain::dialogue::statements_of(summary);
    auto identifiers = ai::identifiers_of(*patient_);
    co_return co_await deps_.summary_writer->polish(std::move(statements), std::move(identifiers),
                                                    Deadline::in(summary_patience));
}

}  // namespace carevoice::calls
