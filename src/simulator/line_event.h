// What can happen to a call while a TwiML verb runs.
#pragma once

#include "core/time.h"

#include <string>
#include <variant>

namespace carevoice::simulator {

/// New instructions by REST: `twiml` or `url`, never both.
struct LiveUpdate {
    std::string twiml;
    std::string url;
    std::string method = "POST";
};
struct HangUpByRest {};
struct HangUpByParty {};
struct PartySpeaks {
    std::string text;
    double confidence = 0;
    SteadyTime ends_at{};
};
struct PartyPresses {
    char key = 0;
};
/// A two-way stream is over, so <Connect> goes on with the next verb.
struct StreamOver {
    std::string sid;
};

using LineEvent = std::variant<LiveUpdate, HangUpByRest, HangUpByParty, PartySpeaks, PartyPresses, StreamOver>;

}  // namespace carevoice::simulator
