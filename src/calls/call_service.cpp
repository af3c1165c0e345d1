#include "calls/call_service.h"

#include "calls/calling_hours.h"
#include "core/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>

namespace carevoice::calls {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;

/// The call's own coroutine on its strand; the caller goes on on its own executor.
template <class T>
async::Task<T> on_strand(const async::Executor& strand, async::Task<T> work) {
    co_return co_await asio::co_spawn(strand, std::move(work), asio::use_awaitable);
}

bool belongs_to_another(const domain::Call& call, const CallSid& sid) {
    return !call.call_sid.empty() && call.call_sid != sid;
}

Error another_call() {
    return Error{Errc::conflict, "this CallSid belongs to another call", "CallSid"};
}

Error unknown_call() {
    return Error{Errc::not_found, "no such call", "call_session_id"};
}

/// Detection that listens to the greeting's end reports when a message may be left.
bool is_ready_for_message(std::string_view answered_by) {
    return answered_by.starts_with("machine_end");
}

std::string event_key(const twilio::Webhook& webhook) {
    if (webhook.sequence_number) return "status:" + std::to_string(*webhook.sequence_number);
    return "status:" + webhook.call_status;
}

}  // namespace

CallService::CallService(CallServiceDeps deps)
    : deps_(std::move(deps)),
      loading_strand_(asio::make_strand(deps_.executor)),
      live_deps_{.settings = deps_.settings,
                 .conversation = deps_.conversation,
                 .telephony = deps_.telephony,
                 .engine = deps_.engine,
                 .recorder = deps_.recorder},
      own_rate_(deps_.settings.calls_per_second, deps_.conversation.clock),
      scheduler_({.settings = deps_.settings,
                  .store = deps_.conversation.store,
                  .clock = deps_.conversation.clock,
                  .random = deps_.conversation.random,
                  .metrics = deps_.conversation.metrics,
                  .telephony = deps_.telephony,
                  .plan = deps_.plan,
                  .zones = zones_,
                  .rate = deps_.rate != nullptr ? *deps_.rate : own_rate_,
                  .live_calls = [this] { return live_calls(); },
                  .plan_alert = deps_.conversation.plan_alert,
                  .watcher = deps_.conversation.watcher}) {}

CallService::~CallService() = default;

// ---- Store

async::Task<Result<domain::Patient>> CallService::find_patient(PatientId id) {
    auto question = [id = std::move(id)](storage::Database& database) { return database.patients().find(id); };
    auto found = co_await deps_.conversation.store.ask(std::move(question));
    if (found.has_error() && found.error().code == Errc::not_found)
        co_return Error{Errc::not_found, "no such patient", "patient_id"};
    co_return found;
}

async::Task<Result<domain::Call>> CallService::find(CallSessionId id) {
    auto question = [id = std::move(id)](storage::Database& database) { return database.calls().find(id); };
    auto found = co_await deps_.conversation.store.ask(std::move(question));
    if (found.has_error() && found.error().code == Errc::not_found) co_return unknown_call();
    co_return found;
}

async::Task<Result<domain::Call>> CallService::update(CallSessionId id, std::function<void(domain::Call&)> change) {
    auto question = [id = std::move(id), change = std::move(change)](storage::Database& database) {
        return database.calls().update(id, change);
    };
    auto updated = co_await deps_.conversation.store.ask(std::move(question));
    if (updated.has_error() && updated.error().code == Errc::not_found) co_return unknown_call();
    if (updated.has_value()) tell_watcher(*updated);
    co_return updated;
}

async::Task<Result<CallDetails>> CallService::details(CallSessionId id) {
    auto question = [id = std::move(id)](storage::Database& database) -> Result<CallDetails> {
        auto call = database.calls().find(id);
        if (call.has_error()) return call.error().code == Errc::not_found ? unknown_call() : call.error();
        auto facts = database.conversations().facts(id);
        if (facts.has_error()) return facts.error();
        storage::AlertFilter filter;
        filter.call_session_id = id;
        auto alerts = database.alerts().list(filter, storage::PageRequest{.limit = 50, .cursor = {}});
        if (alerts.has_error()) return alerts.error();
        auto turns = database.conversations().turns(id);
        if (turns.has_error()) return turns.error();
        CallDetails found{std::move(*call), std::move(*facts), std::move(alerts->items), std::move(*turns)};
        auto recording = database.recordings().find(id);
        if (recording.has_error() && recording.error().code != Errc::not_found) return recording.error();
        if (recording.has_value()) found.recording = std::move(*recording);
        return found;
    };
    co_return co_await deps_.conversation.store.ask(std::move(question));
}

// ---- Live calls

CallService::LivePtr CallService::find_live(const CallSessionId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(id);
    return found == live_.end() ? nullptr : found->second;
}

std::size_t CallService::live_calls() const {
    const std::lock_guard lock(mutex_);
    return live_.size();
}

