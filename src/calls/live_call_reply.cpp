// The reply and finish stages of a live call.
#include "calls/live_call.h"
#include "core/log.h"

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds update_deadline = 3s;
constexpr int update_attempts = 2;
/// After the stream's end, the status callback of a hang-up is given this long before we take the stream for lost.
constexpr milliseconds hang_up_wait = 1500ms;
constexpr int stream_losses_max = 2;
constexpr milliseconds stream_end_wait = 10s;
/// A turn takes this long at most, but for a database that is away.
constexpr milliseconds turn_end_wait = 3s;
constexpr milliseconds last_write_wait = 60s;
/// A redirect may come this much before the patience is over: clocks and rounding.
constexpr milliseconds patience_slack = 300ms;

bool call_is_over(const Error& error) {
    return error.code == Errc::conflict || error.code == Errc::not_found;
}

domain::CallOutcome unanswered_outcome(domain::CallStatus status) {
    using domain::CallStatus;
    return status == CallStatus::busy || status == CallStatus::no_answer ? domain::CallOutcome::no_answer
                                                                         : domain::CallOutcome::failed;
}

}  // namespace

Hearing LiveCall::choose_hearing() const {
    if (gather_only_) return Hearing::gather;
    return stream_ == StreamState::open || stream_ == StreamState::starting ? Hearing::stream_running
                                                                            : Hearing::start_stream;
}

ReplyContext LiveCall::reply_context(Hearing hearing) const {
    const auto& team = conversation_.patient().care_team;
    return ReplyContext{.settings = deps_.settings,
                        .call_session_id = id(),
                        .hearing = hearing,
                        .stream_token = call_.stream_token,
                        .transfer_number = team ? team->phone : std::string{}};
}

milliseconds LiveCall::patience_left() const {
    const auto waited = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - reply_given_at_);
    return conversation_.last_move().patience - patience_slack - waited;
}

async::Task<std::string> LiveCall::compose(domain::Move move) {
    const Hearing hearing = choose_hearing();
    if (hearing == Hearing::start_stream) {
        call_.stream_token = deps_.conversation.random.hex(16);
        stream_ = StreamState::starting;
        co_await store_stream_token();
    }
    hint_listener();
    attend_recording();
    auto twiml = reply_twiml(move, reply_context(hearing));
    reply_given_at_ = std::chrono::steady_clock::now();
    if (twiml.has_value()) co_return std::move(*twiml);
    log(LogLevel::error, "reply could not be written as TwiML",
        {{"call", id().str()}, {"reason", twiml.error().detail}});
    co_return holding_twiml(reply_context(hearing), 1);
}

void LiveCall::hint_listener() {
    if (!session_) return;
    const auto& move = conversation_.last_move();
    session_->expect(expectation_of(move.expects), move.speech_prompt);
}

async::Task<> LiveCall::store_stream_token() {
    auto question = [id = id(), token = call_.stream_token](storage::Database& database) {
        return database.calls().update(id, [&token](domain::Call& call) { call.stream_token = token; });
    };
    const auto stored = co_await deps_.conversation.store.ask(std::move(question));
    if (stored.has_error())
        log(LogLevel::warning, "stream token not stored", {{"call", id().str()}, {"reason", stored.error().detail}});
}

void LiveCall::attend_recording() {
    if (deps_.recorder == nullptr || over_ || call_.call_sid.empty() || recording_withdrawn_) return;
    const auto& state = conversation_.state();
    const bool may = may_record(state, conversation_.patient(), call_.call_type);
    if (may && !recording_asked_) {
        recording_asked_ = true;
        tasks_.spawn(strand_, start_recording());
    }
    // Another instance may have started it, so a plain no counts as well.
    if (!may && (recording_asked_ || refuses_recording(state, call_.call_type))) {
        recording_withdrawn_ = true;
        tasks_.spawn(strand_, deps_.recorder->withdraw(id(), call_.call_sid));
    }
}

async::Task<> LiveCall::start_recording() {
    const bool settled = co_await deps_.recorder->start(id(), call_.call_sid);
    // The database was away: the next reply tries again.
    if (!settled) recording_asked_ = false;
}

