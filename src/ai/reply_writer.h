// The words of one turn: a chat model's if it finds good ones in time, else our own. There is always something to say.
#pragma once

#include "ai/chat_model.h"
#include "ai/guard_rails.h"
#include "ai/prompt.h"
#include "async/task.h"
#include "core/metrics.h"
#include "domain/concepts.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

struct WrittenReply {
    std::string speak;      ///< never empty unless own_wording was
    bool by_model = false;  ///< `speak` is a model's; else it is own_wording, unchanged
    /// Why not a model's: "fixed_words", "guard_rails", or how asking failed ("timed_out", "unavailable", …); else
    /// empty.
    std::string_view fallback_reason;
    /// The rest of the answer, for ReplyWriter::findings() while `speak` is spoken; null when no model answered.
    std::unique_ptr<ChatReply> rest;
};

/// Counts carevoice_chat_fallbacks_total{reason} (fixed words are none), carevoice_guard_rail_blocks_total{breach} and
/// carevoice_chat_findings_dropped_total. Thread-safe; everything it is given outlives it.
class ReplyWriter {
public:
    ReplyWriter(ChatModel& model, const GuardRails& rails, const PromptWriter& prompts,
                const domain::ConceptBook& concepts, Metrics& metrics)
        : model_(model), rails_(rails), prompts_(prompts), concepts_(concepts), metrics_(metrics) {}

    /// Ready by `deadline`. No model is asked for fixed words, before identity, outside of the questions, or for a
    /// topic that GuardRails calls fixed.
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
