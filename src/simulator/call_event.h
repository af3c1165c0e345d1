// What happens in the simulated calls, for whoever watches: printers, tests, latency measurements.
#pragma once

#include "core/time.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace carevoice::simulator {

enum class CallEventKind {
    created,
    ringing,
    answered,
    voice_said,      ///< `text` begins to be spoken to the patient (empty when it is streamed audio)
    voice_cut,       ///< it was cut off; `fraction` of it was heard
    voice_ended,     ///< it was heard to its end
    patient_spoke,   ///< `text` begins to be spoken by the patient
    patient_keyed,   ///< `text` is the key
    answer_sent,     ///< the last frame of the patient's words left for the service
    reply_arrived,   ///< the first live update, or the first audio of a two-way stream, after answer_sent
    stream_started,  ///< `text` is its SID
    stream_ended,
    trouble,  ///< `code` is Twilio's error number, `text` what it means here
    ended,    ///< `text` is the final status
};

struct CallEvent {
    CallEventKind kind = CallEventKind::created;
    std::string call_sid;
    std::string to;  ///< the number that was dialled
    SteadyTime at{};
    std::string text = {};
    double fraction = 1;
    int code = 0;
};

/// Called on the strands of the calls: must be thread-safe and must not block.
using CallObserver = std::function<void(const CallEvent&)>;

/// Passes events on to those who watch a number, or (with an empty number) everything. Thread-safe.
class CallEventHub {
public:
    /// One observer a number; an empty one ends the watch.
    void watch(std::string number, CallObserver observer);
    void tell(const CallEvent& event) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, CallObserver> observers_;
};

}  // namespace carevoice::simulator
