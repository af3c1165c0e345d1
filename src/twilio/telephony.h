// What the rest of the house asks of the telephone network. Twilio's REST API is one implementation; tests have a fake.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"

#include <optional>
#include <string>
#include <vector>

namespace carevoice::twilio {

struct CallRequest {
    std::string to;          ///< E.164
    std::string from;        ///< E.164
    std::string voice_url;   ///< absolute; fetched when the call is answered
    std::string status_url;  ///< absolute; initiated, ringing, answered, completed
    std::string amd_url;     ///< absolute; asynchronous machine detection reports here; empty: no detection
    int ring_seconds = 30;   ///< 5 to 600
    int max_seconds = 900;   ///< of the whole call
};

/// A call as Twilio reports it.
struct RemoteCall {
    CallSid sid;
    std::string status;  ///< Twilio's spelling
    std::string answered_by;
    std::string to;
    std::optional<WallTime> started_at;
    std::optional<WallTime> ended_at;
    std::optional<int> duration_seconds;
    std::optional<double> price;  ///< positive; nullopt until billed
};

struct AccountState {
    std::string status;  ///< "active", "suspended", "closed"
    std::string type;    ///< "Trial", "Full"
};

/// Errors of every function: unauthorised (20003), not_found (20404), rejected (other final refusals, with Twilio's
/// code in provider_code and its message in detail), conflict (21220: the call is not in a state for this), unavailable
/// (429, 5xx, no connection), timed_out, cancelled, corrupt (the answer makes no sense), invalid_input and too_large
/// (refused here, nothing sent). provider_code is Twilio's code, or the HTTP status when it sent none.
class Telephony {
public:
    virtual ~Telephony() = default;

    /// Errc::timed_out means that the call may exist (no answer, a lost connection, a 5xx, an unreadable answer):
    /// find_call() before anything else. Never retried blindly.
    virtual async::Task<Result<CallSid>> create_call(CallRequest request, Deadline deadline) = 0;
    /// The newest call to `to` that began at or after `since`; Errc::not_found when there is none (reads lag a little).
    virtual async::Task<Result<RemoteCall>> find_call(std::string to, WallTime since, Deadline deadline) = 0;
    virtual async::Task<Result<RemoteCall>> fetch_call(CallSid sid, Deadline deadline) = 0;
    /// Stops what the call is doing and runs `twiml`, at most 4,000 characters (too_large). conflict or not_found: the
    /// call is over already, no fault.
    virtual async::Task<Result<>> update_call(CallSid sid, std::string twiml, Deadline deadline) = 0;
    /// Hangs up a live call, or cancels one that still rings.
    virtual async::Task<Result<>> end_call(CallSid sid, bool answered, Deadline deadline) = 0;
    /// `body` at most 1,600 characters (too_large). The message SID. Errc::timed_out: it may have been sent.
    virtual async::Task<Result<std::string>> send_message(std::string to, std::string from, std::string body,
                                                          Deadline deadline) = 0;
    /// Connectivity and credentials.
    virtual async::Task<Result<AccountState>> account(Deadline deadline) = 0;
};

}  // namespace carevoice::twilio
