// The questions: asking, asking again in other words, moving on, following up.
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/preferences.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace carevoice::domain::dialogue {
namespace {

constexpr int pain_to_read_back = 7;
constexpr int pain_jump_to_read_back = 3;
constexpr int unclear_in_a_row_max = 2;

}  // namespace

std::optional<double> number_fact(const Facts& facts, const std::string& name) {
    const auto found = facts.find(name);
    if (found == facts.end()) return std::nullopt;
    const auto* value = std::get_if<double>(&found->second);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<bool> flag_fact(const Facts& facts, const std::string& name) {
    const auto found = facts.find(name);
    if (found == facts.end()) return std::nullopt;
    const auto* value = std::get_if<bool>(&found->second);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::string> text_fact(const Facts& facts, const std::string& name) {
    const auto found = facts.find(name);
    if (found == facts.end()) return std::nullopt;
    const auto* value = std::get_if<std::string>(&found->second);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::vector<TopicProgress> plan(const Protocol& protocol, const DialogueContext& context) {
    std::vector<TopicProgress> topics;
    const auto day = context.post_operative_day;
    for (const auto& topic : protocol.topics) {
        if (!topic.follows.empty() || topic.on_demand) continue;
        const auto family = context.patient->procedure_family;
        if (!topic.families.empty() && std::ranges::find(topic.families, family) == topic.families.end()) continue;
        if (day && ((topic.from_day && *day < *topic.from_day) || (topic.to_day && *day > *topic.to_day))) continue;
        topics.push_back({topic.name, TopicState::pending});
    }
    return topics;
}

void Conversation::take_answer(const Understanding& heard, const std::string& text) {
    const auto* topic = current();
    if (topic == nullptr) return ask_next();
    if (topic->name == "consent" || topic->name == "consent_recording") return take_consent(*topic, heard);
    if (!state_.read_back.empty()) return take_read_back(*topic, heard);
    note_asides(text);
    const auto* lesson_topic = topic->follows.empty() ? topic : protocol_.find(topic->follows);
    if (lesson_topic != nullptr && !lesson_topic->lessons.empty()) return take_lesson(*lesson_topic, heard, text);
    note_state_of_mind(text);
    if (heard.declined) {
        set_state(topic->name, TopicState::declined);
        state_.unclear_in_a_row = 0;
        speech_.say_if_new("declined");
        return ask_next();
    }
    const bool corrected = correct_wishes(*topic, text, heard.yes_no);
    const bool plain = corrected || confirms_wishes(*topic, text) || apply_plain_answer(*topic, heard, text) ||
                       apply_closed_answer(*topic, heard);
    if (answer_emergency_of_topic()) return;
    // A choice was offered: other words may raise an alert, but the question stays open until one of its answers is
    // heard.
    const bool no_choice = topic->answers == AnswerKind::choice && !topic->known_by.empty() && !is_known(*topic);
    if ((heard.unclear || no_choice) && !plain) {
        tell_about_alerts();
        return ask_again(*topic);
    }
    if (topic->name == "pain_score" && begin_read_back(*topic)) return;
    if (topic->reads_back) store_wishes(text, corrected);
    if (!corrected) acknowledge(*topic, heard);
    answered(*topic);
    ask_next();
}

bool Conversation::apply_plain_answer(const Topic& topic, const Understanding& heard, const std::string& text) {
    if (const auto preference = hear_preference(topic.name, text, heard.yes_no)) {
        for (const auto& [name, value] : *preference) put(name, value);
        if (topic.name == "voicemail_ok") store_consents();
        return true;
    }
    if (topic.name.starts_with("phq2_")) return take_mood_answer(topic, text);
    if (topic.name == "probe") put("understated_because", text);
    if (topic.sets.empty()) return false;
    if (heard.yes_no && !step_.learned.contains(topic.sets)) put(topic.sets, *heard.yes_no);
    const auto value = flag_fact(step_.learned, topic.sets);
    if (!value) return false;
    for (const auto& alert : topic.alerts)
        if (alert.answer == *value) raise({alert.type, alert.severity, {words_, audio_ms_, alert.rule, 1}});
    return true;
}

bool Conversation::apply_closed_answer(const Topic& topic, const Understanding& heard) {
    // The last wording asks for a plain yes or no, and "yes" means that something is wrong, though not what.
    const bool closed = topic.sets.empty() && !topic.alerts.empty() && state_.asked[topic.name] == asks_max;
    if (!closed || !heard.unclear || !heard.yes_no) return false;
    for (const auto& alert : topic.alerts)
        if (alert.answer == *heard.yes_no) raise({alert.type, alert.severity, {words_, audio_ms_, alert.rule, 1}});
    return true;
}

bool Conversation::answer_emergency_of_topic() {
    const bool any = std::ranges::any_of(step_.alerts, [](const RaisedAlert& alert) {
        return alert.type == AlertType::emergency && alert.severity >= Severity::urgent;
    });
    return any && answer_emergency();
}

void Conversation::take_consent(const Topic& topic, const Understanding& heard) {
    const bool for_calls = context_.call_type == CallType::enrollment && topic.name == "consent";
    if (!heard.consent) {
        if (state_.asked[topic.name] < topic.asks) return ask(topic);
        set_state(topic.name, TopicState::unclear);
        if (for_calls) {
            speech_.say("enrollment_unclear");
            return end(CallOutcome::partial);
        }
        speech_.say("consent_unclear");
        return ask_next();
    }
    const bool given = *heard.consent;
    put(for_calls ? "consent_calls" : topic.name == "consent" ? "consent" : "consent_recording", given);
    store_consents();
    set_state(topic.name, TopicState::answered);
    if (for_calls && !given) {
        speech_.say("enrollment_refused");
        return end(CallOutcome::refused);
    }
    if (given)
        speech_.say_if_new("consent_given");
    else
        speech_.say("consent_refused");
    speech_.mark_courtesy_done();
    tell_about_alerts();
    ask_next();
}

bool Conversation::begin_read_back(const Topic& topic) {
    const auto score = pain_score();
    if (!score || state_.asked[topic.name] >= topic.asks) return false;
    const bool jumps = !context_.prior_pain_scores.empty() &&
                       std::abs(*score - context_.prior_pain_scores.back()) >= pain_jump_to_read_back;
    if (*score < pain_to_read_back && !jumps) return false;
    ++state_.asked[topic.name];
    state_.read_back = std::to_string(*score);
    speech_.say("read_back", {{"number", in_words(*score)}, {"Number", capitalised(in_words(*score))}});
    return true;
}

void Conversation::take_read_back(const Topic& topic, const Understanding& heard) {
    auto said = number_fact(heard.facts, "pain_score");
    // "No" means "that is not right" here, not "no pain".
    if (said && *said == 0.0 && heard.yes_no == false && words_of(words_).size() <= 2) {
        said.reset();
        put("pain_score", std::strtod(state_.read_back.c_str(), nullptr));
    }
    if (!said && heard.yes_no == false) {
        // "No, a three": what follows the no is the answer.
        const auto words = words_of(words_);
        const auto rest =
            words.empty() ? std::string() : words_.substr(std::min(words.front().size() + 1, words_.size()));
        const auto corrected = read(rest);
        said = number_fact(corrected.facts, "pain_score");
        if (said) learn(corrected);
    }
    const auto was = std::exchange(state_.read_back, {});
    if (said && std::to_string(static_cast<int>(*said)) != was) {
        if (begin_read_back(topic)) return;
        acknowledge(topic, heard);
        answered(topic);
        return ask_next();
    }
    if (!said && heard.yes_no == false) {
        state_.facts.erase("pain_score");
        step_.learned.erase("pain_score");
        return ask_again(topic);
    }
    if (!said && heard.yes_no != true && begin_read_back(topic)) return;
    const auto score = pain_score().value_or(0);
    speech_.say("read_back_confirmed", {{"number", in_words(score)}});
    if (!context_.prior_pain_scores.empty() && score > context_.prior_pain_scores.back())
        speech_.say_if_new("more_than_last");
    speech_.mark_courtesy_done();
    tell_about_alerts();
    answered(topic);
    ask_next();
}

void Conversation::acknowledge(const Topic& topic, const Understanding& heard) {
    const auto score = pain_score();
    const auto change = text_fact(heard.facts, "pain_change");
    const auto temperature = number_fact(heard.facts, "temperature_f");
    const bool wants_nurse = topic.name == "callback" && flag_fact(state_.facts, "callback") == true;
    if (wants_nurse) {
        promise_nurse_call();
        speech_.say("nurse_will_call");
        nurse_just_promised_ = true;
    } else if (topic.name == "pain_score" && score) {
        acknowledge_score(*score);
    } else if (topic.name == "pain_change" && (change == "better" || change == "same" || change == "worse")) {
        speech_.say_if_new("thanks_" + *change);
    } else if (temperature) {
        speech_.say_if_new("thanks_temperature", {{"temperature", capitalised(temperature_in_words(*temperature))}});
    } else if (topic.name == "mobility" && flag_fact(heard.facts, "falls") == true) {
        speech_.say_if_new("thanks_fall");
    } else if (step_.alerts.empty()) {
        speech_.say_if_new("thanks");
    }
    speech_.mark_courtesy_done();
    tell_about_alerts();
}

void Conversation::acknowledge_score(int score) {
    if (score == 0) return speech_.say_if_new("no_number");
    const Fills fills{{"A_number", with_article(score)}, {"a_number", in_words(score)}};
    if (context_.prior_pain_scores.empty()) return speech_.say_if_new("thanks_number", fills);
    const int last = context_.prior_pain_scores.back();
    speech_.say_if_new(score > last ? "number_more" : score == last ? "number_same" : "number_less", fills);
}

void Conversation::answered(const Topic& topic) {
    set_state(topic.name, TopicState::answered);
    if (topic.clinical) state_.unclear_in_a_row = 0;
    add_follow_ups(topic);
    add_probe(topic);
    add_mood_questions(topic);
}

void Conversation::add_follow_ups(const Topic& topic) {
    auto place = std::ranges::find(state_.topics, topic.name, &TopicProgress::topic);
    if (place == state_.topics.end()) return;
    auto at = place - state_.topics.begin() + 1;
    for (const auto& follow_up : protocol_.topics) {
        if (follow_up.follows != topic.name || state_.asked.contains(follow_up.name)) continue;
        if (std::ranges::find(state_.topics, follow_up.name, &TopicProgress::topic) != state_.topics.end()) continue;
        if (!std::ranges::all_of(follow_up.when, [&](const Condition& condition) { return holds(condition); }))
            continue;
        state_.topics.insert(state_.topics.begin() + at, {follow_up.name, TopicState::pending});
        ++at;
    }
}

bool Conversation::holds(const Condition& condition) const {
    const bool known = state_.facts.contains(condition.fact);
    if (condition.known && *condition.known != known) return false;
    if (condition.is && flag_fact(state_.facts, condition.fact) != condition.is) return false;
    if (condition.at_least) {
        const auto number = number_fact(state_.facts, condition.fact);
        if (!number || *number < *condition.at_least) return false;
    }
    if (!condition.any_of.empty()) {
        const auto text = text_fact(state_.facts, condition.fact);
        if (!text || std::ranges::find(condition.any_of, *text) == condition.any_of.end()) return false;
    }
    return true;
}

void Conversation::ask_again(const Topic& topic) {
    if (may_ask(topic))
        ask(topic);
    else
        give_up(topic);
}

bool Conversation::may_ask(const Topic& topic) {
    if (state_.asked[topic.name] >= topic.asks) return false;
    const auto* lesson = topic.follows.empty() ? &topic : protocol_.find(topic.follows);
    return lesson == nullptr || lesson->lessons.empty() || asked_in_lesson(*lesson) < asks_max;
}

void Conversation::give_up(const Topic& topic) {
    set_state(topic.name, TopicState::unclear);
    state_.read_back.clear();
    const bool too_many = topic.clinical && ++state_.unclear_in_a_row >= unclear_in_a_row_max;
    if (!too_many) {
        speech_.say_if_new("unclear_move_on");
        speech_.mark_courtesy_done();
        return ask_next();
    }
    state_.unclear_in_a_row = 0;
    speech_.say("hard_to_hear");
    if (!state_.nurse_call_promised) raise({AlertType::patient_concern, Severity::low, {words_, audio_ms_, "U1", 1}});
    fresh_low_concern_ = false;
    state_.nurse_call_promised = true;
    // Spare them the rest, except what may not be left unasked.
    for (auto& progress : state_.topics)
        if (progress.state == TopicState::pending && progress.topic != "breathing" && progress.topic != "callback")
            progress.state = TopicState::skipped;
    ask_next();
}

bool Conversation::is_known(const Topic& topic) const {
    return !topic.known_by.empty() &&
           std::ranges::all_of(topic.known_by, [&](const std::string& fact) { return state_.facts.contains(fact); });
}

void Conversation::ask_next() {
    for (std::size_t i = 0; i < state_.topics.size(); ++i) {
        if (state_.topics[i].state != TopicState::pending) continue;
        const auto* topic = protocol_.find(state_.topics[i].topic);
        if (topic == nullptr) {
            state_.topics[i].state = TopicState::skipped;
        } else if (is_known(*topic)) {
            answered(*topic);
        } else {
            return ask(*topic);
        }
    }
    close();
}

void Conversation::ask(const Topic& topic) {
    const int level = state_.asked[topic.name];
    if (topic.name != state_.topic) {
        state_.attempts = 0;
        state_.repeats = 0;
        state_.topic_before = state_.topic;
    }
    const bool safety_said =
        std::ranges::any_of(state_.wordings_used, [](const std::string& mark) { return mark.starts_with("safety#"); });
    if (!safety_said && topic.name != "consent") speech_.say_one_of("safety", protocol_.safety);
    state_.phase = topic.name == "consent" ? DialoguePhase::consent : DialoguePhase::questions;
    state_.topic = topic.name;
    ++state_.attempts;
    state_.asked[topic.name] = level + 1;
    set_state(topic.name, TopicState::asked);
    if (level == 0 && !topic.lessons.empty()) {
        const auto family = topic.lessons.find(std::string(to_string(context_.patient->procedure_family)));
        const auto& lesson = family == topic.lessons.end() ? topic.lessons.at("generic") : family->second;
        for (const auto& sentence : lesson.tell) speech_.say_text(speech_.filled(sentence));
    }
    if (level == 0 && topic.reads_back) read_back_wishes();
    exact_words_ = exact_words_ || topic.reads_back || !topic.lessons.empty();
    if (level == 0 && topic.name == "callback" && state_.nurse_call_promised) return speech_.say("nurse_all_right");
    const bool thinner =
        level == 0 && !topic.ask_blood_thinner.empty() && !blood_thinner_of(*context_.patient, book_.wording).empty();
    const auto& wordings = thinner ? topic.ask_blood_thinner : topic.ask[static_cast<std::size_t>(std::min(level, 2))];
    speech_.say_one_of(topic.name + "/" + std::to_string(level), wordings, {{"trouble", troubles_in_words()}});
}

void Conversation::set_state(std::string_view topic, TopicState state) {
    const auto found = std::ranges::find(state_.topics, topic, &TopicProgress::topic);
    if (found != state_.topics.end()) found->state = state;
}

std::optional<int> Conversation::pain_score() const {
    const auto number = number_fact(state_.facts, "pain_score");
    return number ? std::optional(static_cast<int>(std::lround(*number))) : std::nullopt;
}

void Conversation::put(const std::string& fact, FactValue value) {
    step_.learned[fact] = value;
    state_.facts[fact] = std::move(value);
}

bool Conversation::all_important_known() const {
    return std::ranges::all_of(state_.topics, [&](const TopicProgress& progress) {
        const auto* topic = protocol_.find(progress.topic);
        return topic == nullptr || !topic->important || progress.state == TopicState::answered ||
               progress.state == TopicState::declined;
    });
}

}  // namespace carevoice::domain::dialogue
