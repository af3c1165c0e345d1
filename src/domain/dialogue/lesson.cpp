// Teach-back: the patient tells in own words what matters. What is missing or wrong is explained in other words and
// asked for again, at most twice; then a nurse goes over it. Each key point's grade is a fact:
// "teachback_activity_lifting" is said, said after re-explaining, partly, missing, or wrong.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/words.h"

#include <algorithm>

namespace carevoice::domain::dialogue {
namespace {

constexpr std::string_view said = "said";
constexpr std::string_view said_later = "said after re-explaining";
constexpr std::string_view partly = "partly";
constexpr std::string_view missing_point = "missing";
constexpr std::string_view wrong = "wrong";

const Lesson& lesson_for(const Topic& topic, ProcedureFamily family) {
    const auto found = topic.lessons.find(std::string(to_string(family)));
    return found == topic.lessons.end() ? topic.lessons.at("generic") : found->second;
}

std::string grade_name(const Topic& topic, const KeyPoint& point) {
    return topic.name + "_" + point.name;
}

bool any_phrase(std::string_view padded, const std::vector<std::string>& phrases) {
    return std::ranges::any_of(phrases, [&](const std::string& phrase) { return has_phrase(padded, phrase); });
}

/// Empty when these words say nothing about the point.
std::string_view grade_of(const KeyPoint& point, std::string_view padded, bool explained) {
    const bool is_wrong =
        std::ranges::any_of(point.wrong, [&](const std::string& phrase) { return affirms_phrase(padded, phrase); });
    if (is_wrong) return wrong;
    if (any_phrase(padded, point.phrases)) return explained ? said_later : said;
    return any_phrase(padded, point.partly) ? partly : std::string_view();
}

/// A later grade replaces an earlier one, but what was said once stays said unless it is taken back.
bool replaces(std::string_view later, std::string_view earlier) {
    if (later == wrong || earlier.empty() || earlier == missing_point || earlier == wrong) return true;
    return earlier == partly && (later == said || later == said_later);
}

}  // namespace

bool Conversation::grade_points(const Topic& topic, const std::string& padded) {
    bool any = false;
    const bool explained = current() != nullptr && current()->name != topic.name;
    for (const auto& point : lesson_for(topic, context_.patient->procedure_family).points) {
        const auto name = grade_name(topic, point);
        const auto before = text_fact(state_.facts, name).value_or("");
        const auto grade = grade_of(point, padded, explained);
        any = any || !grade.empty();
        if (grade == wrong && point.wrong_is_dangerous)
            raise({AlertType::medication_issue, Severity::moderate, {words_, audio_ms_, "D7", 1}});
        if (!grade.empty() && replaces(grade, before))
            put(name, std::string(grade));
        else if (before.empty())
            put(name, std::string(missing_point));
    }
    return any;
}

std::vector<const KeyPoint*> Conversation::points_to_explain(const Topic& topic) const {
    std::vector<const KeyPoint*> points;
    for (const auto& point : lesson_for(topic, context_.patient->procedure_family).points) {
        const auto grade = text_fact(state_.facts, grade_name(topic, point)).value_or("");
        if (grade.empty() || grade == missing_point || grade == wrong) points.push_back(&point);
    }
    return points;
}

int Conversation::asked_in_lesson(const Topic& topic) const {
    int asked = 0;
    for (const auto& [name, times] : state_.asked) {
        const auto* other = protocol_.find(name);
        if (name == topic.name || (other != nullptr && other->follows == topic.name)) asked += times;
    }
    return asked;
}

void Conversation::take_lesson(const Topic& topic, const Understanding& heard, const std::string& text) {
    const auto& pending = *current();
    if (heard.declined) return decline_lesson(topic, pending);
    const bool first = pending.name == topic.name;
    const bool any = grade_points(topic, padded_words(text));
    // The lesson as a whole is asked for as often as any other topic, so that nobody is examined.
    const bool may_ask = asked_in_lesson(topic) < asks_max;
    if (first && heard.unclear && !any && may_ask && state_.asked[pending.name] == 1) return ask(pending);
    const auto missing = points_to_explain(topic);
    if (missing.empty()) {
        put(topic.name, std::string(first ? "complete" : "complete after retry"));
        speech_.say_if_new("lesson_good");
    } else {
        put(topic.name, std::string("incomplete"));
        if (may_ask) return explain_and_ask(topic, pending, missing);
        raise({AlertType::patient_concern, Severity::low, {text, audio_ms_, "T1", 1}});
        fresh_low_concern_ = false;
        state_.nurse_call_promised = true;
        speech_.say("lesson_flagged");
    }
    tell_about_alerts();
    // No follow-up: this lesson has been asked for often enough.
    set_state(pending.name, TopicState::answered);
    ask_next();
}

void Conversation::explain_and_ask(const Topic& topic, const Topic& pending,
                                   const std::vector<const KeyPoint*>& missing) {
    const bool first = pending.name == topic.name;
    put("retries", number_fact(state_.facts, "retries").value_or(0) + 1);
    speech_.say_if_new(first ? "lesson_again" : "lesson_other_words");
    for (const auto* point : missing) speech_.say_text(speech_.filled(first ? point->explain : point->explain_again));
    tell_about_alerts();
    if (!first) return ask(pending);
    answered(pending);
    ask_next();
}

void Conversation::decline_lesson(const Topic& topic, const Topic& pending) {
    set_state(pending.name, TopicState::declined);
    put(topic.name, std::string("declined"));
    speech_.say_if_new("declined");
    tell_about_alerts();
    ask_next();
}

}  // namespace carevoice::domain::dialogue
