// What a chat model is told: rules that are the same for every call, and one turn, without a word that says whose it
// is.
#pragma once

#include "ai/chat_prompt.h"
#include "ai/scrub.h"
#include "domain/concepts.h"
#include "domain/dialogue.h"
#include "domain/patient.h"
#include "domain/transcript.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::ai {

/// One thing said before, since identity was verified.
struct RecentTurn {
    domain::Speaker speaker = domain::Speaker::assistant;
    std::string text;
};

/// One turn of a call as the dialogue has decided it, before it is spoken. The customer's
/// generate_contextual_response(user_message, system_prompt, context_metadata) in our words.
struct TurnBrief {
    std::string patient_said;
    std::string topic_answered;  ///< the question that these words answered; may be empty
    std::string next_topic;      ///< the question due; empty: none
    std::string own_wording;     ///< what is spoken if no model finds better words: acknowledgement and question
    domain::DialoguePhase phase = domain::DialoguePhase::questions;
    bool identity_verified = false;
    /// Emergencies, read-backs, keypad prompts, good-byes, …: exactly own_wording, and no model is asked.
    bool fixed_words = false;
    domain::ProcedureFamily procedure_family = domain::ProcedureFamily::generic;
    std::optional<int> post_operative_day;
    std::vector<RecentTurn> recent_turns;  ///< oldest first; the last few are used
    std::vector<std::string> identifiers;  ///< identifiers_of(patient): never sent, never spoken by a model
    std::vector<std::uint32_t> heard;      ///< DialogueState::said before this turn: no model says it again
};

/// Immutable: share it between threads.
class PromptWriter {
public:
    PromptWriter(const domain::ConceptBook& concepts, Scrubber scrubber);

    /// The rules and the schema are the same text every time, so that servers can keep them ready.
    [[nodiscard]] ChatPrompt write(const TurnBrief& brief) const;

private:
    Scrubber scrubber_;
    std::string system_;
    std::string schema_;
};

}  // namespace carevoice::ai
