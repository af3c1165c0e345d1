// What an answer costs.
#pragma once

#include "ai/chat_model.h"

#include <string_view>

namespace carevoice::ai {

/// US dollars for a million tokens.
struct ModelPrice {
    double input = 0;
    double cached_input = 0;
    double output = 0;

    /// By the public price list of November 2026; nothing for other models, such as our own.
    static ModelPrice of(std::string_view model);
    [[nodiscard]] double usd(const ChatUsage& usage) const;
};

}  // namespace carevoice::ai
