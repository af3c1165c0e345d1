// The first stage of a call: checks, the stored plan, and asking Twilio to dial.
#include "calls/call_service.h"
#include "calls/calling_hours.h"
#include "core/log.h"
#include "core/text.h"

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds create_deadline = 8s;
constexpr milliseconds look_up_deadline = 5s;
/// Twilio's reads lag: an unknown call is looked for this often before it counts as never made.
constexpr int look_ups = 3;
constexpr milliseconds look_up_pause = 2s;
/// Our clock and Twilio's may differ.
constexpr milliseconds clock_skew = 60s;
constexpr milliseconds schedule_tick = 1s;

domain::Call make_call(const InitiateRequest& request, const CallSettings& settings, WallTime now) {
    domain::Call call;
    call.call_session_id = request.call_session_id;
    call.patient_id = request.patient_id;
    call.call_type = request.call_type;
    call.mode = request.mode.value_or(settings.default_mode);
    call.request_body = request.request_body;
    call.prior_pain_scores = request.prior_pain_scores;
    call.scheduled_at = request.scheduled_at;
    call.created_at = now;
    return call;
}

}  // namespace

Result<> CallService::check(const InitiateRequest& request, const domain::Patient& patient) const {
    if (request.mode.value_or(deps_.settings.default_mode) == domain::CallMode::stream)
        return Error{Errc::rejected, "mode stream is not available yet; use updates or gather", "mode"};
    if (!is_e164(patient.phone)) return Error{Errc::rejected, "the patient's phone number is not E.164", "phone"};
    if (patient.opted_out) return Error{Errc::rejected, "the patient asked not to be called again", "consents.calls"};
    // An enrollment call is the one that asks for this consent.
    if (!patient.consents.calls && request.call_type != domain::CallType::enrollment)
        return Error{Errc::rejected, "the patient has not consented to calls", "consents.calls"};
    const WallTime when = request.scheduled_at.value_or(deps_.conversation.clock.wall_now());
    return check_calling_hours(when, patient.time_zone, deps_.settings.hours);
}

async::Task<Result<Initiated>> CallService::initiate(InitiateRequest request) {
    if (request.call_session_id.empty())
        request.call_session_id = CallSessionId("call-" + deps_.conversation.random.hex(12));
    const auto existing = co_await find(request.call_session_id);
    if (existing.has_value()) {
        if (existing->request_body == request.request_body) co_return Initiated{*existing, false};
        co_return Error{Errc::conflict, "this call_session_id was used with another request", "call_session_id"};
    }
    if (existing.error().code != Errc::not_found) co_return existing.error();

    auto patient = co_await find_patient(request.patient_id);
    if (patient.has_error()) co_return patient.error();
    if (const auto allowed = check(request, *patient); allowed.has_error()) co_return allowed.error();
    if (live_calls() >= deps_.settings.live_calls_max)
        co_return Error{Errc::unavailable, "as many calls as this service can follow are going on; try again shortly"};

    const auto now = deps_.conversation.clock.wall_now();
    auto call = make_call(request, deps_.settings, now);
    auto question = [call](storage::Database& database) { return database.calls().insert(call); };
    const auto inserted = co_await deps_.conversation.store.ask(std::move(question));
    if (inserted.has_error()) {
        // Two equal requests at once: the other one dials.
        if (inserted.error().code != Errc::conflict) co_return inserted.error();
        const auto winner = co_await find(request.call_session_id);
        if (winner.has_error()) co_return winner.error();
        if (winner->request_body != request.request_body)
            co_return Error{Errc::conflict, "this call_session_id was used with another request", "call_session_id"};
        co_return Initiated{*winner, false};
    }
    if (request.scheduled_at && *request.scheduled_at > now) co_return Initiated{std::move(call), true};
    auto dialled = co_await dial(std::move(call), std::move(*patient));
    if (dialled.has_error()) co_return dialled.error();
    co_return Initiated{std::move(*dialled), true};
}

