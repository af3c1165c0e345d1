// Has a live call recorded once everybody who must has agreed to it, and no longer than that.
#pragma once

#include "async/task.h"
#include "calls/async_store.h"
#include "calls/call_settings.h"
#include "core/metrics.h"
#include "core/time.h"
#include "domain/call.h"
#include "domain/dialogue.h"
#include "domain/patient.h"
#include "twilio/call_recordings.h"

#include <string>

namespace carevoice::calls {

/// The patient is on the phone, their record consents to recording, and so did they in this call where its protocol
/// asks for it.
bool may_record(const domain::DialogueState& state, const domain::Patient& patient, domain::CallType type);
/// They said no, or took their yes back.
bool refuses_recording(const domain::DialogueState& state, domain::CallType type);

/// Thread-safe. All that it is given outlives it. Counts carevoice_recordings_total{step,outcome}.
class Recorder {
public:
    Recorder(AsyncStore& store, twilio::CallRecordings& twilio, const std::string& public_origin, const Clock& clock,
             Metrics& metrics);

    /// Asks Twilio to record, unless the call has a recording or the stored consent is gone. True when that is settled,
    /// whatever Twilio said (its refusal is logged, counted, stored, and no reason to end a call); false when the
    /// database could not be asked.
    async::Task<bool> start(CallSessionId id, CallSid sid);

    /// The consent is gone: ends the recording and has what there is of it deleted.
    async::Task<> withdraw(CallSessionId id, CallSid sid);

private:
    void count(std::string_view outcome);

    AsyncStore& store_;
    twilio::CallRecordings& twilio_;
    CallbackUrls urls_;
    const Clock& clock_;
    Metrics& metrics_;
};

}  // namespace carevoice::calls
