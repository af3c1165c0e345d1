#include "calls/live_call.h"

#include "core/log.h"

#include <boost/asio/post.hpp>

namespace carevoice::calls {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;

/// A webhook answers within a second whatever else is slow.
constexpr milliseconds webhook_lock_wait = 700ms;
/// Before MAX_CALL_SECONDS the call is closed kindly.
constexpr milliseconds goodbye_before_end = 20s;

}  // namespace

speech::Expectation expectation_of(domain::AnswerKind kind) noexcept {
    using domain::AnswerKind;
    using speech::Expectation;
    switch (kind) {
        case AnswerKind::none: return Expectation::anything;
        case AnswerKind::yes_no: return Expectation::yes_no;
        case AnswerKind::number: return Expectation::number;
        case AnswerKind::temperature: return Expectation::temperature;
        case AnswerKind::date: return Expectation::date;
        case AnswerKind::name_and_date: return Expectation::name_and_date;
        case AnswerKind::choice: return Expectation::choice;
        case AnswerKind::story: return Expectation::story;
    }
    return Expectation::anything;
}

LiveCall::LiveCall(async::Executor strand, LiveCallDeps deps, domain::Call call, Conversation conversation)
    : strand_(std::move(strand)),
      deps_(deps),
      call_(std::move(call)),
      owner_epoch_(call_.owner_epoch),
      conversation_(std::move(conversation)) {
    gather_only_ = call_.mode == domain::CallMode::gather || deps_.engine == nullptr;
    // Taken over from another instance, or from before a restart: ask the pending question again.
    if (conversation_.begun()) undelivered_ = conversation_.last_move();
}

LiveCall::~LiveCall() = default;

// ---- Answer

async::Task<Result<std::string>> LiveCall::answer_voice(twilio::Webhook webhook, std::string idempotency_token) {
    if (!idempotency_token.empty() && idempotency_token == last_token_) co_return last_twiml_;
    if (const auto adopted = adopt_sid(webhook.call_sid); adopted.has_error()) co_return adopted.error();
    const auto hold = co_await turn_.lock(Deadline::in(webhook_lock_wait));
    if (let_go_) co_return holding_twiml(reply_context(Hearing::stream_running), 1);
    if (over_) co_return hangup_twiml();
    if (hold.has_error()) co_return holding_twiml(reply_context(choose_hearing()), 1);
    mark_answered();

    if (!conversation_.begun()) {
        domain::DialogueEvent event{.kind = domain::DialogueEventKind::answered};
        undelivered_ = co_await conversation_.take(std::move(event), std::nullopt);
    } else if (!undelivered_) {
        if (hearing_speech_) co_return holding_twiml(reply_context(choose_hearing()), 2);
        if (const auto left = patience_left(); left > 0ms)
            co_return holding_twiml(reply_context(choose_hearing()),
                                    static_cast<int>(std::chrono::ceil<std::chrono::seconds>(left).count()));
        const bool stream_never_came = stream_ == StreamState::starting;
        if (stream_never_came) {
            log(LogLevel::warning, "media stream did not open, using gather", {{"call", id().str()}});
            gather_only_ = true;
            undelivered_ = conversation_.last_move();
        } else {
            domain::DialogueEvent event{.kind = domain::DialogueEventKind::silence};
            undelivered_ = co_await conversation_.take(std::move(event), std::nullopt);
        }
    }
    if (conversation_.taken_over()) co_return holding_twiml(reply_context(Hearing::stream_running), 1);
    auto twiml = co_await compose(*undelivered_);
    undelivered_.reset();
    last_token_ = std::move(idempotency_token);
    last_twiml_ = twiml;
    co_return twiml;
}

