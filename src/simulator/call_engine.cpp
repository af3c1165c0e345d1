#include "simulator/call_engine.h"

#include "audio/wav.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr milliseconds detection_min{300};

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

CallEngine::CallEngine(EngineParts parts, async::Executor strand, CallRecord record)
    : parts_(parts),
      strand_(std::move(strand)),
      record_(std::move(record)),
      callbacks_(parts.webhooks, parts.faults, [this](int code, std::string text) { note(code, std::move(text)); }),
      line_(std::make_shared<PhoneLine>(parts.options.line_noise, parts.random.next_u64())) {}

async::Task<> CallEngine::run(std::shared_ptr<CallEngine> self) {
    // Streams and call own each other; a call that is dropped in the middle never gets to close them.
    struct LetGo {
        CallEngine& call;
        ~LetGo() { call.streams_.clear(); }
    };
    const LetGo let_go{*this};
    tell(CallEventKind::created);
    parts_.group.spawn(strand_, send_callbacks(self));
    set_status("initiated", "initiated", {});
    party_ = parts_.phones.ring(record_.to, CallSid(record_.sid));
    const auto pickup = party_ ? party_->on_ring() : Pickup::no_answer;
    const bool picked_up = co_await ring(pickup);
    if (picked_up) co_await converse();
    if (party_) party_->close();
    co_await close_streams();
    callbacks_.close();
}

/// True when the call was answered; otherwise it has ended.
async::Task<bool> CallEngine::ring(Pickup pickup) {
    if (pickup == Pickup::unreachable) {
        finish("failed", 404);
        co_return false;
    }
    tell(CallEventKind::ringing);
    set_status("ringing", "ringing", {});
    const auto patience = pickup == Pickup::no_answer ? record_.ring_timeout : parts_.options.ring_time;
    const auto until = now() + paced(patience);
    for (;;) {
        const auto event = co_await inbox_.pop(Deadline(until));
        if (!event) break;
        if (std::holds_alternative<HangUpByRest>(*event)) {
            finish("canceled", 487);
            co_return false;
        }
    }
    if (pickup == Pickup::answers) co_return true;
    if (pickup == Pickup::busy)
        finish("busy", 486);
    else
        finish("no-answer", 487);
    co_return false;
}

async::Task<> CallEngine::converse() {
    const auto self = shared_from_this();
    answered_ = true;
    answered_at_ = now();
    parts_.book.change(record_.sid, [](CallRecord& call) { call.started = wall_now(); });
    tell(CallEventKind::answered);
    set_status("in-progress", "answered", {});
    parts_.group.spawn(strand_, listen_in(self));

    TwimlProgram::Start start{record_.url, record_.method, record_.twiml, record_.fallback_url, {}};
    const auto verdict = party_->verdict();
    if (!record_.machine_detection.empty() && record_.async_detection) {
        parts_.group.spawn(strand_, detect_machine(self, verdict));
    } else if (!record_.machine_detection.empty()) {
        // The patient hears silence until the verdict; then the voice URL is asked with it.
        co_await async::sleep_for(detection_wait(verdict));
        answered_by_ = verdict_text(verdict);
        parts_.book.change(record_.sid, [this](CallRecord& call) { call.answered_by = answered_by_; });
        start.extra = {{"AnsweredBy", answered_by_},
                       {"MachineDetectionDuration", std::to_string(detection_wait(verdict).count())}};
    }
    TwimlProgram program(*this, parts_.options, answered_at_ + record_.time_limit);
    co_await program.run(std::move(start));
    finish("completed", 200);
}

async::Task<> CallEngine::listen_in(std::shared_ptr<CallEngine> self) {
    co_await self->party_->live(*self);
}

async::Task<> CallEngine::send_callbacks(std::shared_ptr<CallEngine> self) {
    co_await self->callbacks_.run();
}

async::Task<> CallEngine::detect_machine(std::shared_ptr<CallEngine> self, Verdict verdict) {
    const auto wait = detection_wait(verdict);
    co_await async::sleep_for(wait);
    if (over_) co_return;
    answered_by_ = verdict_text(verdict);
    parts_.book.change(record_.sid, [self](CallRecord& call) { call.answered_by = self->answered_by_; });
    net::FormFields fields{{"AccountSid", record_.account_sid},
                           {"CallSid", record_.sid},
                           {"AnsweredBy", answered_by_},
                           {"MachineDetectionDuration", std::to_string(wait.count())}};
    callbacks_.push(record_.detection_callback, std::move(fields));
}

