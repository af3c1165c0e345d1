#include "ai/reply_writer.h"

#include "ai/model_reply.h"
#include "domain/dialogue/heard.h"

#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::string_view blocks = "carevoice_guard_rail_blocks_total";
constexpr std::string_view dropped = "carevoice_chat_findings_dropped_total";

domain::Fallback fallback_of(const Error& error) {
    if (error.code == Errc::timed_out) return domain::Fallback::late;
    return error.field == breaker_field ? domain::Fallback::breaker : domain::Fallback::failed;
}

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
    if (has_fixed_words(brief)) co_return reply;
    reply.wording.source = domain::WordingSource::ours;
    ChatPrompt prompt = prompts_.write(brief);
    auto asking = model_.ask(std::move(prompt), deadline);
    // A model keeps the deadline itself; a call does not rely on that.
    auto asked = co_await async::by_deadline(std::move(asking), deadline);
    if (asked.has_error()) {
        reply.wording.fallback = fallback_of(asked.error());
        reply.asked = reply.wording.fallback != domain::Fallback::breaker;
        co_return reply;
    }
    reply.asked = true;
    reply.rest = std::move(*asked);
    auto words = domain::dialogue::without_heard(reply.rest->speak(), brief.heard);
    const auto breach = words.empty() ? Breach::repetition : check(words, brief);
    if (breach) {
        reply.wording.fallback = domain::Fallback::guard_rails;
        reply.wording.breach = to_string(*breach);
        metrics_.add(blocks, {{"breach", reply.wording.breach}}, 1);
        co_return reply;
    }
    reply.speak = std::move(words);
    reply.wording.source = domain::WordingSource::model;
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
