// The first stage of a call: checks, the stored plan, and asking Twilio to dial.
#include "calls/call_service.h"

namespace carevoice::calls {

namespace {

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
    call.plan_open = true;
    return call;
}

}  // namespace

Result<> CallService::check(const InitiateRequest& request, const domain::Patient& patient) const {
    if (request.mode.value_or(deps_.settings.default_mode) == domain::CallMode::stream)
        return Error{Errc::rejected, "mode stream is not available yet; use updates or gather", "mode"};
    const WallTime when = request.scheduled_at.value_or(deps_.conversation.clock.wall_now());
    const auto refusal = domain::may_dial(patient, request.call_type, when, scheduler_.window());
    if (refusal) return domain::to_error(*refusal, patient, when, scheduler_.window());
    return {};
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

    if (is_draining()) co_return Error{Errc::unavailable, dial_hold() + "; try again"};
    auto patient = co_await find_patient(request.patient_id);
    if (patient.has_error()) co_return patient.error();
    if (const auto allowed = check(request, *patient); allowed.has_error()) co_return allowed.error();
    const auto now = deps_.conversation.clock.wall_now();
    const bool planned = request.scheduled_at && *request.scheduled_at > now;
    if (!planned)
        if (const auto admitted = scheduler_.admit(); admitted.has_error()) co_return admitted.error();

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
    tell_watcher(call);
    if (planned) {
        scheduler_.nudge();
        co_return Initiated{std::move(call), true};
    }
    auto dialled = co_await scheduler_.dial_now(std::move(call));
    if (dialled.has_error()) co_return dialled.error();
    co_return Initiated{std::move(*dialled), true};
}

}  // namespace carevoice::calls