async::Task<Result<CallService::LivePtr>> CallService::live(CallSessionId id) {
    if (auto known = find_live(id)) co_return known;
    if (stopping_) co_return Error{Errc::unavailable, "this instance is going down"};
    auto work = load(std::move(id));
    co_return co_await on_strand(loading_strand_, std::move(work));
}

async::Task<Result<CallService::LivePtr>> CallService::load(CallSessionId id) {
    // Two webhooks at once: the first one loads the call, the second finds it.
    auto& mutex = loading_[std::hash<CallSessionId>{}(id) % loading_.size()];
    const auto hold = co_await mutex.lock();
    if (hold.has_error()) co_return hold.error();
    if (auto known = find_live(id)) co_return known;
    // Whoever followed the call before finds its records refused from here on.
    auto call = co_await update(id, [&self = deps_.settings.instance_origin](domain::Call& stored) {
        stored.owner = self;
        ++stored.owner_epoch;
    });
    if (call.has_error()) co_return call.error();
    auto patient = co_await find_patient(call->patient_id);
    if (patient.has_error()) co_return patient.error();
    if (call->mode == domain::CallMode::updates && overloaded()) call->mode = domain::CallMode::gather;
    auto history = [call = *call](storage::Database& database) { return find_earlier_calls(database, call); };
    auto earlier = co_await deps_.conversation.store.ask(std::move(history));
    // Trends are worth a question to the database, not the call.
    if (earlier.has_error()) earlier = EarlierCalls{};
    auto conversation = Conversation::open(deps_.conversation, *call, std::move(*patient), deps_.settings.organisation,
                                           deps_.settings.callback_number, std::move(*earlier));
    if (conversation.has_error()) co_return conversation.error();
    auto loaded = std::make_shared<LiveCall>(asio::make_strand(deps_.executor), live_deps_, std::move(*call),
                                             std::move(*conversation));
    const std::lock_guard lock(mutex_);
    live_.emplace(std::move(id), loaded);
    deps_.conversation.metrics.set("carevoice_live_calls", static_cast<double>(live_.size()));
    co_return loaded;
}

bool CallService::overloaded() const noexcept {
    return deps_.engine == nullptr ||
           deps_.engine->load() >= deps_.engine->workers() * deps_.settings.stt_backlog_per_worker;
}

async::Task<> CallService::finish(LivePtr call, domain::CallStatus status) {
    co_await on_strand(call->strand(), call->finish(status));
    scheduler_.nudge();  // its outcome decides what follows
    const std::lock_guard lock(mutex_);
    live_.erase(call->id());
    deps_.conversation.metrics.set("carevoice_live_calls", static_cast<double>(live_.size()));
}

// ---- Webhooks

async::Task<Result<std::string>> CallService::voice(CallSessionId id, twilio::Webhook webhook,
                                                    std::string idempotency_token) {
    if (auto elsewhere = send_on(id)) co_return std::move(*elsewhere);
    const auto call = co_await live(id);
    if (call.has_error()) co_return call.error();
    auto work = (*call)->answer_voice(std::move(webhook), std::move(idempotency_token));
    co_return co_await on_strand((*call)->strand(), std::move(work));
}

async::Task<Result<std::string>> CallService::gather(CallSessionId id, twilio::Webhook webhook,
                                                     std::string idempotency_token) {
    const auto call = co_await live(id);
    if (call.has_error()) co_return call.error();
    auto work = (*call)->answer_gather(std::move(webhook), std::move(idempotency_token));
    co_return co_await on_strand((*call)->strand(), std::move(work));
}

async::Task<Result<>> CallService::status(CallSessionId id, twilio::Webhook webhook) {
    const auto reported = domain::parse_call_status(webhook.call_status);
    if (!reported) co_return Error{Errc::invalid_input, "not a call status", "CallStatus"};
    const auto now = deps_.conversation.clock.wall_now();
    storage::CallEvent event{.call_session_id = id,
                             .key = event_key(webhook),
                             .kind = "status",
                             .detail_json = "{\"status\":\"" + std::string(to_string(*reported)) + "\"}",
                             .received_at = now};
    auto question = [event = std::move(event), sid = webhook.call_sid](storage::Database& database) -> Result<bool> {
        const auto known = database.calls().find(event.call_session_id);
        if (known.has_error()) return known.error();
        if (belongs_to_another(*known, sid)) return another_call();
        return database.calls().add_event(event);
    };
    const auto fresh = co_await deps_.conversation.store.ask(std::move(question));
    if (fresh.has_error()) co_return fresh.error().code == Errc::not_found ? unknown_call() : fresh.error();
    const auto call = co_await update(id, [reported = *reported, webhook, now](domain::Call& stored) {
        if (stored.call_sid.empty()) stored.call_sid = webhook.call_sid;
        if (stored.call_sid != webhook.call_sid) return;
        stored.status = domain::advance(stored.status, reported);
        if (reported == domain::CallStatus::in_progress && !stored.answered_at)
            stored.answered_at = webhook.timestamp.value_or(now);
        if (!webhook.answered_by.empty() && !stored.answered_by)
            stored.answered_by = domain::parse_answered_by(webhook.answered_by);
        if (domain::is_final(stored.status) && !stored.ended_at) stored.ended_at = webhook.timestamp.value_or(now);
    });
    if (call.has_error()) co_return call.error();
    if (domain::is_final(call->status)) scheduler_.call_ended(id, call->status);
    const bool ended_just_now = *fresh && domain::is_final(call->status) && call->outcome == domain::CallOutcome::none;
    if (!ended_just_now && !(domain::is_final(call->status) && find_live(id))) co_return Result<>{};
    // A call that nobody answered has no conversation yet; it still needs its outcome.
    auto ending = co_await live(id);
    if (ending.has_error()) co_return ending.error();
    tasks_.spawn((*ending)->strand(), finish(*ending, call->status));
    co_return Result<>{};
}

