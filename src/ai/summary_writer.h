// The nurse's summary of a call in an order that reads well. A chat model arranges our statements; it words none.
//
// Each statement ("Pain score: 8", an alert with its quotes) is sealed: the model sees it under a mark, [3], without
// the patient's words, and gives back a text of marks. That text stands only when it begins with [1], has every mark
// once, the alerts before the rest and in their order, and nothing between them but a few connecting words. Then the
// statements take the places of their marks. Numbers, symptoms, severities and quotes are ours, letter by letter,
// whatever a model writes; in any other case our own summary stays as it is.
#pragma once

#include "ai/chat_model.h"
#include "ai/scrub.h"
#include "async/task.h"
#include "core/metrics.h"
#include "core/time.h"

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::ai {

/// Why a model's arrangement was refused. Names are metric labels.
enum class Disarray {
    marks,  ///< one is missing, said twice, unknown, or the first is not [1]
    order,  ///< an alert stands behind something else, or behind a later alert
    words,  ///< more between the marks than connecting words
};
std::string_view to_string(Disarray fault) noexcept;

/// `text` with `statements` in the places of its marks.
boost::system::result<std::string, Disarray> arrange(std::string_view text, const std::vector<std::string>& statements);

/// Counts carevoice_summaries_total{words}: "model", or why ours: "too_long", "failed", or a Disarray. Thread-safe; the
/// references outlive it.
class SummaryWriter {
public:
    SummaryWriter(ChatModel& model, Scrubber scrubber, Metrics& metrics)
        : model_(model), scrubber_(std::move(scrubber)), metrics_(metrics) {}

    /// The statements of a summary as a model arranges them, by `deadline`; nullopt: ours are to stand as they are.
    async::Task<std::optional<std::string>> polish(std::vector<std::string> statements,
                                                   std::vector<std::string> identifiers, Deadline deadline);

private:
    [[nodiscard]] ChatPrompt prompt(const std::vector<std::string>& statements,
                                    const std::vector<std::string>& identifiers) const;

    ChatModel& model_;
    Scrubber scrubber_;
    Metrics& metrics_;
};

}  // namespace carevoice::ai
