#include "app/chat.h"

#include "ai/gemini.h"
#include "ai/guard_rails.h"
#include "ai/model_price.h"
#include "ai/openai_compatible.h"
#include "ai/prompt.h"
#include "ai/resilient_model.h"
#include "ai/scrub.h"
#include "app/protocols.h"

#include <utility>
#include <vector>

namespace carevoice::app {

namespace {

std::unique_ptr<ai::ChatModel> make_model(const Settings& settings, net::HttpClient& http) {
    if (settings.chat_provider == "gemini") {
        ai::GeminiOptions options;
        options.base_url = net::parse_url(settings.gemini_api_base_url).value();
        options.api_key = settings.gemini_api_key;
        options.model = settings.gemini_model;
        options.thinking = ai::GeminiThinking::least_of(settings.gemini_model);
        return ai::make_gemini(std::move(options), http);
    }
    ai::OpenAiOptions options;
    options.base_url = net::parse_url(settings.openai_base_url).value();
    options.api_key = settings.openai_api_key;
    options.model = settings.openai_model;
    return ai::make_openai_compatible(std::move(options), http);
}

std::vector<ai::ChatCandidate> candidates(const Settings& settings, net::HttpClient& http) {
    auto model = make_model(settings, http);
    const auto price = ai::ModelPrice::of(model->name());
    std::vector<ai::ChatCandidate> models;
    models.push_back({std::move(model), price});
    return models;
}

constexpr ai::ChatLimits summary_limits{.first_sentence = milliseconds{4'000}, .whole = milliseconds{5'000}};

}  // namespace

struct Chat::Parts {
    ai::GuardRails rails;
    ai::PromptWriter prompts;
    ai::ResilientModel model;
    ai::ReplyWriter writer;
    ai::ResilientModel patient_model;  ///< the same once more, for what nobody on the line waits for
    ai::SummaryWriter summaries;

    Parts(ai::GuardRails rails_, const ai::Scrubber& scrubber, std::vector<ai::ChatCandidate> models,
          std::vector<ai::ChatCandidate> patient_models, const domain::ConceptBook& concepts, const Clock& clock,
          Random& random, Metrics& metrics)
        : rails(std::move(rails_)),
          prompts(concepts, scrubber),
          model(std::move(models), {}, {}, clock, random, metrics),
          writer(model, rails, prompts, concepts, metrics),
          patient_model(std::move(patient_models), summary_limits, {}, clock, random, metrics),
          summaries(patient_model, scrubber, metrics) {}
};

Chat::Chat(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Chat::~Chat() = default;

ai::ReplyWriter& Chat::writer() noexcept {
    return parts_->writer;
}

ai::SummaryWriter& Chat::summaries() noexcept {
    return parts_->summaries;
}

Result<std::unique_ptr<Chat>> Chat::make(const Settings& settings, const domain::ConceptBook& concepts,
                                         net::HttpClient& http, const Clock& clock, Random& random, Metrics& metrics) {
    if (settings.chat_provider.empty() || settings.chat_provider == "offline") return std::unique_ptr<Chat>();
    const auto lexicon = protocol_text("lexicon.json");
    if (lexicon.has_error()) return lexicon.error();
    const auto rules = protocol_text("guard_rails.json");
    if (rules.has_error()) return rules.error();
    auto rails = ai::GuardRails::load(*rules, *lexicon);
    if (rails.has_error()) return rails.error();
    auto scrubber = ai::Scrubber::load(*lexicon);
    if (scrubber.has_error()) return scrubber.error();
    return std::unique_ptr<Chat>(
        new Chat(std::make_unique<Parts>(std::move(*rails), *scrubber, candidates(settings, http),
                                         candidates(settings, http), concepts, clock, random, metrics)));
}

}  // namespace carevoice::app