async::Task<Result<>> CallService::machine_verdict(CallSessionId id, twilio::Webhook webhook) {
    const auto verdict = domain::parse_answered_by(webhook.answered_by);
    const auto updated = co_await update(id, [verdict, sid = webhook.call_sid](domain::Call& call) {
        if (!belongs_to_another(call, sid)) call.answered_by = verdict;
    });
    if (updated.has_error()) co_return updated.error();
    if (belongs_to_another(*updated, webhook.call_sid)) co_return another_call();
    if (domain::is_final(updated->status)) co_return Result<>{};
    auto call = co_await live(id);
    if (call.has_error()) co_return call.error();
    const bool ready = is_ready_for_message(webhook.answered_by);
    // Twilio ignores the answer's body and needs no wait: the reply goes out as a live-call update.
    tasks_.spawn((*call)->strand(), (*call)->take_machine_verdict(verdict, ready));
    co_return Result<>{};
}

async::Task<Result<>> CallService::stream_status(CallSessionId id, twilio::Webhook webhook) {
    const auto call = co_await find(id);
    if (call.has_error()) co_return call.error();
    const bool failed = webhook.stream_event == "stream-error";
    if (failed) deps_.conversation.metrics.add("carevoice_stream_errors_total");
    if (!failed && webhook.stream_event != "stream-stopped") co_return Result<>{};
    if (auto running = find_live(id)) {
        if (failed) tasks_.spawn(running->strand(), running->stream_failed());
        co_return Result<>{};
    }
    // A stream that ends without its owner: the line is silent until somebody takes the call up.
    if (call->status != domain::CallStatus::in_progress || call->dialogue_state.empty()) co_return Result<>{};
    auto taken = co_await live(id);
    if (taken.has_error()) co_return taken.error();
    deps_.conversation.metrics.add("carevoice_calls_taken_over_total");
    tasks_.spawn((*taken)->strand(), (*taken)->take_up());
    co_return Result<>{};
}

async::Task<Result<>> CallService::may_stream(CallSessionId id) {
    const auto call = co_await find(id);
    if (call.has_error()) co_return call.error();
    if (domain::is_final(call->status)) co_return Error{Errc::conflict, "this call is over", "call_session_id"};
    if (deps_.engine == nullptr) co_return Error{Errc::unavailable, "there is no speech-to-text here"};
    co_return Result<>{};
}

async::Task<> CallService::stream(CallSessionId id, std::shared_ptr<net::WebSocket> socket) {
    const auto attach =
        [this, id](twilio::StreamStart start,
                   std::shared_ptr<MediaSession> session) -> async::Task<Result<std::shared_ptr<StreamOwner>>> {
        auto call = co_await live(id);
        if (call.has_error()) co_return call.error();
        auto work = (*call)->attach(std::move(start), std::move(session));
        const auto attached = co_await on_strand((*call)->strand(), std::move(work));
        if (attached.has_error()) co_return attached.error();
        co_return std::shared_ptr<StreamOwner>(*call);
    };
    const auto session = std::make_shared<MediaSession>(std::move(socket), *deps_.engine, deps_.detectors,
                                                        deps_.conversation.metrics, attach);
    co_await session->run();
}

async::Task<Result<>> CallService::end(CallSessionId id) {
    const auto call = co_await find(id);
    if (call.has_error()) co_return call.error();
    if (domain::is_final(call->status)) co_return Error{Errc::conflict, "this call is over", "call_session_id"};
    if (call->call_sid.empty()) {
        const auto now = deps_.conversation.clock.wall_now();
        const auto withdrawn = co_await update(id, [now](domain::Call& stored) {
            stored.status = domain::advance(stored.status, domain::CallStatus::canceled);
            stored.ended_at = now;
        });
        if (withdrawn.has_error()) co_return withdrawn.error();
        co_return Result<>{};
    }
    const bool answered = call->status == domain::CallStatus::in_progress;
    const auto ended = co_await deps_.telephony.end_call(call->call_sid, answered, Deadline::in(5s));
    const bool over_already =
        ended.has_error() && (ended.error().code == Errc::conflict || ended.error().code == Errc::not_found);
    if (ended.has_error() && !over_already) co_return ended.error();
    co_return Result<>{};
}

}  // namespace carevoice::calls