std::string CallEngine::verdict_text(const Verdict& verdict) const {
    if (!verdict.machine) return "human";
    return record_.machine_detection == "DetectMessageEnd" ? "machine_end_beep" : "machine_start";
}

milliseconds CallEngine::detection_wait(const Verdict& verdict) const {
    if (verdict.machine && record_.machine_detection == "DetectMessageEnd")
        return verdict.greeting_ends + milliseconds{100};
    // A machine's greeting takes its real time at any pace, so what is known about it does too.
    if (verdict.machine) return parts_.options.detection_time;
    return std::max(detection_min, paced(parts_.options.detection_time));
}

void CallEngine::post(LineEvent event) {
    if (std::holds_alternative<LiveUpdate>(event)) reply_arrives();
    inbox_.try_push(std::move(event));
}

async::Task<Result<std::string>> CallEngine::fetch(std::string url, std::string method, net::FormFields extra) {
    auto fields = base_fields();
    for (auto& field : extra) fields.push_back(std::move(field));
    auto posting = parts_.webhooks.make(url, std::move(method), std::move(fields));
    const auto answer = co_await parts_.webhooks.send(std::move(posting), Deadline::in(parts_.options.webhook_timeout));
    Error failure{.code = Errc::corrupt, .detail = "", .provider_code = 11200};
    if (!answer) {
        failure = Error{.code = answer.error().code,
                        .detail = "no answer: " + answer.error().detail,
                        .provider_code = answer.error().code == Errc::timed_out ? 11200 : 11205};
    } else if (answer->status < 200 || answer->status > 299) {
        failure.detail = "the voice URL answered " + std::to_string(answer->status);
    } else {
        const auto type = answer->headers.find("Content-Type").value_or("");
        if (type.starts_with("text/xml") || type.starts_with("application/xml") || type.starts_with("text/html"))
            co_return answer->body;
        failure.provider_code = 12300;
        failure.detail = "the content type must be text/xml";
    }
    note(failure.provider_code, failure.detail);
    co_return failure;
}

void CallEngine::request_only(std::string url, std::string method, net::FormFields extra) {
    auto fields = base_fields();
    for (auto& field : extra) fields.push_back(std::move(field));
    auto posting = parts_.webhooks.make(std::move(url), std::move(method), std::move(fields));
    parts_.group.spawn(strand_, send_and_forget(shared_from_this(), std::move(posting)));
}

async::Task<> CallEngine::send_and_forget(std::shared_ptr<CallEngine> self, Posting posting) {
    const auto answer =
        co_await self->parts_.webhooks.send(std::move(posting), Deadline::in(self->parts_.options.webhook_timeout));
    if (!answer) co_return;
    if (answer->status >= 400) self->note(11200, "an action URL answered " + std::to_string(answer->status));
}

void CallEngine::voice_begins(std::string text, SteadyTime ends_at) {
    voice_text_ = text;
    tell(CallEventKind::voice_said, text);
    party_->voice_begins(std::move(text), ends_at);
}

void CallEngine::voice_ends(double fraction_heard) {
    const bool cut = fraction_heard < 1;
    tell(cut ? CallEventKind::voice_cut : CallEventKind::voice_ended, voice_text_, fraction_heard);
    party_->voice_ends(cut);
}

void CallEngine::note(int code, std::string text) {
    tell(CallEventKind::trouble, text, 1, code);
    parts_.book.change(record_.sid, [&](CallRecord& call) { call.notes.push_back({code, std::move(text)}); });
}

SteadyTime CallEngine::speak(SharedClip clip, std::string text, double confidence) {
    const auto ends_at = line_->play(std::move(clip), now());
    {
        const std::lock_guard lock(meter_mutex_);
        reply_owed_ = true;
        answer_left_ = false;
    }
    tell(CallEventKind::patient_spoke, text);
    inbox_.try_push(PartySpeaks{std::move(text), confidence, ends_at});
    return ends_at;
}

