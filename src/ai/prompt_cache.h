// The part of requests that is the same for many, written for the wire once.
#pragma once

#include "ai/chat_prompt.h"
#include "core/error.h"

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace carevoice::ai {

/// Holds what `build` makes of a prompt's rules, schema and token limit (never of its messages, which are a patient's),
/// for the prompts used last. Whole answers are not kept: every request holds words that were just said. Thread-safe.
class PromptCache {
public:
    using Build = std::function<Result<std::string>(const ChatPrompt&)>;
    explicit PromptCache(Build build, std::size_t entries_max = 16)
        : build_(std::move(build)), entries_max_(entries_max) {}

    /// An error of `build` is passed on and not kept.
    Result<std::shared_ptr<const std::string>> get(const ChatPrompt& prompt);

private:
    struct Entry {
        std::string system;
        std::string schema;
        int max_output_tokens;
        std::shared_ptr<const std::string> built;
    };

    const Build build_;
    const std::size_t entries_max_;
    std::mutex mutex_;
    std::list<Entry> entries_;  ///< the one used last comes first
};

}  // namespace carevoice::ai
