#include "calls/dialler.h"

#include "core/log.h"

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;
using domain::CallStatus;
using storage::DialDecision;

constexpr milliseconds create_deadline = 8s;
constexpr milliseconds look_up_deadline = 5s;
constexpr milliseconds hang_up_deadline = 5s;
constexpr milliseconds claim_freshness = 60s;
/// Our clock and Twilio's may differ.
constexpr milliseconds clock_skew = 60s;
/// How long a planned call waits for a patient who is on the telephone with us, and for an outage to end.
constexpr milliseconds busy_wait = 5min;
constexpr milliseconds outage_wait = 2min;
/// More unknown calls than this are an outage: then callbacks have to tell.
constexpr int unknown_max = 200;
/// A call whose end we never heard of does not keep its patient busy for longer than it can have lasted.
constexpr milliseconds end_unheard_after = 10min;

DialDecision decide(const storage::DialCandidate& candidate, const DialDeps& deps, WallTime now,
                    Dialler::Urgency urgency) {
    const auto window = deps.window();
    const auto refusal = domain::may_dial(candidate.patient, candidate.call.call_type, now, window);
    const bool planned = urgency == Dialler::Urgency::planned;
    if (refusal && planned && domain::passes_with_time(*refusal)) {
        if (const auto open = domain::next_dial_time(candidate.patient, now, window); open && *open > now)
            return {.kind = DialDecision::Kind::postpone, .until = *open};
    }
    if (refusal) {
        auto error = domain::to_error(*refusal, candidate.patient, now, window);
        return {.kind = DialDecision::Kind::withdraw, .why = std::move(error.detail)};
    }
    const auto longest =
        std::chrono::seconds(deps.settings.max_call_seconds + deps.settings.ring_seconds) + end_unheard_after;
    if (planned && candidate.on_the_phone_since && now - *candidate.on_the_phone_since < longest)
        return {.kind = DialDecision::Kind::postpone, .until = now + busy_wait};
    return {};
}

domain::CallOutcome outcome_of(CallStatus status) {
    if (status == CallStatus::busy || status == CallStatus::no_answer) return domain::CallOutcome::no_answer;
    return status == CallStatus::failed ? domain::CallOutcome::failed : domain::CallOutcome::none;
}

/// Whose the newest call to a number is, when `call` to that number is unknown.
enum class Whose { ours, an_older_one, unclear };

Result<Whose> whose_is(storage::Database& database, const CallSid& sid, const domain::Call& call,
                       const std::string& phone) {
    const auto owner = database.calls().find_by_sid(sid);
    if (owner.has_error() && owner.error().code != Errc::not_found) return owner.error();
    if (owner.has_value()) {
        if (owner->call_session_id == call.call_session_id) return Whose::ours;
        // Had ours been made after that one, it would be the newest.
        const bool older = owner->dialled_at && call.dialled_at && *owner->dialled_at < *call.dialled_at;
        return older ? Whose::an_older_one : Whose::unclear;
    }
    // A couple may share a telephone: while both calls are unknown, only Twilio's callbacks can tell.
    const auto unknown = database.call_plan().unknown(unknown_max);
    if (unknown.has_error()) return unknown.error();
    if (unknown->size() == unknown_max) return Whose::unclear;
    for (const auto& other : *unknown) {
        if (other.call_session_id == call.call_session_id) continue;
        const auto patient = database.patients().find(other.patient_id);
        if (patient.has_error()) return patient.error();
        if (patient->phone == phone) return Whose::unclear;
    }
    return Whose::ours;
}

}  // namespace

