// What a nurse reads about a call: alerts with the patient's words first, then answers, then what is missing.
#pragma once

#include "domain/dialogue.h"

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::dialogue {

/// Plain text, a line a statement. Deterministic.
std::string summarise(const DialogueState& state, const std::vector<Alert>& alerts, const DialogueContext& context);

/// What such a summary consists of, in its order: its lines, and of the line of facts each fact. Whoever puts them
/// together again in another order has said the same.
std::vector<std::string> statements_of(std::string_view summary);

}  // namespace carevoice::domain::dialogue
