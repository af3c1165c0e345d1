// What the service remembers, as narrow interfaces. Every function blocks on the database: call them on a BlockingPool,
// never on an I/O thread. All are thread-safe. Times are UTC. Errors: not_found, conflict (unique key), unavailable
// (the database is away: try again), timed_out (it was lost while it committed: try again where a repeat is harmless),
// corrupt (a row breaks its own rules), invalid_input (a page's limit or cursor), internal. Asking for what hangs on an
// unknown call is not_found. Text comes back as it was given, except that bytes which are not UTF-8, and NUL, become
// U+FFFD.
//
// One contract suite (tests/contract/storage) holds every implementation to this text.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/metrics.h"
#include "core/time.h"
#include "domain/alert.h"
#include "domain/call.h"
#include "domain/fact.h"
#include "domain/notification.h"
#include "domain/patient.h"
#include "domain/transcript.h"
#include "storage/call_plan.h"
#include "storage/outbox.h"
#include "storage/page.h"
#include "storage/recordings.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::storage {

class PatientRepository {
public:
    virtual ~PatientRepository() = default;
    virtual Result<domain::Patient> find(const PatientId& id) = 0;
    /// conflict when the id exists.
    virtual Result<> insert(const domain::Patient& patient) = 0;
    /// Reads the patient, lets `change` edit them, writes them back, in one transaction: an opt-out that a call stores
    /// in the same moment is not lost. `change` must be quick and may run again. The id never changes. Returns the
    /// patient as written.
    virtual Result<domain::Patient> update(const PatientId& id,
                                           const std::function<void(domain::Patient&)>& change) = 0;
    /// Also removes the patient's calls with all that hangs on them; their recordings are deleted soon after, here and
    /// at Twilio, however often that takes.
    virtual Result<> erase(const PatientId& id) = 0;
    virtual Result<Page<domain::Patient>> list(const PageRequest& page) = 0;  ///< by patient_id
};

/// Optional limits of a list of calls; an empty one selects all.
struct CallFilter {
    std::optional<PatientId> patient_id;
    std::optional<domain::CallStatus> status;
    std::optional<WallTime> created_from;
    std::optional<WallTime> created_to;  ///< the first moment that no longer counts
};

/// A status callback or another signal, stored as it came. (call, key) is unique: a repeat is harmless.
struct CallEvent {
    CallSessionId call_session_id;
    std::string key;   ///< de-duplication: "status:3", "amd", "stream:MZ…:stopped"
    std::string kind;  ///< "status", "amd", "stream", "recording", "note"
    std::string detail_json;
    WallTime received_at{};
};

class CallRepository {
public:
    virtual ~CallRepository() = default;
    virtual Result<domain::Call> find(const CallSessionId& id) = 0;
    virtual Result<domain::Call> find_by_sid(const CallSid& sid) = 0;
    virtual Result<> insert(const domain::Call& call) = 0;
    /// Reads the call, lets `change` edit it, writes it back, in one transaction: two callbacks at once cannot undo
    /// each other. `change` must be quick, free of effects of its own, and may run again. Returns the call as written.
    /// The ids of call and patient and created_at never change.
    virtual Result<domain::Call> update(const CallSessionId& id, const std::function<void(domain::Call&)>& change) = 0;
    virtual Result<Page<domain::Call>> list(const CallFilter& filter, const PageRequest& page) = 0;  ///< newest first
    virtual Result<std::vector<domain::Call>> list_unfinished() = 0;  ///< every call without a final status
    /// False when the event was known already.
    virtual Result<bool> add_event(const CallEvent& event) = 0;
    virtual Result<std::vector<CallEvent>> events(const CallSessionId& id) = 0;  ///< as received
};

/// All that one turn of a call leaves behind, written in one transaction, before anything is spoken. A field left empty
/// leaves what is stored; only current_topic and topics are taken as they are whenever dialogue_state is given.
struct TurnRecord {
    CallSessionId call_session_id;
    /// sequence 0: the store gives the next number. The number of a stored turn replaces that turn (as when the patient
    /// cut it short); a number that would leave a gap is a conflict.
    std::vector<domain::Turn> turns;
    domain::Facts facts;  ///< learned by this turn
    std::vector<domain::RaisedAlert> alerts;
    std::string dialogue_state;
    std::string current_topic;
    std::vector<domain::TopicProgress> topics;
    domain::CallOutcome outcome = domain::CallOutcome::none;
    bool opt_out = false;                             ///< also marks the patient
    std::optional<domain::Consents> consents;         ///< also changes the patient
    std::optional<domain::Caregiver> caregiver = {};  ///< likewise
    std::optional<std::string> language = {};         ///< likewise
    WallTime now{};
    /// The writer's; conflict, naming owner_epoch, when the call has a later owner by now. 0: not compared.
    std::int64_t owner_epoch = 0;
    /// Who is told of an alert that is new or rose, and when nobody answers. Pure, quick, and may run again. What it
    /// says is written with the alert. Empty: nobody.
    std::function<domain::AlertPlan(const domain::Alert&)> plan = {};
    /// Names this record within its call, so that it can be sent again after timed_out: stored once, and answered as
    /// before, with the alerts of its types as they are now. Empty: sent again, it would be stored again.
    std::string key = {};
};

struct TurnStored {
    std::vector<domain::Alert> alerts = {};    ///< those that were new or rose
    std::vector<std::int64_t> sequences = {};  ///< of record.turns, in their order
};

