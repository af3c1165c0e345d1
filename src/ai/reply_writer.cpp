#include "ai/reply_writer.h"

#include "ai/model_reply.h"

#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::string_view fallbacks = "carevoice_chat_fallbacks_total";
constexpr std::string_view blocks = "carevoice_guard_rail_blocks_total";
constexpr std::string_view dropped = "carevoice_chat_findings_dropped_total";

}  // namespace

bool ReplyWriter::has_fixed_words(const TurnBrief& brief) const {
    return brief.fixed_words || !brief.identity_verified || brief.phase != domain::DialoguePhase::questions ||
           brief.next_topic.empty() || rails_.is_fixed_topic(brief.next_topic);
}

std::optional<Breach> ReplyWriter::check(const std::string& speak, const TurnBrief& brief) const {
    GuardContext context;
    context.topic = brief.next_topic;
    context.own_wording = brief.own_wording;
    context.patient_said = brief.patient_said;
    for (const RecentTurn& turn : brief.recent_turns) {
        if (turn.speaker == domain::Speaker::assistant) context.last_spoken = turn.text;
    }
    context.identity_verified = brief.identity_verified;
    context.identifiers = brief.identifiers;
    return rails_.check(speak, context);
}

async::Task<WrittenReply> ReplyWriter::write(TurnBrief brief, Deadline deadline) {
    WrittenReply reply;
    reply.speak = brief.own_wording;
    if (has_fixed_words(brief)) {
        reply.fallback_reason = "fixed_words";
        co_return reply;
    }
    ChatPrompt prompt = prompts_.write(brief);
    auto asking = model_.ask(std::move(prompt), deadline);
    // A model keeps the deadline itself; a call does not rely on that.
    auto asked = co_await async::by_deadline(std::move(asking), deadline);
    if (asked.has_error()) {
        reply.fallback_reason = to_string(asked.error().code);
        metrics_.add(fallbacks, {{"reason", reply.fallback_reason}}, 1);
        co_return reply;
    }
    reply.rest = std::move(*asked);
    if (const auto breach = check(reply.rest->speak(), brief)) {
        reply.fallback_reason = "guard_rails";
        metrics_.add(fallbacks, {{"reason", reply.fallback_reason}}, 1);
        metrics_.add(blocks, {{"breach", to_string(*breach)}}, 1);
        co_return reply;
    }
    reply.speak = reply.rest->speak();
    reply.by_model = true;
    co_return reply;
}

async::Task<std::vector<domain::ConceptFinding>> ReplyWriter::findings(std::unique_ptr<ChatReply> rest,
                                                                       std::string patient_said, Deadline deadline) {
    if (rest == nullptr) co_return std::vector<domain::ConceptFinding>{};
    auto finishing = rest->finish(deadline);
    const auto answer = co_await async::by_deadline(std::move(finishing), deadline);
    if (answer.has_error()) co_return std::vector<domain::ConceptFinding>{};
    auto read = parse_model_reply(answer->text, patient_said, concepts_);
    if (read.has_error()) co_return std::vector<domain::ConceptFinding>{};
    if (read->findings_dropped > 0) metrics_.add(dropped, {}, static_cast<double>(read->findings_dropped));
    co_return std::move(read->findings);
}

}  // namespace carevoice::ai
