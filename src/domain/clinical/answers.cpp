#include "domain/clinical/answers.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

struct Particle {
    bool yes = false;
    std::size_t end = 0;  ///< one past its last word
};

std::optional<Particle> particle_at(const Reading& reading, std::size_t at) {
    std::optional<Particle> longest;
    for (const Mention& mention : reading.mentions()) {
        const std::string& name = reading.lexicon().entry(mention.owner).name;
        const bool yes = name == "answer.yes";
        if ((!yes && name != "answer.no") || mention.first != at) continue;
        if (!longest || mention.last + 1 > longest->end) longest = Particle{yes, mention.last + 1};
    }
    return longest;
}

// Where a word of the group ends; `at` when none is there.
std::size_t past_group(const Reading& reading, std::string_view group, std::size_t at) {
    std::size_t end = at;
    for (const Mention& mention : reading.mentions()) {
        if (mention.first == at && reading.lexicon().entry(mention.owner).name == group) {
            end = std::max(end, mention.last + 1);
        }
    }
    return end;
}

// The particles at the start of the answer; the last of a row counts ("yeah, no").
std::optional<Particle> leading_particle(const Reading& reading) {
    std::size_t at = 0;
    while (at < reading.tokens().size()) {
        const std::size_t next = past_group(reading, "answer.lead_in", at);
        if (next == at) break;
        at = next;
    }
    std::optional<Particle> particle;
    while (at < reading.tokens().size()) {
        const auto next = particle_at(reading, at);
        if (!next) break;
        particle = next;
        at = next->end;
    }
    return particle;
}

bool only_politeness(const Reading& reading, std::size_t at) {
    while (at < reading.tokens().size()) {
        std::size_t next = past_group(reading, "answer.polite", at);
        if (const auto again = particle_at(reading, at)) next = std::max(next, again->end);
        if (next == at) return false;
        at = next;
    }
    return true;
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool any_finding(const Reading& reading) {
    return std::any_of(reading.mentions().begin(), reading.mentions().end(), [&](const Mention& mention) {
        const Entry& entry = reading.lexicon().entry(mention.owner);
        return entry.is_concept && !entry.no_answer;
    });
}

bool answers_topic(const Reading& reading, const Understanding& understood) {
    const std::string& question = reading.context().question;
    if (question == "pain_score") return understood.facts.contains("pain_score");
    if (is_consent_question(question)) return understood.consent.has_value();
    const bool bare_yes = bare_answer(reading) == true;
    if (one_of(question, {"breathing", "mobility", "wound", "concerns", "pain_change", "identity"}) && bare_yes)
        return false;
    if (one_of(question, {"pain_change", "wound", "fever", "mobility", "medication", "breathing", "bowel", "weight"})) {
        return understood.yes_no.has_value() || any_finding(reading) || reading.mentions_any("answer.fine") ||
               reading.mentions_any("topic." + question) || understood.facts.contains("temperature_f") ||
               understood.facts.contains("pain_score");
    }
    if (understood.yes_no || any_finding(reading)) return true;
    const bool single_word_will_do = one_of(
        question, {"callback", "identity", "preferred_time", "language", "caregiver", "open", "teachback_red_flags"});
    return single_word_will_do || reading.tokens().size() >= 2 || reading.mentions_any("answer.fine");
}

}  // namespace

bool is_consent_question(std::string_view question) {
    return question.starts_with("consent") || question == "voicemail_ok" || question == "recording";
}

std::optional<bool> yes_or_no(const Reading& reading) {
    if (const auto particle = leading_particle(reading)) return particle->yes;
    const std::size_t count = reading.tokens().size();
    for (std::size_t at = 1; at < count; ++at) {
        const auto last = particle_at(reading, at);
        if (last && reading.tokens()[at].before != Break::none && only_politeness(reading, last->end)) return last->yes;
    }
    return std::nullopt;
}

std::optional<bool> bare_answer(const Reading& reading) {
    const auto particle = leading_particle(reading);
    if (!particle || !only_politeness(reading, particle->end)) return std::nullopt;
    return particle->yes;
}

std::optional<bool> agreement(const Reading& reading) {
    if (reading.mentions_any("answer.unsure")) return std::nullopt;
    if (reading.holds("answer.refuse") || reading.holds("wish.stop_calling")) return false;
    const bool agreed = reading.holds("answer.agree");
    if (reading.denies("answer.agree") && !agreed) return false;
    if (agreed) return true;
    return yes_or_no(reading);
}

std::optional<bool> wants_call_back(const Reading& reading) {
    if (reading.holds("wants_call")) return true;
    if (yes_or_no(reading) == false) return false;
    return agreement(reading);
}

Wish wish_of(const Reading& reading) {
    constexpr auto wishes =
        std::to_array<std::pair<std::string_view, Wish>>({{"wish.stop_calling", Wish::stop_calling},
                                                          {"wish.wrong_person", Wish::wrong_person},
                                                          {"wish.talk_to_person", Wish::talk_to_person},
                                                          {"wish.call_later", Wish::call_later},
                                                          {"wish.slower", Wish::slower},
                                                          {"wish.repeat", Wish::repeat},
                                                          {"wish.who_is_this", Wish::who_is_this},
                                                          {"wish.goodbye", Wish::goodbye}});
    for (const auto& [name, wish] : wishes) {
        if (reading.holds(name)) return wish;
    }
    return Wish::none;
}

bool is_unclear(const Reading& reading, const Understanding& understood, bool finding_beside_no_answer) {
    if (!reading.is_speech()) return true;
    if (understood.wish == Wish::wrong_person) return false;
    if (understood.wish == Wish::stop_calling) return false;
    const bool measured = reading.context().question == "pain_score" || is_consent_question(reading.context().question);
    if (measured) return !answers_topic(reading, understood);
    if (understood.declined) return true;
    const bool asks_back = understood.wish == Wish::repeat || understood.wish == Wish::slower ||
                           understood.wish == Wish::who_is_this || understood.wish == Wish::call_later;
    const bool no_answer =
        reading.holds("answer.none") || reading.mentions_any("answer.machine") || asks_back ||
        std::any_of(reading.mentions().begin(), reading.mentions().end(),
                    [&](const Mention& mention) { return reading.lexicon().entry(mention.owner).no_answer; });
    if (no_answer) return !finding_beside_no_answer;
    return !answers_topic(reading, understood);
}

}  // namespace carevoice::domain::clinical