async::Task<> LiveCall::deliver(domain::Move move, std::optional<SteadyTime> speech_ended) {
    if (conversation_.taken_over()) {
        over_ = true;
        co_return;
    }
    auto twiml = co_await compose(move);
    // Until Twilio has it, the voice webhook may be asked for it: then it answers with these words.
    undelivered_ = std::move(move);
    for (int attempt = 1; attempt <= update_attempts; ++attempt) {
        if (attempt == 1 && speech_ended) {
            const std::chrono::duration<double> latency = std::chrono::steady_clock::now() - *speech_ended;
            deps_.conversation.metrics.observe_seconds("carevoice_reply_seconds", latency.count());
        }
        const auto updated = co_await deps_.telephony.update_call(call_.call_sid, twiml, Deadline::in(update_deadline));
        if (updated.has_value()) {
            undelivered_.reset();
            co_return;
        }
        if (call_is_over(updated.error())) {
            over_ = true;
            co_return;
        }
        log(LogLevel::warning, "live-call update failed",
            {{"call", id().str()}, {"attempt", attempt}, {"code", to_string(updated.error().code)}});
        if (over_) co_return;
    }
}

async::Task<> LiveCall::recover_stream() {
    if (const auto slept = co_await async::sleep_for(hang_up_wait); slept.has_error()) co_return;
    const auto hold = co_await turn_.lock();
    if (hold.has_error() || over_ || stream_ != StreamState::lost) co_return;
    ++stream_losses_;
    deps_.conversation.metrics.add("carevoice_streams_lost_total");
    if (stream_losses_ >= stream_losses_max) gather_only_ = true;
    log(LogLevel::warning, "media stream lost",
        {{"call", id().str()}, {"then", gather_only_ ? "gather" : "new stream"}});
    co_await deliver(conversation_.last_move(), std::nullopt);
}

async::Task<Result<>> LiveCall::end(Deadline deadline) {
    auto ended = co_await deps_.telephony.end_call(call_.call_sid, call_.answered_at.has_value(), deadline);
    if (ended.has_error() && call_is_over(ended.error())) co_return Result<>{};
    co_return ended;
}

async::Task<> LiveCall::wait_for_stream_end(Deadline deadline) {
    while (session_ && !deadline.passed(std::chrono::steady_clock::now()))
        if (const auto slept = co_await async::sleep_for(20ms); slept.has_error()) co_return;
}

async::Task<> LiveCall::let_go() {
    if (finishing_) co_return;
    finishing_ = true;
    // What was understood is answered here; what is said from here on, the next owner hears.
    const auto hold = co_await turn_.lock(Deadline::in(turn_end_wait));
    let_go_ = true;
    over_ = true;
    co_await tasks_.stop();
    (void)co_await conversation_.flush(Deadline::in(stream_end_wait));
    if (const auto session = session_) co_await session->close();
}

async::Task<> LiveCall::finish(domain::CallStatus final_status) {
    if (finishing_) co_return;
    finishing_ = true;
    over_ = true;
    co_await wait_for_stream_end(Deadline::in(stream_end_wait));
    // on_stream_ended() was posted after the last words: their task is in the queue of the mutex before us.
    {
        const auto hold = co_await turn_.lock(Deadline::in(stream_end_wait));
        if (conversation_.begun()) {
            domain::DialogueEvent event{.kind = domain::DialogueEventKind::hung_up};
            co_await conversation_.take(std::move(event), std::nullopt, false);
        }
    }
    if (const auto flushed = co_await conversation_.flush(Deadline::in(last_write_wait)); flushed.has_error())
        log(LogLevel::error, "the end of a call could not be stored", {{"call", id().str()}});
    const auto outcome = conversation_.begun() ? conversation_.state().outcome : unanswered_outcome(final_status);
    auto summary = conversation_.begun() ? co_await conversation_.summary() : std::string{};
    auto question = [id = id(), outcome, summary](storage::Database& database) {
        return database.calls().update(id, [&](domain::Call& call) {
            call.outcome = outcome;
            call.summary = summary;
            call.stream_token.clear();
        });
    };
    const auto stored = co_await deps_.conversation.store.ask(std::move(question));
    if (stored.has_error())
        log(LogLevel::error, "outcome not stored", {{"call", id().str()}, {"reason", stored.error().detail}});
    else if (deps_.conversation.watcher != nullptr)
        deps_.conversation.watcher->on_call(*stored);
    if (auto polished = co_await conversation_.polished(std::move(summary))) {
        auto replace = [id = id(), polished = std::move(*polished)](storage::Database& database) {
            return database.calls().update(id, [&](domain::Call& call) { call.summary = polished; });
        };
        co_await deps_.conversation.store.ask(std::move(replace));
    }
    co_await tasks_.stop();
    log(LogLevel::info, "call finished", {{"call", id().str()}, {"outcome", to_string(outcome)}});
}

}  // namespace carevoice::calls