class ConversationRepository {
public:
    virtual ~ConversationRepository() = default;
    /// Alerts are merged by (call, type): severity only rises, every quote is kept. `new_alert_id` names new ones.
    virtual Result<TurnStored> record(const TurnRecord& record, const std::function<AlertId()>& new_alert_id) = 0;
    virtual Result<std::vector<domain::Turn>> turns(const CallSessionId& id) = 0;  ///< by sequence
    virtual Result<domain::Facts> facts(const CallSessionId& id) = 0;
};

struct AlertFilter {
    std::optional<CallSessionId> call_session_id;
    std::optional<domain::AlertStatus> status;
    std::optional<domain::Severity> at_least;
};

class AlertRepository {
public:
    virtual ~AlertRepository() = default;
    virtual Result<domain::Alert> find(const AlertId& id) = 0;
    virtual Result<Page<domain::Alert>> list(const AlertFilter& filter, const PageRequest& page) = 0;  ///< newest first
    /// Acknowledging or resolving ends the escalation at once: what it had queued is withdrawn. `by` is who did it, and
    /// `note` what they write about it; both go to the alert's history, where a repeat without a note leaves no trace.
    virtual Result<domain::Alert> set_status(const AlertId& id, domain::AlertStatus status, WallTime now,
                                             const std::string& by = {}, const std::string& note = {}) = 0;
    /// Adds to the history; nothing else changes.
    virtual Result<domain::Alert> add_note(const AlertId& id, WallTime now, const std::string& by,
                                           const std::string& note) = 0;
};

/// How a topic fared in the calls whose plan it was on and that are over.
struct TopicFigures {
    std::string topic;
    std::int64_t planned = 0;
    std::int64_t asked = 0;  ///< of the planned: all but those that the call never came to
    std::int64_t answered = 0;
    std::int64_t unclear = 0;
    std::int64_t declined = 0;
    friend bool operator==(const TopicFigures&, const TopicFigures&) = default;
};

/// Who worded what the assistant said, and how long the model took.
struct WordingFigures {
    std::vector<std::pair<std::string, std::int64_t>> by_source;    ///< "fixed", "ours", "model"
    std::vector<std::pair<std::string, std::int64_t>> fallbacks;    ///< why ours: "late", "breaker", …
    std::vector<std::pair<std::string, std::int64_t>> guard_rails;  ///< of them, what a guard rail held back
    std::int64_t model_asked = 0;
    std::int64_t model_ms_p50 = 0;  ///< nearest rank, over all that were asked; 0 when none was
    std::int64_t model_ms_p95 = 0;
};

/// Figures over calls created in [from, to).
struct CallFigures {
    std::int64_t total = 0;
    std::int64_t active = 0;  ///< asked of Twilio and without a final status
    std::vector<std::pair<std::string, std::int64_t>> by_status;
    std::vector<std::pair<std::string, std::int64_t>> by_outcome;
    std::vector<std::pair<std::string, std::int64_t>> alerts_by_type;
    std::vector<std::pair<std::string, std::int64_t>> alerts_by_severity;
    double mean_duration_seconds = 0;  ///< of answered calls; 0 when none
    double completion_rate = 0;        ///< outcome completed / ended; 0 when none
    double mean_confidence = 0;        ///< of patient turns; 0 when none
    std::int64_t recordings_read = 0;  ///< compared with what the call understood
    double mean_word_agreement = 0;    ///< of those, 0 to 1; 0 when none
    double cost_usd = 0;
    std::vector<TopicFigures> topics;  ///< by name
    WordingFigures wording;
};

class AnalyticsRepository {
public:
    virtual ~AnalyticsRepository() = default;
    virtual Result<CallFigures> figures(std::optional<WallTime> from, std::optional<WallTime> to) = 0;
};

/// The database as one thing to open, migrate, ask and close. The repositories live as long as it does.
class Database {
public:
    virtual ~Database() = default;
    virtual PatientRepository& patients() = 0;
    virtual CallRepository& calls() = 0;
    virtual CallPlanRepository& call_plan() = 0;
    virtual ConversationRepository& conversations() = 0;
    virtual AlertRepository& alerts() = 0;
    virtual OutboxRepository& outbox() = 0;
    virtual RecordingRepository& recordings() = 0;
    virtual AnalyticsRepository& analytics() = 0;
    /// One cheap question to the server: ok, or unavailable with the reason.
    virtual Result<> ping() = 0;
};

struct DatabaseOptions {
    std::size_t connections = 4;  ///< 1 to 256
    /// Bounds each wait of a question: for a connection, for others who write, and for the answer itself. Short, for a
    /// patient may be on the line. At least 100 ms.
    milliseconds patience{3'000};
    /// carevoice_database_* : connections_in_use, waiting, seconds, errors_total, reconnects_total. Outlives the
    /// database; nullptr counts nothing.
    Metrics* metrics = nullptr;
};

/// `url` is "sqlite:PATH" ("sqlite::memory:" for tests) or "postgresql://…" as libpq reads it, with several hosts and
/// settings if need be. Opens the database (a file is made readable by its owner only), brings the schema up to date
/// (forward only, safe beside others who do the same) and keeps the connections ready. A PostgreSQL server that goes
/// away later is unavailable until it is back. Errc::invalid_input for an unknown scheme.
Result<std::unique_ptr<Database>> open_database(const std::string& url, const DatabaseOptions& options);
Result<std::unique_ptr<Database>> open_database(const std::string& url, std::size_t connections);

/// Applied and pending migrations, by name, for `carevoice migrate` and `doctor`.
struct MigrationState {
    std::vector<std::string> applied;
    std::vector<std::string> pending;
};
Result<MigrationState> migration_state(const std::string& url);

}  // namespace carevoice::storage
