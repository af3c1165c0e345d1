#include "ai/model_price.h"

#include <algorithm>

namespace carevoice::ai {

ModelPrice ModelPrice::of(std::string_view model) {
    // What the cache saves is not on that list, so that its tokens count in full.
    if (model == "gemini-3.5-flash-lite") return {.input = 0.30, .cached_input = 0.30, .output = 2.50};
    if (model == "gemini-3.6-flash") return {.input = 1.50, .cached_input = 1.50, .output = 7.50};
    return {};
}

double ModelPrice::usd(const ChatUsage& usage) const {
    const auto cached = std::min(usage.cached_input_tokens, usage.input_tokens);
    const auto fresh = usage.input_tokens - cached;
    const double price = static_cast<double>(fresh) * input + static_cast<double>(cached) * cached_input +
                         static_cast<double>(usage.output_tokens) * output;
    return price / 1e6;
}

}  // namespace carevoice::ai
