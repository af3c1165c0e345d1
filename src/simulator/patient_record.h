// A scenario's patient as the service's API wants one, and the reading of its transcript.
#pragma once

#include "core/time.h"
#include "simulator/expectations.h"
#include "simulator/scenario.h"

#include <boost/json/object.hpp>

#include <string>

namespace carevoice::simulator {

/// Body of POST /patients. The date of surgery follows from the scenario's post-operative day, counted in the
/// patient's own zone (America/Chicago).
boost::json::object patient_record(const Scenario& scenario, const std::string& phone, WallTime now);

/// Replaces the voice's pieces of the conversation by the assistant's turns of the transcript, and puts the patient's
/// identity answer between those turns where the transcript has it.
void take_voice_from_transcript(CallEvidence& evidence);

}  // namespace carevoice::simulator
