// Did the call go as the scenario demands? A pure function over what was said and what the service stored.
#pragma once

#include "core/time.h"
#include "simulator/scenario.h"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace carevoice::simulator {

/// One piece of the conversation as it went over the line, in order.
struct SpokenPiece {
    bool by_voice = false;  ///< else by the patient
    std::string text;       ///< of a voice that was cut off: the part that was heard
    std::string topic;      ///< patient: what it answers
    milliseconds at{0};     ///< since the call was answered
};

struct CallEvidence {
    boost::json::object status;      ///< body of /calls/status/{id}
    boost::json::object transcript;  ///< body of /calls/transcripts/{id}
    std::vector<SpokenPiece> conversation;
    std::vector<std::string> recorded;  ///< by an answering machine, after its beep
};

struct CheckOptions {
    /// Hold the alerts' channels to the scenario too: needs a service with e-mail, SMS and webhook set up.
    bool channels = false;
    /// A patient's words count as heard when this part of them is in the transcript.
    double overlap_min = 0.5;
};

/// One sentence for each broken expectation; empty: the scenario passed.
std::vector<std::string> check_expectations(const Scenario& scenario, const CallEvidence& evidence,
                                            const CheckOptions& options = {});

/// The words of the transcript that come nearest to `said`, with the part of `said` found in them.
struct HeardWords {
    std::string text;
    double overlap = 0;
};
HeardWords find_heard(const boost::json::object& transcript, const std::string& said);

/// True when `actual` holds the fact: numbers within 0.05, texts without case, lists at least the wanted entries,
/// null and [] when nothing was stored.
bool fact_matches(const boost::json::value& wanted, const boost::json::value* actual);

}  // namespace carevoice::simulator
