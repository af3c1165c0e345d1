// The Call Service: what the HTTP API and the webhooks ask for, over all calls of this process.
#pragma once

#include "async/mutex.h"
#include "async/task.h"
#include "async/task_group.h"
#include "audio/voice_activity.h"
#include "calls/call_settings.h"
#include "calls/calling_hours.h"
#include "calls/live_call.h"
#include "calls/scheduler.h"
#include "domain/call.h"
#include "net/websocket.h"
#include "storage/repositories.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace carevoice::calls {

struct InitiateRequest {
    PatientId patient_id;
    CallSessionId call_session_id;  ///< empty: we choose one
    domain::CallType call_type = domain::CallType::followup;
    std::optional<domain::CallMode> mode;
    std::vector<int> prior_pain_scores;
    std::optional<WallTime> scheduled_at;
    std::string request_body;  ///< canonical JSON, for the comparison of repeats
};

struct Initiated {
    domain::Call call;
    bool created = true;  ///< false: the same request was made before, and nothing was dialled again
};

/// A call with all that hangs on it, for status and transcript.
struct CallDetails {
    domain::Call call;
    domain::Facts facts;
    std::vector<domain::Alert> alerts;
    std::vector<domain::Turn> turns;
    std::optional<storage::Recording> recording = {};
};

struct CallServiceDeps {
    async::Executor executor;  ///< calls get strands on it
    CallSettings settings;
    ConversationDeps conversation;
    twilio::Telephony& telephony;
    speech::SpeechToText* engine = nullptr;  ///< nullptr: no speech-to-text here
    audio::VoiceDetectorPool& detectors;
    domain::CallPlan plan = {};    ///< one without rules tries nothing again
    Recorder* recorder = nullptr;  ///< nullptr: calls are not recorded
    DialRate* rate = nullptr;      ///< shared with other instances; nullptr: this process alone keeps CALLS_PER_SECOND
};

/// Thread-safe.
class CallService {
public:
    explicit CallService(CallServiceDeps deps);
    ~CallService();

    /// Checks, stores, dials (or plans). Errors by field, each with its own problem type at the API: not_found
    /// patient_id; conflict call_session_id; rejected phone | consents.calls | scheduled_at | time_zone | mode;
    /// unavailable (too many live calls); rejected with provider_code (Twilio refused; the call is kept as failed).
    async::Task<Result<Initiated>> initiate(InitiateRequest request);

    async::Task<Result<CallDetails>> details(CallSessionId id);
    /// Hangs up a live call or withdraws a planned one. conflict when it is over.
    async::Task<Result<>> end(CallSessionId id);

    /// The origin of the instance that follows this call, when that is another one: it should get the call's webhooks.
    /// Handling one here nevertheless takes the call over. nullopt as well for an unknown call.
    async::Task<std::optional<std::string>> followed_elsewhere(CallSessionId id);

    // Webhooks: signature already checked. not_found for an unknown id.
    async::Task<Result<std::string>> voice(CallSessionId id, twilio::Webhook webhook, std::string idempotency_token);
    async::Task<Result<std::string>> gather(CallSessionId id, twilio::Webhook webhook, std::string idempotency_token);
    async::Task<Result<>> status(CallSessionId id, twilio::Webhook webhook);
    async::Task<Result<>> machine_verdict(CallSessionId id, twilio::Webhook webhook);
    async::Task<Result<>> stream_status(CallSessionId id, twilio::Webhook webhook);

    /// Whether an upgrade for this call may be accepted: not_found, or conflict when the call is over.
    async::Task<Result<>> may_stream(CallSessionId id);
    /// Serves a media WebSocket to its end.
    async::Task<> stream(CallSessionId id, std::shared_ptr<net::WebSocket> socket);

    /// Works on the call plan. Spawn once; ends with its group.
    async::Task<> run_schedule() { return scheduler_.run(); }
    /// One look at the call plan, for tests.
    async::Task<milliseconds> look_at_schedule() { return scheduler_.pass(); }
    /// Why no calls are dialled at the moment, in one sentence; empty when they are.
    [[nodiscard]] std::string dial_hold() const;

    [[nodiscard]] std::size_t live_calls() const;
    [[nodiscard]] bool can_transcribe() const noexcept { return deps_.engine != nullptr; }

    /// Lets go of calls that another instance has taken over, which it looks for once a second. Spawn once; ends with
    /// stop().
    async::Task<> watch_owners();

    /// From now on no call is begun here: nothing is dialled, initiate() is unavailable, and a patient who has just
    /// answered is sent on to another instance, if there is one. Calls that are followed here go on. Any thread.
    void drain();
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }

    /// Lets live calls' work end (their last words are stored) and gives the calls free, so that any instance goes on
    /// with them; then returns.
    async::Task<> stop();

private:
    using LivePtr = std::shared_ptr<LiveCall>;

    async::Task<Result<domain::Patient>> find_patient(PatientId id);
    [[nodiscard]] Result<> check(const InitiateRequest& request, const domain::Patient& patient) const;
    async::Task<Result<domain::Call>> update(CallSessionId id, std::function<void(domain::Call&)> change);
    async::Task<Result<domain::Call>> find(CallSessionId id);
    /// The call as it is followed here, taken over from whoever followed it before.
    async::Task<Result<LivePtr>> live(CallSessionId id);
    async::Task<Result<LivePtr>> load(CallSessionId id);
    async::Task<> let_go(LivePtr call);
    async::Task<> hand_over(LivePtr call);
    /// What to say to a call that another instance should follow; nullopt when it is ours to handle.
    [[nodiscard]] std::optional<std::string> send_on(const CallSessionId& id);
    void tell_watcher(const domain::Call& call) const;
    [[nodiscard]] LivePtr find_live(const CallSessionId& id) const;
    async::Task<> finish(LivePtr call, domain::CallStatus status);
    [[nodiscard]] bool overloaded() const noexcept;

    CallServiceDeps deps_;
    async::Executor loading_strand_;
    std::array<async::Mutex, 16> loading_;  ///< by id, on that strand: a call is loaded once
    LiveCallDeps live_deps_;
    std::atomic<bool> draining_{false};
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::unordered_map<CallSessionId, LivePtr> live_;
    std::unordered_map<CallSessionId, int> sent_on_;  ///< how often, while draining
    SystemTimeZones zones_;
    LocalDialRate own_rate_;
    Scheduler scheduler_;
    async::TaskGroup tasks_{"call service"};
};

}  // namespace carevoice::calls