void CallEngine::press(char key) {
    tell(CallEventKind::patient_keyed, std::string(1, key));
    inbox_.try_push(PartyPresses{key});
}

void CallEngine::hang_up() {
    line_->hush(now());
    inbox_.try_push(HangUpByParty{});
}

void CallEngine::set_status(const std::string& status, const std::string& event, net::FormFields extra) {
    status_ = status;
    // "initiated" is seen in callbacks only; the REST API still says queued.
    if (status != "initiated") parts_.book.change(record_.sid, [&](CallRecord& call) { call.status = status; });
    const bool wanted = std::ranges::find(record_.status_events, event) != record_.status_events.end();
    if (!wanted) return;
    auto fields = base_fields();
    fields.emplace_back("CallbackSource", "call-progress-events");
    fields.emplace_back("SequenceNumber", std::to_string(sequence_++));
    fields.emplace_back("Timestamp", format_rfc2822(wall_now()));
    for (auto& field : extra) fields.push_back(std::move(field));
    callbacks_.push(record_.status_callback, std::move(fields));
}

void CallEngine::finish(const std::string& status, int sip_code) {
    over_ = true;
    const auto span = std::chrono::duration<double>(now() - answered_at_).count();
    const int seconds = answered_ ? static_cast<int>(std::ceil(span)) : 0;
    parts_.book.change(record_.sid, [&](CallRecord& call) {
        call.ended = wall_now();
        call.duration_seconds = seconds;
    });
    net::FormFields extra{{"CallDuration", std::to_string(seconds)},
                          {"Duration", std::to_string((seconds + 59) / 60)},
                          {"SipResponseCode", std::to_string(sip_code)}};
    if (!answered_by_.empty()) extra.emplace_back("AnsweredBy", answered_by_);
    set_status(status, "completed", std::move(extra));
    for (const auto& entry : parts_.recordings.of_call(record_.sid))
        if (entry.status == "in-progress") recording_changed(entry.sid, true);
    tell(CallEventKind::ended, status);
}

void CallEngine::recording_changed(const std::string& recording_sid, bool ends) {
    if (ends) {
        const auto ended = now();
        parts_.recordings.change(recording_sid, [&](RecordingEntry& entry) {
            const auto patient = line_->said(entry.began, ended);
            std::vector<float> samples;
            // The voice is never heard here, so its channel is silent.
            for (const float sample : patient) {
                samples.push_back(sample);
                if (entry.channels == 2) samples.push_back(0);
            }
            entry.duration_seconds = static_cast<int>(patient.size() / audio::phone_rate_hz);
            entry.wav = audio::write_wav(samples, audio::phone_rate_hz, entry.channels);
            entry.status = "completed";
        });
    }
    report_recording(recording_sid);
}

void CallEngine::report_recording(const std::string& recording_sid) {
    const auto entry = parts_.recordings.find(recording_sid);
    if (!entry || entry->callback.empty()) return;
    if (std::ranges::find(entry->events, entry->status) == entry->events.end()) return;
    net::FormFields fields{{"AccountSid", record_.account_sid}, {"CallSid", record_.sid}};
    for (auto& field : callback_fields(*entry)) fields.push_back(std::move(field));
    callbacks_.push(entry->callback, std::move(fields));
}

net::FormFields CallEngine::base_fields() const {
    return {{"AccountSid", record_.account_sid},
            {"ApiVersion", "2010-04-01"},
            {"CallSid", record_.sid},
            {"CallStatus", status_},
            {"Direction", "outbound-api"},
            {"Called", record_.to},
            {"CalledCity", ""},
            {"CalledCountry", "US"},
            {"Caller", record_.from},
            {"CallerCountry", "US"},
            {"From", record_.from},
            {"To", record_.to}};
}

void CallEngine::tell(CallEventKind kind, std::string text, double fraction, int code) const {
    if (!parts_.observer) return;
    parts_.observer(CallEvent{kind, record_.sid, record_.to, now(), std::move(text), fraction, code});
}

milliseconds CallEngine::paced(milliseconds span) const {
    return milliseconds{std::llround(static_cast<double>(span.count()) / parts_.options.pace)};
}

}  // namespace carevoice::simulator
