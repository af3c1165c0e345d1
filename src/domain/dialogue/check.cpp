// Emergencies that only a second reader saw. The alert is stored at once; the patient is asked one plain question, and
// whatever is no clear "no" brings the emergency words.
#include "domain/dialogue/conversation.h"

#include <algorithm>
#include <utility>

namespace carevoice::domain::dialogue {
namespace {

bool rules_saw_emergency(const std::vector<RaisedAlert>& alerts) {
    return std::ranges::any_of(alerts, [](const RaisedAlert& alert) {
        return alert.type == AlertType::emergency && alert.severity >= Severity::urgent &&
               alert.evidence.reader == Reader::rules;
    });
}

}  // namespace

bool Conversation::begin_check(const Understanding& heard) {
    const auto* found = book_.reader->concepts().find(heard.to_check);
    const auto key = "check/" + heard.to_check;
    if (found == nullptr || state_.emergency_spoken || state_.phase == DialoguePhase::closing) return false;
    if (state_.asked.contains(key)) return false;
    state_.asked[key] = 1;
    state_.checking = found->id;
    // A teach-back is graded when it is given again.
    const bool in_lesson = state_.topic.starts_with("teachback");
    state_.checked_answer = !heard.unclear && !overheard_ && state_.read_back.empty() && !in_lesson;
    state_.read_back.clear();
    speech_.clear();
    // Nobody is asked about their health before we know who they are.
    if (state_.identity_verified)
        speech_.say_text(found->check);
    else
        speech_.say("check_before_identity");
    return true;
}

bool Conversation::take_check(const Understanding& heard) {
    const auto id = std::exchange(state_.checking, {});
    if (rules_saw_emergency(step_.alerts)) return false;
    const bool denied = heard.yes_no == false || (!heard.yes_no && book_.reader->denies(words_, {}, id));
    if (!denied) {
        const auto* found = book_.reader->concepts().find(id);
        speak_emergency(found == nullptr ? "E1" : found->rule);
        return true;
    }
    state_.silences = 0;
    speech_.say_if_new("check_cleared");
    speech_.mark_courtesy_done();
    if (!state_.identity_verified) {
        ask_identity();
        return true;
    }
    put("denied_when_asked", std::vector<std::string>{id});
    const auto* topic = current();
    if (topic == nullptr) {
        ask_next();
    } else if (state_.checked_answer) {
        answered(*topic);
        ask_next();
    } else {
        ask_again(*topic);
    }
    return true;
}

void Conversation::take_second_thoughts(const std::string& text) {
    auto heard = read(text);
    // The rules have had their say on these words already.
    std::erase_if(heard.alerts, [](const RaisedAlert& alert) { return alert.evidence.reader == Reader::rules; });
    heard.facts.clear();
    learn(heard);
    fresh_low_concern_ = false;
    const bool can_ask = state_.phase != DialoguePhase::ended && state_.checking.empty();
    if (can_ask && !heard.to_check.empty()) begin_check(heard);
}

}  // namespace carevoice::domain::dialogue