async::Task<Result<std::string>> LiveCall::answer_gather(twilio::Webhook webhook, std::string idempotency_token) {
    if (!idempotency_token.empty() && idempotency_token == last_token_) co_return last_twiml_;
    if (const auto adopted = adopt_sid(webhook.call_sid); adopted.has_error()) co_return adopted.error();
    const auto hold = co_await turn_.lock(Deadline::in(webhook_lock_wait));
    if (let_go_) co_return holding_twiml(reply_context(Hearing::stream_running), 1);
    if (over_) co_return hangup_twiml();
    if (hold.has_error()) co_return holding_twiml(reply_context(Hearing::gather), 1);
    mark_answered();
    auto move = co_await take_gathered(webhook);
    if (conversation_.taken_over()) co_return holding_twiml(reply_context(Hearing::stream_running), 1);
    auto twiml = co_await compose(std::move(move));
    last_token_ = std::move(idempotency_token);
    last_twiml_ = twiml;
    co_return twiml;
}

Result<> LiveCall::adopt_sid(const CallSid& sid) {
    // The webhook may overtake the answer to our own Calls.json; then it is the first to tell the SID.
    if (call_.call_sid.empty()) call_.call_sid = sid;
    if (call_.call_sid == sid) return {};
    return Error{Errc::conflict, "this CallSid belongs to another call", "CallSid"};
}

void LiveCall::mark_answered() {
    if (call_.answered_at) return;
    call_.answered_at = deps_.conversation.clock.wall_now();
    tasks_.spawn(strand_, say_goodbye_in_time());
}

async::Task<> LiveCall::say_goodbye_in_time() {
    const auto span = std::chrono::seconds(deps_.settings.max_call_seconds) - goodbye_before_end;
    if (const auto slept = co_await async::sleep_for(std::max<milliseconds>(span, 1s)); slept.has_error()) co_return;
    const auto hold = co_await turn_.lock();
    if (hold.has_error() || over_) co_return;
    domain::DialogueEvent event{.kind = domain::DialogueEventKind::time_is_up};
    auto move = co_await conversation_.take(std::move(event), std::nullopt);
    co_await deliver(std::move(move), std::nullopt);
}

async::Task<> LiveCall::take_machine_verdict(domain::AnsweredBy verdict, bool ready_for_message) {
    call_.answered_by = verdict;
    if (verdict != domain::AnsweredBy::machine && verdict != domain::AnsweredBy::fax) co_return;
    const auto hold = co_await turn_.lock();
    if (hold.has_error() || over_) co_return;
    domain::DialogueEvent event{.kind = domain::DialogueEventKind::machine};
    if (ready_for_message) event.text = "beep";
    auto move = co_await conversation_.take(std::move(event), std::nullopt);
    co_await deliver(std::move(move), std::nullopt);
}

// ---- Listen

async::Task<Result<>> LiveCall::attach(twilio::StreamStart start, std::shared_ptr<MediaSession> session) {
    const auto token =
        std::ranges::find(start.parameters, "token", [](const auto& parameter) { return parameter.first; });
    const bool token_fits =
        token != start.parameters.end() && !call_.stream_token.empty() && token->second == call_.stream_token;
    if (!token_fits || over_ || call_.call_sid.str() != start.call_sid) {
        log(LogLevel::warning, "media stream refused", {{"call", id().str()}});
        co_return Error{Errc::forbidden, "the stream's token does not fit this call"};
    }
    call_.stream_token.clear();
    session_ = std::move(session);
    stream_ = StreamState::open;
    hearing_speech_ = false;
    hint_listener();
    // Burned in memory before the first suspension; the store follows, so that no other instance takes it either.
    co_await store_stream_token();
    log(LogLevel::info, "media stream open", {{"call", id().str()}});
    co_return Result<>{};
}

