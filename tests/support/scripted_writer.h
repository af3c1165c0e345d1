// A reply writer over a scripted model with the guard rails as shipped, and all that it needs.
#pragma once

#include "ai/guard_rails.h"
#include "ai/prompt.h"
#include "ai/reply_writer.h"
#include "ai/scrub.h"
#include "ai/summary_writer.h"
#include "core/metrics.h"
#include "core/resources.h"
#include "domain/concepts.h"
#include "support/scripted_model.h"

#include <string_view>

namespace carevoice::tests {

struct ScriptedWriter {
    static std::string_view text(std::string_view name) { return find_embedded_resource(name).value(); }

    domain::ConceptBook concepts = domain::ConceptBook::load(text("protocols/concepts.json")).value();
    ai::GuardRails rails =
        ai::GuardRails::load(text("protocols/guard_rails.json"), text("protocols/lexicon.json")).value();
    ai::PromptWriter prompts{concepts, ai::Scrubber::load(text("protocols/lexicon.json")).value()};
    NoMetrics metrics;
    ScriptedModel model;
    ai::ReplyWriter writer{model, rails, prompts, concepts, metrics};
    ai::SummaryWriter summaries{model, ai::Scrubber::load(text("protocols/lexicon.json")).value(), metrics};
};

}  // namespace carevoice::tests
