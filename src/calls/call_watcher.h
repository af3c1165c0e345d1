// Who wants to see calls while they go on: the wall, through whatever carries events to it.
#pragma once

#include "domain/alert.h"
#include "domain/call.h"
#include "domain/transcript.h"

#include <cstdint>
#include <string>
#include <vector>

namespace carevoice::calls {

/// Words of a patient who is still speaking: a guess that the turn replaces.
struct PartialSpeech {
    CallSessionId call_session_id;
    std::string topic;  ///< the question pending; may be empty
    std::string text;
    std::int64_t audio_ms = 0;  ///< where they begin in the media stream
};

/// Every function may come from any thread and returns at once; nothing that happens in it concerns the call. What is
/// told has been stored before, partial speech excepted, so whoever missed something finds it in the database.
class CallWatcher {
public:
    virtual ~CallWatcher() = default;
    /// A call as it is now: new, or with another status, outcome or verdict.
    virtual void on_call(const domain::Call& call) = 0;
    /// New turns, numbered as stored.
    virtual void on_turns(const CallSessionId& call, const std::vector<domain::Turn>& turns) = 0;
    virtual void on_partial(const PartialSpeech& speech) = 0;
    /// An alert as it is now: new, risen, escalated, acknowledged or resolved.
    virtual void on_alert(const domain::Alert& alert) = 0;
};

}  // namespace carevoice::calls