async::Task<Result<domain::Call>> Dialler::dial(CallSessionId id, Urgency urgency) {
    const auto now = deps_.clock.wall_now();
    auto question = [id, now, urgency, deps = deps_](storage::Database& database) {
        return database.call_plan().claim(
            id, now, [&](const storage::DialCandidate& candidate) { return decide(candidate, deps, now, urgency); });
    };
    auto claim = co_await deps_.store.ask(std::move(question));
    if (claim.has_error()) co_return claim.error();
    switch (claim->kind) {
        case storage::Claim::Kind::dial: break;
        case storage::Claim::Kind::withdrawn:
            deps_.metrics.add("carevoice_plan_withdrawn_total");
            co_return Error{Errc::rejected, claim->call.failure, "patient_id"};
        case storage::Claim::Kind::postponed: deps_.metrics.add("carevoice_plan_postponed_total"); [[fallthrough]];
        case storage::Claim::Kind::taken: co_return std::move(claim->call);
    }
    // Stopped in between for so long (a machine asleep) that others may have looked it up and dialled it.
    if (deps_.clock.wall_now() - now > claim_freshness) co_return std::move(claim->call);
    const CallbackUrls urls(deps_.settings.public_origin);
    twilio::CallRequest request{.to = claim->patient.phone,
                                .from = deps_.settings.from_number,
                                .voice_url = urls.voice(id),
                                .status_url = urls.status(id),
                                .amd_url = urls.amd(id),
                                .ring_seconds = deps_.settings.ring_seconds,
                                .max_seconds = deps_.settings.max_call_seconds};
    deps_.gate.dialled(id);
    auto sid = co_await deps_.telephony.create_call(std::move(request), Deadline::in(create_deadline));
    if (sid.has_value()) co_return co_await take_sid(std::move(claim->call), std::move(*sid));
    log(LogLevel::warning, "call not created",
        {{"call", id.str()}, {"code", to_string(sid.error().code)}, {"twilio_code", sid.error().provider_code}});
    deps_.metrics.add("carevoice_calls_not_created_total", {{"code", to_string(sid.error().code)}});
    if (!is_about_the_number(sid.error().provider_code)) deps_.gate.failed(id);
    switch (sid.error().code) {
        case Errc::timed_out: {
            auto found = co_await find_remote(claim->call, claim->patient.phone);
            if (found.has_value()) co_return co_await adopt(std::move(claim->call), std::move(*found));
            co_return std::move(claim->call);
        }
        // We stop, in the middle of asking: whether Twilio heard us is looked up by whoever goes on.
        case Errc::cancelled: co_return std::move(claim->call);
        case Errc::unavailable:
        case Errc::unauthorised:
            if (urgency == Urgency::planned) {
                co_await put_back(claim->call, std::move(claim->patient), outage_wait);
                co_return sid.error();
            }
            break;
        default: break;
    }
    co_return co_await take_failure(std::move(claim->call), sid.error(), urgency);
}

async::Task<Result<domain::Call>> Dialler::take_sid(domain::Call call, CallSid sid) {
    const auto id = call.call_session_id;
    deps_.gate.accepted(id);
    deps_.metrics.add("carevoice_calls_dialled_total", {{"type", to_string(call.call_type)}});
    auto question = [id, sid](storage::Database& database) {
        return database.calls().update(id, [&sid](domain::Call& stored) {
            if (stored.call_sid.empty()) stored.call_sid = sid;
            stored.status = domain::advance(stored.status, CallStatus::queued);
        });
    };
    auto updated = co_await deps_.store.ask(std::move(question));
    if (updated.has_error()) {
        // Its callbacks bring the SID, or the look-up does.
        log(LogLevel::error, "the SID of a call is not stored", {{"call", id.str()}});
        co_return std::move(call);
    }
    // Withdrawn while Twilio was asked: it must not ring.
    if (updated->status == CallStatus::canceled && updated->call_sid == sid)
        (void)co_await deps_.telephony.end_call(sid, false, Deadline::in(hang_up_deadline));
    co_return updated;
}

async::Task<Result<domain::Call>> Dialler::take_failure(domain::Call call, Error failure, Urgency urgency) {
    const auto id = call.call_session_id;
    deps_.gate.over(id);
    const auto now = deps_.clock.wall_now();
    const bool somebody_knows = urgency == Urgency::now;
    auto question = [id, now, somebody_knows, why = failure.detail](storage::Database& database) {
        return database.calls().update(id, [&](domain::Call& stored) {
            if (stored.status != CallStatus::unknown) return;
            stored.status = CallStatus::failed;
            stored.outcome = domain::CallOutcome::failed;
            stored.failure = why;
            stored.ended_at = now;
            if (somebody_knows) stored.plan_open = false;
        });
    };
    const auto stored = co_await deps_.store.ask(std::move(question));
    if (stored.has_error()) log(LogLevel::error, "the failure of a call is not stored", {{"call", id.str()}});
    co_return failure;
}