async::Task<Result<domain::Call>> CallService::dial(domain::Call call, domain::Patient patient) {
    const CallbackUrls urls(deps_.settings.public_origin);
    const auto id = call.call_session_id;
    // Written before Twilio is asked: should we die in between, the call is looked up, never dialled a second time.
    const auto marked = co_await update(id, [](domain::Call& stored) {
        if (stored.status == domain::CallStatus::scheduled) stored.status = domain::CallStatus::unknown;
    });
    if (marked.has_error()) co_return marked.error();
    twilio::CallRequest request{.to = patient.phone,
                                .from = deps_.settings.from_number,
                                .voice_url = urls.voice(id),
                                .status_url = urls.status(id),
                                .amd_url = urls.amd(id),
                                .ring_seconds = deps_.settings.ring_seconds,
                                .max_seconds = deps_.settings.max_call_seconds};
    auto sid = co_await deps_.telephony.create_call(std::move(request), Deadline::in(create_deadline));
    if (sid.has_error() && sid.error().code == Errc::timed_out) sid = co_await adopt_unknown(call, patient.phone);
    if (sid.has_error()) {
        const bool still_unknown = sid.error().code == Errc::timed_out;
        log(LogLevel::warning, "call not created",
            {{"call", id.str()}, {"code", to_string(sid.error().code)}, {"twilio_code", sid.error().provider_code}});
        deps_.conversation.metrics.add("carevoice_calls_not_created_total", {{"code", to_string(sid.error().code)}});
        if (still_unknown) co_return co_await find(id);
        const auto now = deps_.conversation.clock.wall_now();
        (void)co_await update(id, [now, why = sid.error().detail](domain::Call& stored) {
            stored.status = domain::CallStatus::failed;
            stored.outcome = domain::CallOutcome::failed;
            stored.failure = why;
            stored.ended_at = now;
        });
        co_return sid.error();
    }
    deps_.conversation.metrics.add("carevoice_calls_dialled_total", {{"type", to_string(call.call_type)}});
    co_return co_await update(id, [sid = *sid](domain::Call& stored) {
        if (stored.call_sid.empty()) stored.call_sid = sid;
        stored.status = domain::advance(stored.status, domain::CallStatus::queued);
    });
}

async::Task<Result<CallSid>> CallService::adopt_unknown(domain::Call call, std::string phone) {
    for (int i = 0; i < look_ups; ++i) {
        // Its own callback may tell first.
        const auto stored = co_await find(call.call_session_id);
        if (stored.has_value() && !stored->call_sid.empty()) co_return stored->call_sid;
        const auto found =
            co_await deps_.telephony.find_call(phone, call.created_at - clock_skew, Deadline::in(look_up_deadline));
        if (found.has_value()) co_return found->sid;
        if (i + 1 < look_ups)
            if (const auto slept = co_await async::sleep_for(look_up_pause); slept.has_error()) co_return slept.error();
    }
    co_return Error{Errc::timed_out, "Twilio did not answer; whether the call exists is not known yet"};
}

async::Task<> CallService::run_schedule() {
    for (;;) {
        if (const auto slept = co_await async::sleep_for(schedule_tick); slept.has_error()) co_return;
        auto question = [](storage::Database& database) { return database.calls().list_unfinished(); };
        const auto unfinished = co_await deps_.conversation.store.ask(std::move(question));
        if (unfinished.has_error()) continue;
        const auto now = deps_.conversation.clock.wall_now();
        for (const auto& call : *unfinished) {
            const bool due =
                call.status == domain::CallStatus::scheduled && call.scheduled_at && *call.scheduled_at <= now;
            if (!due || live_calls() >= deps_.settings.live_calls_max) continue;
            auto patient = co_await find_patient(call.patient_id);
            if (patient.has_error()) continue;
            InitiateRequest request;
            request.mode = call.mode;
            request.call_type = call.call_type;
            if (const auto allowed = check(request, *patient); allowed.has_error()) {
                (void)co_await update(call.call_session_id, [now, why = allowed.error().detail](domain::Call& stored) {
                    stored.status = domain::advance(stored.status, domain::CallStatus::canceled);
                    stored.failure = why;
                    stored.ended_at = now;
                });
                continue;
            }
            (void)co_await dial(call, std::move(*patient));
        }
    }
}

}  // namespace carevoice::calls
