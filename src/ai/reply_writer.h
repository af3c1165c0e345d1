// The words of one turn: a chat model's if it finds good ones in time, else our own. There is always something to say.
#pragma once

#include "ai/chat_model.h"
#include "ai/guard_rails.h"
#include "ai/prompt.h"
#include "async/task.h"
#include "core/metrics.h"
#include "domain/concepts.h"
#include "domain/transcript.h"

#include <memory>
#include <string>
#include <vector>

namespace carevoice::ai {

struct WrittenReply {
    std::string speak;        ///< never empty unless own_wording was; that, unchanged, when it is not a model's
    domain::Wording wording;  ///< whose words, and why; without model_ms
    bool asked = false;       ///< a model was, so that there was something to wait for
    /// The rest of the answer, for ReplyWriter::findings() while `speak` is spoken; null when no model answered.
    std::unique_ptr<ChatReply> rest;
};

/// Counts carevoice_guard_rail_blocks_total{breach} and carevoice_chat_findings_dropped_total. Thread-safe; everything
/// it is given outlives it.
class ReplyWriter {
public:
    ReplyWriter(ChatModel& model, const GuardRails& rails, const PromptWriter& prompts,
                const domain::ConceptBook& concepts, Metrics& metrics)
        : model_(model), rails_(rails), prompts_(prompts), concepts_(concepts), metrics_(metrics) {}

    /// Ready by `deadline`. No model is asked for fixed words, before identity, outside of the questions, or for a
    /// topic that GuardRails calls fixed. Sentences that the call has heard are left out of a model's words; where that
    /// leaves no question, ours are spoken.
    async::Task<WrittenReply> write(TurnBrief brief, Deadline deadline);

    /// What the model found in `patient_said`, for DialogueEventKind::second_thoughts; empty when it found nothing or
    /// the rest did not come in time. Also worth asking for when the model's words were not spoken.
    async::Task<std::vector<domain::ConceptFinding>> findings(std::unique_ptr<ChatReply> rest, std::string patient_said,
                                                              Deadline deadline);

private:
    [[nodiscard]] bool has_fixed_words(const TurnBrief& brief) const;
    [[nodiscard]] std::optional<Breach> check(const std::string& speak, const TurnBrief& brief) const;

    ChatModel& model_;
    const GuardRails& rails_;
    const PromptWriter& prompts_;
    const domain::ConceptBook& concepts_;
    Metrics& metrics_;
};

}  // namespace carevoice::ai