async::Task<> Dialler::put_back(domain::Call call, domain::Patient patient, milliseconds wait) {
    const auto now = deps_.clock.wall_now();
    const bool tries_again = !deps_.plan.retries.empty();
    auto at = tries_again ? domain::next_dial_time(patient, now + wait, deps_.window()) : std::nullopt;
    auto question = [id = call.call_session_id, since = call.dialled_at.value_or(call.created_at), at,
                     now](storage::Database& database) {
        return database.call_plan().never_made(id, since, at, "Twilio never made this call", now);
    };
    const auto put = co_await deps_.store.ask(std::move(question));
    if (put.has_error() || !*put) co_return;
    deps_.gate.over(call.call_session_id);
    deps_.metrics.add("carevoice_calls_never_made_total");
}

async::Task<> Dialler::leave_to_people(domain::Call call) {
    const auto now = deps_.clock.wall_now();
    auto question = [call, now](storage::Database& database) {
        return database.call_plan().never_made(call.call_session_id, call.dialled_at.value_or(call.created_at),
                                               std::nullopt, "whether Twilio made this call cannot be found out", now);
    };
    (void)co_await deps_.store.ask(std::move(question));
}

async::Task<Result<twilio::RemoteCall>> Dialler::find_remote(domain::Call call, std::string phone) {
    const WallTime since = call.dialled_at.value_or(call.created_at) - clock_skew;
    auto found = co_await deps_.telephony.find_call(phone, since, Deadline::in(look_up_deadline));
    if (found.has_error()) co_return found;
    auto question = [sid = found->sid, call, phone](storage::Database& database) {
        return whose_is(database, sid, call, phone);
    };
    const auto whose = co_await deps_.store.ask(std::move(question));
    if (whose.has_error()) co_return whose.error();
    switch (*whose) {
        case Whose::ours: co_return found;
        case Whose::an_older_one: co_return Error{Errc::not_found, "Twilio knows no newer call to this number"};
        case Whose::unclear: break;
    }
    co_return Error{Errc::conflict, "the newest call to this number may be another one"};
}

async::Task<Result<domain::Call>> Dialler::adopt(domain::Call call, twilio::RemoteCall remote) {
    const auto id = call.call_session_id;
    const auto now = deps_.clock.wall_now();
    const auto status = domain::parse_call_status(remote.status).value_or(CallStatus::queued);
    auto question = [id, now, status, remote = std::move(remote)](storage::Database& database) {
        return database.calls().update(id, [&](domain::Call& stored) {
            if (stored.call_sid.empty()) stored.call_sid = remote.sid;
            if (stored.call_sid != remote.sid) return;
            stored.status = domain::advance(stored.status, status);
            if (!domain::is_final(stored.status)) return;
            if (!stored.ended_at) stored.ended_at = remote.ended_at.value_or(now);
            if (stored.outcome == domain::CallOutcome::none) stored.outcome = outcome_of(stored.status);
        });
    };
    auto adopted = co_await deps_.store.ask(std::move(question));
    if (adopted.has_error()) co_return std::move(call);
    log(LogLevel::info, "call found at Twilio", {{"call", id.str()}});
    deps_.metrics.add("carevoice_calls_adopted_total");
    co_return adopted;
}

async::Task<> Dialler::look_up(domain::Call call) {
    auto who = [id = call.patient_id](storage::Database& database) { return database.patients().find(id); };
    auto patient = co_await deps_.store.ask(std::move(who));
    if (patient.has_error()) co_return;
    auto found = co_await find_remote(call, patient->phone);
    if (found.has_value()) {
        (void)co_await adopt(std::move(call), std::move(*found));
        co_return;
    }
    const auto age = deps_.clock.wall_now() - call.dialled_at.value_or(call.created_at);
    if (found.error().code == Errc::not_found && age >= proof_age)
        co_await put_back(std::move(call), std::move(*patient), 0s);
    else if (found.error().code == Errc::conflict && age >= fate_patience)
        co_await leave_to_people(std::move(call));
}

}  // namespace carevoice::calls
