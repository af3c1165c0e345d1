// The chat model of the service with all that stands around it, as the settings ask for it.
#pragma once

#include "ai/reply_writer.h"
#include "ai/summary_writer.h"
#include "app/settings.h"
#include "core/error.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "domain/concepts.h"
#include "net/client.h"

#include <memory>

namespace carevoice::app {

/// Outlived by what it is made with.
class Chat {
public:
    /// nullptr when CHAT_PROVIDER is offline, or unset and no key is there. Errc::corrupt when the guard rails built
    /// into the program are damaged.
    static Result<std::unique_ptr<Chat>> make(const Settings& settings, const domain::ConceptBook& concepts,
                                              net::HttpClient& http, const Clock& clock, Random& random,
                                              Metrics& metrics);
    ~Chat();

    [[nodiscard]] ai::ReplyWriter& writer() noexcept;
    [[nodiscard]] ai::SummaryWriter& summaries() noexcept;

private:
    struct Parts;
    explicit Chat(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace carevoice::app
