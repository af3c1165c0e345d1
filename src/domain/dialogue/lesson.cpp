// Teach-back: the patient tells in own words what matters; missing points are explained once more.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/words.h"

#include <algorithm>

namespace carevoice::domain::dialogue {
namespace {

const Lesson& lesson_for(const Topic& topic, ProcedureFamily family) {
    const auto found = topic.lessons.find(std::string(to_string(family)));
    return found == topic.lessons.end() ? topic.lessons.at("generic") : found->second;
}

}  // namespace

void Conversation::take_lesson(const Topic& topic, const Understanding& heard, const std::string& text) {
    const auto pending = *current();
    const bool retry = pending.name != topic.name;
    const auto padded = padded_words(text);
    std::vector<const KeyPoint*> missing;
    bool any_new = false;
    for (const auto& point : lesson_for(topic, context_.patient->procedure_family).points) {
        const auto mark = topic.name + "/" + point.name;
        const bool known = std::ranges::find(state_.points_heard, mark) != state_.points_heard.end();
        const bool said =
            std::ranges::any_of(point.phrases, [&](const std::string& phrase) { return has_phrase(padded, phrase); });
        if (!known && said) {
            state_.points_heard.push_back(mark);
            any_new = true;
        }
        if (!known && !said) missing.push_back(&point);
    }
    if (heard.unclear && !any_new && state_.asked[pending.name] < pending.asks) return ask(pending);
    if (missing.empty()) {
        put(topic.name, std::string(retry ? "complete after retry" : "complete"));
        speech_.say("lesson_good");
    } else {
        put(topic.name, std::string("incomplete"));
        if (retry) {
            raise({AlertType::patient_concern, Severity::low, {text, audio_ms_, "T1", 1}});
            fresh_low_concern_ = false;
            state_.nurse_call_promised = true;
            speech_.say("lesson_flagged");
        } else {
            put("retries", number_fact(state_.facts, "retries").value_or(0) + 1);
            speech_.say("lesson_again");
            for (const auto* point : missing) speech_.say_text(speech_.filled(point->explain));
        }
    }
    tell_about_alerts();
    answered(pending);
    ask_next();
}

}  // namespace carevoice::domain::dialogue
