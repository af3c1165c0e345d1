// Recordings of calls, and the work that waits on them: to fetch one from Twilio, to read it, to delete it. Such work
// is leased like a notification of the outbox: whichever instance claims it does it, again when that instance dies.
// Blocking and thread-safe as all repositories; one contract suite holds every database to this text.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::storage {

/// In the order in which a recording goes.
enum class RecordingState {
    asked,          ///< Twilio is asked to record; it may do so
    running,        ///< Twilio records
    refused,        ///< Twilio would not
    absent,         ///< Twilio recorded nothing
    to_fetch,       ///< ready at Twilio
    to_transcribe,  ///< kept here, encrypted
    kept,           ///< and read
    failed,         ///< given up, last_error says why; what there is of it is deleted in its time
    to_delete,      ///< here and at Twilio
    deleted,
};
std::string_view to_string(RecordingState state) noexcept;
std::optional<RecordingState> parse_recording_state(std::string_view text) noexcept;

struct Recording {
    CallSessionId call_session_id;
    PatientId patient_id;  ///< empty once deleted
    CallSid call_sid;
    std::string recording_sid;  ///< "RE…"; empty until Twilio said it
    RecordingState state = RecordingState::asked;
    std::string store_id;  ///< of the RecordingStore that has the audio; empty: none has
    std::optional<int> duration_seconds;
    std::int64_t words = 0;                ///< of the patient, that the recording holds
    std::optional<double> word_agreement;  ///< with the live transcript, 0 to 1; nullopt: not compared
    WallTime asked_at{};
    std::optional<WallTime> settled_at;  ///< kept, failed, refused, absent or deleted
    int attempts = 0;                    ///< claims of the work that waits; one that ended with its worker counts too
    WallTime next_attempt_at{};
    std::string last_error;  ///< no patient data
};

/// What Twilio says in its callback.
struct RecordingReport {
    CallSessionId call_session_id;
    std::string recording_sid;
    std::string status;  ///< "in-progress", "completed", "absent", "failed"
    std::optional<int> duration_seconds;
};

struct RecordingClaim {
    RecordingState work = RecordingState::to_fetch;  ///< or to_transcribe, to_delete
    std::string worker;
    std::string store_id;  ///< what another store keeps is left to its owner for a day
    WallTime now{};
    milliseconds lease{0};
};

/// How claimed work ended.
struct RecordingStep {
    RecordingState from = RecordingState::to_fetch;
    RecordingState next = RecordingState::to_fetch;  ///< `from` again: tried once more, at try_at
    WallTime try_at{};
    std::string error = {};
    std::optional<std::string> recording_sid = std::nullopt;  ///< learned on the way
    std::optional<std::string> store_id = std::nullopt;
    std::optional<std::int64_t> words = std::nullopt;
    std::optional<double> word_agreement = std::nullopt;
};

class RecordingRepository {
public:
    virtual ~RecordingRepository() = default;

    /// Before Twilio is asked: what follows has a place to be noted, and nobody else asks. False when the call has a
    /// recording already. rejected when the patient's record does not consent to recording (any more). not_found.
    virtual Result<bool> begin(const CallSessionId& id, const CallSid& sid, WallTime now) = 0;
    /// Twilio records. Nothing is changed when a callback said more already.
    virtual Result<> started(const CallSessionId& id, const std::string& recording_sid) = 0;
    virtual Result<> refused(const CallSessionId& id, const std::string& why, WallTime now) = 0;

    /// Takes a callback; late, early and repeated ones are harmless. True when there is something to fetch now.
    /// not_found when nobody asked for a recording of this call; conflict when it is another recording of it.
    virtual Result<bool> reported(const RecordingReport& report, WallTime now) = 0;

    /// The consent is gone: deletes it. False when there is none.
    virtual Result<bool> withdraw(const CallSessionId& id, WallTime now) = 0;
    /// Deletes all of one patient's. How many. PatientRepository::erase() does the same.
    virtual Result<std::int64_t> condemn(const PatientId& id) = 0;
    /// Deletes what was asked for before `expired`, and fetches what Twilio did not report since before `overdue`. How
    /// many.
    virtual Result<std::int64_t> tidy(WallTime expired, WallTime overdue, WallTime now) = 0;

    /// One recording that waits for this work, the longest due, leased to the worker; nullopt: none is due.
    virtual Result<std::optional<Recording>> claim(const RecordingClaim& claim) = 0;
    /// False, and nothing is changed, when the lease is another's by now, or other work came before it.
    virtual Result<bool> advance(const CallSessionId& id, const std::string& worker, const RecordingStep& step,
                                 WallTime now) = 0;

    virtual Result<Recording> find(const CallSessionId& id) = 0;
    virtual Result<std::vector<std::pair<RecordingState, std::int64_t>>> counts() = 0;
};

}  // namespace carevoice::storage
