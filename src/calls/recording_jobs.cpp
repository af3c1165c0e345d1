#include "calls/recording_jobs.h"

#include "core/log.h"

#include <algorithm>
#include <span>

namespace carevoice::calls {

namespace {

using namespace std::chrono_literals;
using enum storage::RecordingState;

constexpr milliseconds report_time = 60s;  ///< of a lease, left for storing how the work went
constexpr milliseconds twilio_patience = 120s;
constexpr milliseconds callback_patience = 600s;
constexpr std::size_t jobs_per_pass = 20;
constexpr std::size_t id_bytes = 12;

std::string_view name_of(storage::RecordingState work) {
    return work == to_fetch ? "fetch" : work == to_transcribe ? "transcribe" : "delete";
}

/// Another attempt would end like this one.
bool is_final(const Error& error) {
    return error.code == Errc::corrupt || error.code == Errc::too_large || error.code == Errc::rejected ||
           error.code == Errc::invalid_input;
}

}  // namespace

RecordingJobs::RecordingJobs(RecordingDeps deps, RecordingSettings settings)
    : deps_(std::move(deps)), settings_(std::move(settings)) {}

async::Task<> RecordingJobs::run() {
    for (;;) {
        const auto worked = co_await pass();
        if (worked > 0) continue;
        const auto nudged = co_await nudges_.pop(Deadline::in(settings_.poll));
        if (nudged.has_error() && nudged.error().code == Errc::cancelled) co_return;
    }
}

async::Task<std::size_t> RecordingJobs::pass() {
    co_await tidy();
    std::size_t worked = 0;
    // What is quick comes first, what takes minutes last and once.
    for (const auto work : {to_delete, to_fetch}) {
        for (std::size_t i = 0; i < jobs_per_pass; ++i) {
            const bool found = co_await work_on(work);
            if (!found) break;
            ++worked;
        }
    }
    if (deps_.engine != nullptr && co_await work_on(to_transcribe)) ++worked;
    co_return worked;
}

async::Task<> RecordingJobs::tidy() {
    auto question =
        [now = deps_.clock.wall_now(), retention = settings_.retention,
         overdue = settings_.call_max + callback_patience](
            storage::Database& database) -> Result<std::vector<std::pair<storage::RecordingState, std::int64_t>>> {
        const auto tidied = database.recordings().tidy(now - retention, now - overdue, now);
        if (tidied.has_error()) return tidied.error();
        return database.recordings().counts();
    };
    const auto counts = co_await deps_.store.ask(std::move(question));
    if (counts.has_error()) co_return;
    for (const auto state :
         {asked, running, refused, absent, to_fetch, to_transcribe, kept, failed, to_delete, deleted}) {
        const auto found = std::ranges::find(*counts, state, [](const auto& entry) { return entry.first; });
        deps_.metrics.set("carevoice_recordings", found == counts->end() ? 0 : static_cast<double>(found->second),
                          {{"state", to_string(state)}});
    }
}

async::Task<bool> RecordingJobs::work_on(storage::RecordingState work) {
    storage::RecordingClaim claim{.work = work,
                                  .worker = settings_.worker,
                                  .store_id = deps_.audio.id(),
                                  .now = deps_.clock.wall_now(),
                                  .lease = settings_.lease};
    auto claiming = [claim = std::move(claim)](storage::Database& database) {
        return database.recordings().claim(claim);
    };
    const auto claimed = co_await deps_.store.ask(std::move(claiming));
    if (claimed.has_error() || !*claimed) co_return false;
    const storage::Recording& recording = **claimed;
    const auto deadline = Deadline::in(settings_.lease - report_time);
    auto working = work == to_fetch        ? fetch(recording, deadline)
                   : work == to_transcribe ? read(recording, deadline)
                                           : remove(recording, deadline);
    auto step = co_await std::move(working);
    const bool succeeded = step.error.empty();
    deps_.metrics.add("carevoice_recordings_total", {{"step", name_of(work)},
                                                     {"outcome", succeeded             ? "ok"
                                                                 : step.next == failed ? "given_up"
                                                                                       : "to_be_repeated"}});
    if (!succeeded)
        log(step.next == failed ? LogLevel::error : LogLevel::warning, "work on a recording failed",
            {{"call", recording.call_session_id.str()}, {"step", name_of(work)}, {"reason", step.error}});
    auto reporting = [id = recording.call_session_id, worker = settings_.worker, step = std::move(step),
                      now = deps_.clock.wall_now()](storage::Database& database) {
        return database.recordings().advance(id, worker, step, now);
    };
    const auto reported = co_await deps_.store.ask(std::move(reporting));
    // The consent went while it was fetched: nothing of it may stay. Deleting it again does no harm.
    const bool orphaned = reported.has_value() && !*reported && work == to_fetch;
    if (orphaned) {
        auto forgetting = [&audio = deps_.audio, id = recording.call_session_id] { return audio.remove(id); };
        (void)co_await deps_.pool.run(std::move(forgetting));
    }
    co_return true;
}

RecordingJobs::Step RecordingJobs::after_failure(const storage::Recording& recording, const Error& error) {
    const auto wait = notify::wait_after(settings_.back_off, recording.attempts, deps_.random.next_unit());
    Step step{.from = recording.state, .next = recording.state, .try_at = deps_.clock.wall_now() + wait};
    step.error = error.detail.empty() ? std::string(to_string(error.code)) : error.detail;
    // Somebody's right to deletion does not end with our patience.
    const bool may_give_up = recording.state != to_delete;
    if (may_give_up && (is_final(error) || recording.attempts >= settings_.attempts_max)) step.next = failed;
    return step;
}

async::Task<Result<std::string>> RecordingJobs::sid_of(storage::Recording recording, Deadline deadline) {
    if (!recording.recording_sid.empty()) co_return recording.recording_sid;
    co_return co_await deps_.twilio.find(recording.call_sid, deadline);
}

async::Task<RecordingJobs::Step> RecordingJobs::fetch(storage::Recording recording, Deadline deadline) {
    deadline = deadline.at_most(twilio_patience, deps_.clock.steady_now());
    const auto sid = co_await sid_of(recording, deadline);
    if (sid.has_error() && sid.error().code == Errc::not_found && recording.attempts > 3)
        co_return Step{.from = to_fetch, .next = absent};
    if (sid.has_error()) co_return after_failure(recording, sid.error());
    auto fetched = co_await deps_.twilio.fetch(*sid, deadline);
    if (fetched.has_error()) {
        auto step = after_failure(recording, fetched.error());
        step.recording_sid = *sid;
        co_return step;
    }
    auto saving = [&audio = deps_.audio, id = recording.call_session_id, bytes = std::move(*fetched)] {
        return audio.save(id, bytes);
    };
    const auto saved = co_await deps_.pool.run(std::move(saving));
    if (saved.has_error()) co_return after_failure(recording, saved.error());
    Step step{.from = to_fetch, .next = deps_.engine != nullptr ? to_transcribe : kept};
    step.recording_sid = *sid;
    step.store_id = deps_.audio.id();
    co_return step;
}

async::Task<Result<std::shared_ptr<const audio::WavClip>>> RecordingJobs::open_audio(CallSessionId id) {
    using Clip = Result<std::shared_ptr<const audio::WavClip>>;
    auto opening = [&audio = deps_.audio, id = std::move(id)]() -> Clip {
        const auto bytes = audio.load(id);
        if (bytes.has_error()) return bytes.error();
        auto clip = audio::read_wav(std::as_bytes(std::span(*bytes)));
        if (clip.has_error()) return clip.error();
        return std::make_shared<const audio::WavClip>(std::move(*clip));
    };
    co_return co_await deps_.pool.run(std::move(opening));
}

async::Task<Result<RecordedCall>> RecordingJobs::recorded_call(storage::Recording recording) {
    auto question = [recording = std::move(recording)](storage::Database& database) -> Result<RecordedCall> {
        auto call = database.calls().find(recording.call_session_id);
        if (call.has_error()) return call.error();
        auto patient = database.patients().find(call->patient_id);
        if (patient.has_error()) return patient.error();
        auto turns = database.conversations().turns(recording.call_session_id);
        if (turns.has_error()) return turns.error();
        storage::AlertFilter filter;
        filter.call_session_id = recording.call_session_id;
        auto alerts = database.alerts().list(filter, storage::PageRequest{.limit = 50, .cursor = {}});
        if (alerts.has_error()) return alerts.error();
        return RecordedCall{.call = std::move(*call),
                            .patient = std::move(*patient),
                            .turns = std::move(*turns),
                            .alerts = std::move(alerts->items),
                            .recording_began = recording.asked_at};
    };
    co_return co_await deps_.store.ask(std::move(question));
}

async::Task<Result<std::vector<speech::RecordedUtterance>>> RecordingJobs::hear(
    std::shared_ptr<const audio::WavClip> clip, std::size_t channel, Deadline deadline) {
    auto finding = [&detectors = deps_.detectors, clip, channel]() -> Result<std::vector<speech::SpeechSpan>> {
        return speech::find_speech(detectors, *clip, channel);
    };
    auto spans = co_await deps_.pool.run(std::move(finding));
    if (spans.has_error()) co_return spans.error();
    co_return co_await speech::transcribe_when_idle(*deps_.engine, *clip, channel, std::move(*spans), deadline);
}

async::Task<RecordingJobs::Step> RecordingJobs::read(storage::Recording recording, Deadline deadline) {
    const auto clip = co_await open_audio(recording.call_session_id);
    // Another instance kept it, and is gone: Twilio still has it.
    if (clip.has_error() && clip.error().code == Errc::not_found)
        co_return Step{.from = to_transcribe, .next = to_fetch};
    if (clip.has_error()) co_return after_failure(recording, clip.error());
    // Both voices in one channel: the patient would be taken for the one who asks.
    if ((*clip)->channels < 2) co_return Step{.from = to_transcribe, .next = kept, .words = 0};
    auto recorded = co_await recorded_call(recording);
    if (recorded.has_error()) co_return after_failure(recording, recorded.error());
    // Twilio's papers do not promise which channel is whose; the words tell.
    auto heard = co_await hear(*clip, 0, deadline);
    const bool is_wrong = heard.has_value() && (heard->empty() || is_assistants_channel(*recorded, *heard));
    if (is_wrong) heard = co_await hear(*clip, 1, deadline);
    if (heard.has_error()) co_return after_failure(recording, heard.error());
    auto reviewing = [&deps = deps_, recorded = *recorded, heard = std::move(*heard)]() -> Result<RecordingReview> {
        return review_recording(deps.reader, deps.second_reader, recorded, heard);
    };
    const auto review = co_await deps_.pool.run(std::move(reviewing));
    if (review.has_error()) co_return after_failure(recording, review.error());
    const auto raised = co_await raise(std::move(*recorded), review->findings);
    if (raised.has_error()) co_return after_failure(recording, raised.error());
    measure(*review);
    Step step{.from = to_transcribe, .next = kept};
    step.words = static_cast<std::int64_t>(review->words);
    step.word_agreement = review->agreement;
    co_return step;
}

async::Task<Result<>> RecordingJobs::raise(RecordedCall recorded, std::vector<domain::RaisedAlert> findings) {
    if (findings.empty()) co_return Result<>{};
    for (const auto& finding : findings)
        deps_.metrics.add("carevoice_alerts_raised_total", {{"type", to_string(finding.type)},
                                                            {"severity", to_string(finding.severity)},
                                                            {"reader", to_string(finding.evidence.reader)}});
    storage::TurnRecord record;
    record.call_session_id = recorded.call.call_session_id;
    record.now = deps_.clock.wall_now();
    record.key = "recording";  // once, however often the job is repeated
    record.alerts = std::move(findings);
    if (deps_.plan_alert)
        record.plan = [plan = deps_.plan_alert, patient = std::move(recorded.patient)](const domain::Alert& alert) {
            return plan(patient, alert);
        };
    auto question = [record = std::move(record), &random = deps_.random](storage::Database& database) -> Result<> {
        const auto new_id = [&random] { return AlertId("alert-" + random.hex(id_bytes)); };
        const auto stored = database.conversations().record(record, new_id);
        if (stored.has_error()) return stored.error();
        return {};
    };
    const auto stored = co_await deps_.store.ask(std::move(question));
    if (stored.has_value() && deps_.on_notifications) deps_.on_notifications();
    co_return stored;
}

void RecordingJobs::measure(const RecordingReview& review) {
    if (!review.agreement) return;
    const auto words = static_cast<double>(review.words);
    deps_.metrics.add("carevoice_recording_words_total", {{"agreed", "yes"}}, words * *review.agreement);
    deps_.metrics.add("carevoice_recording_words_total", {{"agreed", "no"}}, words * (1 - *review.agreement));
    deps_.metrics.set("carevoice_recording_word_agreement", *review.agreement);
}

async::Task<RecordingJobs::Step> RecordingJobs::remove(storage::Recording recording, Deadline deadline) {
    deadline = deadline.at_most(twilio_patience, deps_.clock.steady_now());
    auto removing = [&audio = deps_.audio, id = recording.call_session_id] { return audio.remove(id); };
    const auto removed = co_await deps_.pool.run(std::move(removing));
    if (removed.has_error()) co_return after_failure(recording, removed.error());
    Step step{.from = to_delete, .next = storage::RecordingState::deleted, .store_id = ""};
    const auto sid = co_await sid_of(recording, deadline);
    if (sid.has_error() && sid.error().code == Errc::not_found) co_return step;
    if (sid.has_error()) co_return after_failure(recording, sid.error());
    const auto deleted_there = co_await deps_.twilio.remove(*sid, deadline);
    if (deleted_there.has_error()) step = after_failure(recording, deleted_there.error());
    step.recording_sid = *sid;
    co_return step;
}

}  // namespace carevoice::calls
