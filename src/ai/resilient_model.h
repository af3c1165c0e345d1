// The chat model that calls use: one or two models behind time limits, breakers and measurements.
#pragma once

#include "ai/chat_model.h"
#include "ai/circuit_breaker.h"
#include "ai/model_price.h"

#include <memory>
#include <vector>

namespace carevoice::ai {

/// From ask() on. Callers may give less time, never more.
struct ChatLimits {
    milliseconds first_sentence{1'200};
    milliseconds whole{2'500};
    milliseconds retry_wait{150};    ///< before the one repetition of a request that an overloaded server refused
    milliseconds worth_trying{250};  ///< with less time left, no request is begun
};

struct ChatCandidate {
    std::unique_ptr<ChatModel> model;
    ModelPrice price;
};

/// Asks the first model; where that fails at once (overload, limit, refusal, unusable answer, its breaker is open), the
/// second, in what is left of the same time. A first model that is slow is not left early for a second: its breaker
/// sees to it that the next callers start with the other.
///
/// Errors as of ChatModel; then the caller speaks words of its own. Thread-safe. The references outlive it, and it
/// outlives its replies. Metrics:
///   carevoice_chat_requests_total{model,outcome}  one per model asked: ok, dropped (nobody waited for the rest),
///                                                 limited, blocked, or the name of an Errc
///   carevoice_chat_first_sentence_seconds{model}, carevoice_chat_seconds{model}
///   carevoice_chat_tokens_total{model,kind}       input (without cached), cached, output
///   carevoice_chat_cost_usd_total{model}
///   carevoice_chat_retries_total{model}
///   carevoice_chat_fallbacks_total{to,reason}     to: second_model, own_words; reason: an outcome, breaker_open,
///   no_time
class ResilientModel final : public ChatModel {
public:
    /// One model or two, in the order of preference.
    ResilientModel(std::vector<ChatCandidate> models, ChatLimits limits, BreakerOptions breaker, const Clock& clock,
                   Random& random, Metrics& metrics);
    ~ResilientModel() override;

    async::Task<Result<std::unique_ptr<ChatReply>>> ask(ChatPrompt prompt, Deadline deadline) override;
    /// Of the first model.
    [[nodiscard]] const std::string& name() const noexcept override;
    /// Of the model that may be asked first.
    [[nodiscard]] SteadyTime not_before() const noexcept override;

private:
    struct Candidate;
    struct Attempt;
    class Reply;
    using PromptPtr = std::shared_ptr<const ChatPrompt>;

    async::Task<Attempt> try_candidate(Candidate& candidate, PromptPtr prompt, Deadline deadline);
    async::Task<Result<std::unique_ptr<ChatReply>>> ask_candidate(Candidate& candidate, PromptPtr prompt,
                                                                  Deadline deadline);
    void note_failure(const Candidate& candidate, const Error& error);

    const ChatLimits limits_;
    const Clock& clock_;
    Random& random_;
    Metrics& metrics_;
    std::vector<std::unique_ptr<Candidate>> candidates_;
};

}  // namespace carevoice::ai
