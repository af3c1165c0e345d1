// "Fine, fine" beside a sleepless week gets one probing question; a word of low mood gets the two questions of the
// PHQ-2 (each scored 0 to 3; a sum of 3 or more is positive, clinical.md section 7).
#include "domain/dialogue/conversation.h"
#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carevoice::domain::dialogue {
namespace {

constexpr double positive_from = 3;

bool affirms_any(std::string_view padded, const std::vector<std::string>& phrases) {
    return std::ranges::any_of(phrases, [&](const std::string& phrase) { return affirms_phrase(padded, phrase); });
}

/// How often in the last two weeks, from 0 (not at all) to 3 (nearly every day).
std::optional<int> frequency(std::string_view padded) {
    using Grade = std::pair<std::string_view, int>;
    constexpr std::array<Grade, 33> grades{
        {{"not at all", 0},     {"never", 0},        {"not really", 0}, {"zero", 0},         {"0", 0},
         {"nearly every", 3},   {"almost every", 3}, {"every day", 3},  {"every single", 3}, {"all the time", 3},
         {"constantly", 3},     {"always", 3},       {"daily", 3},      {"three", 3},        {"3", 3},
         {"more than half", 2}, {"over half", 2},    {"most days", 2},  {"most of", 2},      {"half the days", 2},
         {"often", 2},          {"two", 2},          {"2", 2},          {"several days", 1}, {"several", 1},
         {"some days", 1},      {"a few", 1},        {"sometimes", 1},  {"now and then", 1}, {"once or twice", 1},
         {"occasionally", 1},   {"one", 1},          {"1", 1}}};
    for (const auto& [phrase, grade] : grades)
        if (grade == 0 ? has_phrase(padded, phrase) : affirms_phrase(padded, phrase)) return grade;
    if (has_phrase(padded, "no") || has_phrase(padded, "nope") || has_phrase(padded, "none")) return 0;
    return std::nullopt;
}

}  // namespace

void Conversation::note_state_of_mind(const std::string& text) {
    const auto padded = padded_words(text);
    state_.minimised = state_.minimised || affirms_any(padded, protocol_.minimisers);
    for (const auto& trouble : protocol_.troubles) {
        const bool told =
            std::ranges::any_of(trouble.phrases, [&](const std::string& phrase) { return has_phrase(padded, phrase); });
        if (told && std::ranges::find(state_.troubles, trouble.name) == state_.troubles.end())
            state_.troubles.push_back(trouble.name);
    }
}

bool Conversation::add_topic_after(std::string_view place, std::string_view topic) {
    const bool had = state_.asked.contains(std::string(topic)) ||
                     std::ranges::find(state_.topics, topic, &TopicProgress::topic) != state_.topics.end();
    if (had || protocol_.find(topic) == nullptr) return false;
    auto at = std::ranges::find(state_.topics, place, &TopicProgress::topic);
    if (at != state_.topics.end()) ++at;
    state_.topics.insert(at, {std::string(topic), TopicState::pending});
    return true;
}

void Conversation::add_probe(const Topic& after) {
    if (!state_.minimised || state_.troubles.empty()) return;
    if (add_topic_after(after.name, "probe")) put("understated", state_.troubles);
}

void Conversation::add_mood_questions(const Topic& after) {
    // What somebody else thinks of a mood is no answer to these.
    if (state_.by_caregiver || after.name.starts_with("phq2_")) return;
    const bool told = affirms_any(padded_words(words_), protocol_.low_mood) ||
                      std::ranges::any_of(step_.alerts, [](const auto& alert) { return alert.evidence.rule == "C2"; });
    if (!told) return;
    const auto concerns = std::ranges::find(state_.topics, "concerns", &TopicProgress::topic);
    const bool later = concerns != state_.topics.end() && concerns->state == TopicState::pending;
    const std::string place = later ? "concerns" : after.name;
    if (add_topic_after(place, "phq2_interest")) add_topic_after("phq2_interest", "phq2_mood");
}

bool Conversation::take_mood_answer(const Topic& topic, const std::string& text) {
    const auto grade = frequency(padded_words(text));
    if (!grade) return false;
    put(topic.name, static_cast<double>(*grade));
    const auto interest = number_fact(state_.facts, "phq2_interest");
    const auto mood = number_fact(state_.facts, "phq2_mood");
    const double score = interest.value_or(0) + mood.value_or(0);
    if (interest && mood) put("phq2_score", score);
    if (score >= positive_from) raise({AlertType::patient_concern, Severity::moderate, {words_, audio_ms_, "C2", 2}});
    return true;
}

std::string Conversation::troubles_in_words() const {
    std::string out;
    for (const auto& trouble : protocol_.troubles)
        if (std::ranges::find(state_.troubles, trouble.name) != state_.troubles.end())
            out += (out.empty() ? "" : ", and that ") + trouble.words;
    return out;
}

}  // namespace carevoice::domain::dialogue
