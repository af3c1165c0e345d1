// What a nurse reads about a call: alerts with the patient's words first, then answers, then what is missing.
#pragma once

#include "domain/dialogue.h"

#include <string>
#include <vector>

namespace carevoice::domain::dialogue {

/// Plain text, a line a statement. Deterministic.
std::string summarise(const DialogueState& state, const std::vector<Alert>& alerts, const DialogueContext& context);

}  // namespace carevoice::domain::dialogue
