#include "ai/prompt_cache.h"

#include <algorithm>
#include <utility>

namespace carevoice::ai {

Result<std::shared_ptr<const std::string>> PromptCache::get(const ChatPrompt& prompt) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.max_output_tokens == prompt.max_output_tokens && entry.system == prompt.system &&
               entry.schema == prompt.schema;
    });
    if (found != entries_.end()) {
        entries_.splice(entries_.begin(), entries_, found);
        return found->built;
    }
    auto built = build_(prompt);
    if (built.has_error()) return built.error();
    auto shared = std::make_shared<const std::string>(std::move(*built));
    entries_.push_front({prompt.system, prompt.schema, prompt.max_output_tokens, shared});
    if (entries_.size() > entries_max_) entries_.pop_back();
    return shared;
}

}  // namespace carevoice::ai