void LiveCall::on_heard(speech::Heard heard) {
    asio::post(strand_, [self = shared_from_this(), heard = std::move(heard)]() mutable {
        if (std::holds_alternative<speech::SpeechStarted>(heard)) {
            self->hearing_speech_ = true;
        } else if (auto* const utterance = std::get_if<speech::Utterance>(&heard)) {
            self->tasks_.spawn(self->strand_, self->take_utterance(std::move(*utterance)));
        } else if (auto* const partial = std::get_if<speech::PartialText>(&heard)) {
            self->show(std::move(*partial));
        }
    });
}

void LiveCall::show(speech::PartialText partial) const {
    auto* const watcher = deps_.conversation.watcher;
    if (watcher == nullptr || partial.text.empty()) return;
    watcher->on_partial({.call_session_id = id(),
                         .topic = conversation_.state().topic,
                         .text = std::move(partial.text),
                         .audio_ms = partial.start_ms});
}

void LiveCall::on_stream_ended() {
    asio::post(strand_, [self = shared_from_this()] {
        self->session_.reset();
        self->hearing_speech_ = false;
        if (self->stream_ == StreamState::open) self->stream_ = StreamState::lost;
        if (!self->over_) self->tasks_.spawn(self->strand_, self->recover_stream());
    });
}

async::Task<> LiveCall::stream_failed() {
    if (over_ || stream_ == StreamState::open) co_return;
    stream_ = StreamState::lost;
    stream_losses_ = 2;
    co_await recover_stream();
}

async::Task<> LiveCall::take_up() {
    if (over_ || stream_ != StreamState::none || !conversation_.begun()) co_return;
    stream_ = StreamState::lost;
    co_await recover_stream();
}

// ---- Understand

async::Task<> LiveCall::take_utterance(speech::Utterance utterance) {
    const auto hold = co_await turn_.lock();
    if (hold.has_error()) co_return;
    hearing_speech_ = false;
    if (utterance.failed) {
        deps_.conversation.metrics.add("carevoice_utterances_not_transcribed_total");
        gather_only_ = true;  // our recogniser cannot keep up: the rest of the call goes through Twilio's
    }
    // Noise without words is no answer; the silence of the question goes on.
    if (utterance.text.empty() && !utterance.failed) co_return;
    const auto now = std::chrono::steady_clock::now();
    PatientSpeech speech;
    speech.text = utterance.text;
    speech.confidence = utterance.confidence;
    speech.duration = milliseconds{utterance.end_ms - utterance.start_ms};
    speech.ended_ago = std::chrono::duration_cast<milliseconds>(now - utterance.speech_ended);
    speech.audio_ms = utterance.start_ms;
    speech.interrupted = utterance.cut_off;
    const SteadyTime began = utterance.speech_ended - speech.duration;
    domain::DialogueEvent event{.kind = domain::DialogueEventKind::utterance,
                                .text = utterance.text,
                                .confidence = utterance.confidence,
                                .audio_ms = utterance.start_ms};
    event.overheard = began < reply_given_at_;
    const bool listening_only = over_ || utterance.cut_off;
    auto move = co_await conversation_.take(std::move(event), std::move(speech), !listening_only);
    if (!listening_only && !move.speak.empty()) co_await deliver(std::move(move), utterance.speech_ended);
}

async::Task<domain::Move> LiveCall::take_gathered(const twilio::Webhook& webhook) {
    domain::DialogueEvent event;
    std::optional<PatientSpeech> speech;
    if (!webhook.digits.empty()) {
        event.kind = domain::DialogueEventKind::key;
        event.text = webhook.digits;
        speech = PatientSpeech{.text = "[keys " + webhook.digits + "]"};
    } else if (!webhook.speech_result.empty()) {
        event.kind = domain::DialogueEventKind::utterance;
        event.text = webhook.speech_result;
        event.confidence = webhook.confidence.value_or(1.0);
        speech = PatientSpeech{.text = webhook.speech_result, .confidence = event.confidence};
    } else {
        event.kind = domain::DialogueEventKind::silence;
    }
    co_return co_await conversation_.take(std::move(event), std::move(speech));
}

}  // namespace carevoice::calls
