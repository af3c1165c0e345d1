#include "calls/recorder.h"

#include "core/log.h"

#include <algorithm>

namespace carevoice::calls {

namespace {

constexpr milliseconds twilio_patience{5'000};

/// The question about recording, and the fact that its answer leaves behind: enrollment asks about calls first.
std::string question_of(domain::CallType type) {
    return type == domain::CallType::enrollment ? "consent_recording" : "consent";
}

std::optional<bool> answer_of(const domain::DialogueState& state, domain::CallType type) {
    const auto found = state.facts.find(question_of(type));
    const auto* const flag = found == state.facts.end() ? nullptr : std::get_if<bool>(&found->second);
    return flag == nullptr ? std::nullopt : std::optional(*flag);
}

}  // namespace

bool may_record(const domain::DialogueState& state, const domain::Patient& patient, domain::CallType type) {
    if (!state.identity_verified || state.machine || !patient.consents.recording || patient.opted_out) return false;
    const bool is_asked =
        std::ranges::find(state.topics, question_of(type), &domain::TopicProgress::topic) != state.topics.end();
    return answer_of(state, type).value_or(!is_asked);
}

bool refuses_recording(const domain::DialogueState& state, domain::CallType type) {
    return answer_of(state, type) == false;
}

Recorder::Recorder(AsyncStore& store, twilio::CallRecordings& twilio, const std::string& public_origin,
                   const Clock& clock, Metrics& metrics)
    : store_(store), twilio_(twilio), urls_(public_origin), clock_(clock), metrics_(metrics) {}

void Recorder::count(std::string_view outcome) {
    metrics_.add("carevoice_recordings_total", {{"step", "start"}, {"outcome", outcome}});
}

async::Task<bool> Recorder::start(CallSessionId id, CallSid sid) {
    // Stored before Twilio is asked: whatever becomes of the request, the recording is known and will be deleted.
    auto beginning = [id, sid, now = clock_.wall_now()](storage::Database& database) {
        return database.recordings().begin(id, sid, now);
    };
    const auto begun = co_await store_.ask(std::move(beginning));
    if (begun.has_error()) {
        log(LogLevel::warning, "call not recorded", {{"call", id.str()}, {"reason", begun.error().detail}});
        count(to_string(begun.error().code));
        const auto code = begun.error().code;
        co_return code != Errc::unavailable&& code != Errc::timed_out;
    }
    if (!*begun) co_return true;
    const auto started = co_await twilio_.start(sid, urls_.recording(id), Deadline::in(twilio_patience));
    count(started.has_value() ? "ok" : to_string(started.error().code));
    if (started.has_error())
        log(LogLevel::warning, "Twilio does not record this call",
            {{"call", id.str()}, {"code", started.error().provider_code}, {"reason", started.error().detail}});
    // It may record all the same: then its callback says so, or it is looked up.
    if (started.has_error() && (started.error().code == Errc::timed_out || started.error().code == Errc::cancelled))
        co_return true;
    auto noting = [id, started, now = clock_.wall_now()](storage::Database& database) {
        if (started.has_value()) return database.recordings().started(id, *started);
        return database.recordings().refused(id, started.error().detail, now);
    };
    const auto noted = co_await store_.ask(std::move(noting));
    if (noted.has_error())
        log(LogLevel::warning, "recording not noted", {{"call", id.str()}, {"reason", noted.error().detail}});
    co_return true;
}

async::Task<> Recorder::withdraw(CallSessionId id, CallSid sid) {
    auto withdrawing = [id, now = clock_.wall_now()](storage::Database& database) {
        return database.recordings().withdraw(id, now);
    };
    const auto withdrawn = co_await store_.ask(std::move(withdrawing));
    if (withdrawn.has_error())
        log(LogLevel::error, "recording not withdrawn", {{"call", id.str()}, {"reason", withdrawn.error().detail}});
    if (withdrawn.has_value() && !*withdrawn) co_return;  // nothing is recorded
    metrics_.add("carevoice_recordings_total", {{"step", "withdraw"}, {"outcome", "ok"}});
    const auto stopped = co_await twilio_.stop(std::move(sid), Deadline::in(twilio_patience));
    if (stopped.has_error())
        log(LogLevel::warning, "recording not stopped", {{"call", id.str()}, {"reason", stopped.error().detail}});
}

}  // namespace carevoice::calls
