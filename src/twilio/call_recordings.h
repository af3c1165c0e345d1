// What the rest of the house asks of Twilio about recordings. Its REST API is one implementation; tests have a fake.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/ids.h"
#include "core/metrics.h"
#include "core/time.h"
#include "net/client.h"
#include "twilio/rest_client.h"

#include <cstddef>
#include <memory>
#include <string>

namespace carevoice::twilio {

/// Errors as Telephony has them. Nothing is tried twice: who asks has a queue for that.
class CallRecordings {
public:
    virtual ~CallRecordings() = default;

    /// Records a live call from now on, both sides in channels of their own, and reports to `callback_url`. The
    /// recording's SID. timed_out: it may record.
    virtual async::Task<Result<std::string>> start(CallSid call, std::string callback_url, Deadline deadline) = 0;
    /// Ends what is being recorded of a live call. conflict or not_found: nothing is.
    virtual async::Task<Result<>> stop(CallSid call, Deadline deadline) = 0;
    /// SID of the newest recording of the call; not_found when there is none.
    virtual async::Task<Result<std::string>> find(CallSid call, Deadline deadline) = 0;
    /// The audio as a WAVE file. not_found as well when it is not ready; too_large over the client's limit.
    virtual async::Task<Result<std::string>> fetch(std::string recording_sid, Deadline deadline) = 0;
    /// ok as well when it is gone. conflict while it is being made.
    virtual async::Task<Result<>> remove(std::string recording_sid, Deadline deadline) = 0;
};

/// `http` bounds the size of the audio, and outlives the result as `metrics` does. Thread-safe. Counts
/// carevoice_twilio_requests_total{operation,outcome} and times carevoice_twilio_seconds{operation}.
std::unique_ptr<CallRecordings> make_recordings_client(const Credentials& credentials, net::Url base_url,
                                                       net::HttpClient& http, Metrics& metrics);

}  // namespace carevoice::twilio
