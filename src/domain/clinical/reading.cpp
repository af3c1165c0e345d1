#include "domain/clinical/reading.h"

#include <algorithm>
#include <array>
#include <string>

namespace carevoice::domain::clinical {

namespace {

constexpr std::size_t again_and_again = 3;

bool teaches_back(const UtteranceContext& context) {
    if (context.question.starts_with("teachback")) return true;
    return context.call_type == CallType::education && context.question == "red_flags";
}

// An idiom ("fell asleep", "dying of boredom") takes its words out of every finding that does not reach beyond it.
std::vector<Mention> without_idioms(const Lexicon& lexicon, std::vector<Mention> mentions) {
    const auto idiom = lexicon.find("cue.idiom");
    std::vector<std::uint16_t> taken;
    for (const Mention& mention : mentions) {
        if (idiom && mention.owner == *idiom) taken.insert(taken.end(), mention.words.begin(), mention.words.end());
    }
    if (taken.empty()) return mentions;
    std::erase_if(mentions, [&](const Mention& mention) {
        const Entry& entry = lexicon.entry(mention.owner);
        return entry.is_concept && std::any_of(mention.words.begin(), mention.words.end(), [&](std::uint16_t word) {
                   return std::find(taken.begin(), taken.end(), word) != taken.end();
               });
    });
    return mentions;
}

}  // namespace

Reading::Reading(const Lexicon& lexicon, std::string_view utterance, const UtteranceContext& context)
    : lexicon_(lexicon),
      utterance_(utterance),
      context_(context),
      tokens_(lexicon.read_words(utterance)),
      mentions_(without_idioms(lexicon, lexicon.patterns().match(tokens_))),
      assertions_(lexicon, tokens_, mentions_,
                  {teaches_back(context), context.by_caregiver || context.question == "caregiver"}),
      is_speech_(judge_speech()) {}

bool Reading::judge_speech() const {
    if (tokens_.empty() || mentions_any("cue.not_speech")) return false;
    constexpr auto meant_often = std::to_array<std::string_view>(
        {"no", "yes", "yeah", "help", "please", "ow", "ouch", "nope", "okay", "bad", "hello", "stop"});
    std::size_t said = 0;
    for (const Token& token : tokenise(utterance_)) {
        if (token.text != tokens_.front().text) return true;
        ++said;
    }
    const bool answer = is_numeric(tokens_.front().text) ||
                        std::find(meant_often.begin(), meant_often.end(), tokens_.front().text) != meant_often.end();
    return answer || said < again_and_again;
}

bool Reading::mentions_any(std::string_view entry) const {
    const auto owner = lexicon_.find(entry);
    return owner &&
           std::any_of(mentions_.begin(), mentions_.end(), [&](const Mention& m) { return m.owner == *owner; });
}

bool Reading::holds(std::string_view entry) const {
    const auto owner = lexicon_.find(entry);
    return owner && std::any_of(mentions_.begin(), mentions_.end(), [&](const Mention& m) {
               return m.owner == *owner && assertions_.of(m).holds(lexicon_.entry(m.owner));
           });
}

bool Reading::denies(std::string_view entry) const {
    const auto owner = lexicon_.find(entry);
    return owner && std::any_of(mentions_.begin(), mentions_.end(),
                                [&](const Mention& m) { return m.owner == *owner && assertions_.of(m).denied; });
}

}  // namespace carevoice::domain::clinical
