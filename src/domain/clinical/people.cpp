// Whose it is: the part of Assertions that follows the subject from clause to clause (ConText's experiencer).
#include "domain/clinical/assertion.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::clinical {

namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto firsts = std::to_array<std::string_view>({"i", "my", "mine", "me", "we", "us", "our", "ours", "myself"});
constexpr auto thirds =
    std::to_array<std::string_view>({"he", "she", "they", "his", "her", "hers", "him", "them", "their", "theirs"});
constexpr auto before_subject = std::to_array<std::string_view>(
    {"and",  "but",   "so",    "then",  "now",       "well", "because", "also",  "just",  "though",
     "yeah", "yes",   "no",    "plus",  "or",        "when", "while",   "after", "since", "that",
     "if",   "until", "maybe", "today", "yesterday", "only", "not",     "even"});
// What somebody says of himself when it is another who is ill: "I found him", "I can't get her to wake up".
constexpr auto carers_verbs = std::to_array<std::string_view>(
    {"found",   "gave",   "give",    "put",  "took", "take",     "called", "think", "thought", "saw",    "see",
     "noticed", "can",    "could",   "got",  "get",  "counted",  "know",   "hear",  "heard",   "help",   "helped",
     "tell",    "told",   "shook",   "do",   "did",  "hollered", "asked",  "say",   "said",    "looked", "checked",
     "watch",   "change", "changed", "want", "need", "hope",     "figure", "guess", "tried",   "been",   "have"});

// "Like a dog's got hold of my hip", "I was a ward sister": names nobody else.
bool likens(std::string_view before, std::string_view first) {
    constexpr auto is = std::to_array<std::string_view>({"was", "am", "is", "are", "were", "be", "been"});
    const bool article = first == "a" || first == "an" || first == "one";
    return before == "like" || before == "as" || before == "charley" || (article && among(is, before));
}

}  // namespace

std::vector<Assertions::Person> Assertions::people_in(const std::vector<Mention>& mentions) const {
    std::vector<Person> people;
    for (const Mention& cue : mentions) {
        const bool thing = is(cue, "cue.thing");
        const bool stranger = thing || is(cue, "cue.stranger");
        if (!stranger && !is(cue, "cue.other_person")) continue;
        if (thing && !heads_clause(cue.first)) continue;
        if (cue.first > 0 && likens(tokens_[cue.first - 1].text, tokens_[cue.first].text)) continue;
        people.push_back({cue.first, cue.last, stranger, !covered("cue.not_other_person", cue.last), thing});
    }
    std::ranges::stable_sort(people, [](const Person& a, const Person& b) {
        return a.first != b.first ? a.first < b.first : a.stranger > b.stranger;
    });
    return people;
}

bool Assertions::heads_clause(std::size_t at) const {
    std::size_t head = clause_begin(at);
    while (head < at && among(before_subject, tokens_[head].text)) ++head;
    return head == at;
}

// No word of the speaker's own state, so the one spoken about may be the patient.
bool Assertions::speaks_of_self_only_as_carer(const std::vector<Person>& people) const {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const std::string& word = tokens_[i].text;
        const std::string_view next =
            i + 1 < tokens_.size() ? std::string_view(tokens_[i + 1].text) : std::string_view();
        if (word == "mine" || word == "myself") return false;
        const bool person = std::ranges::any_of(people, [&](const Person& p) { return p.first <= i && i <= p.last; });
        if (word == "my" && !person) return false;
        if (word == "me" && i > 0 && tokens_[i - 1].text != "told" && tokens_[i - 1].text != "know" &&
            tokens_[i - 1].text != "at") {
            return false;
        }
        const bool known_by = i > 0 && (tokens_[i - 1].text == "who" || tokens_[i - 1].text == "what");  // "who I am"
        if (word == "i" && !known_by && !among(carers_verbs, next)) return false;
    }
    return true;
}

void Assertions::find_people(const std::vector<Mention>& mentions, bool by_caregiver) {
    for (const Mention& cue : mentions) {  // "In that show the fellow yelled I want to die": a story, whoever says "I"
        if (!is(cue, "cue.fiction") && !is(cue, "cue.family")) continue;
        for (std::size_t i = sentence_begin(cue.first); i < sentence_end(cue.first); ++i) flags_[i].other = true;
    }
    std::vector<Person> people = people_in(mentions);
    if (people.empty()) return;
    const bool contrast = any(mentions, "cue.not_me");
    const bool for_another = by_caregiver || any(mentions, "cue.caregiver");
    if (for_another && !contrast) std::erase_if(people, [](const Person& person) { return !person.stranger; });
    const bool may_be_patient = !contrast && speaks_of_self_only_as_carer(people);
    follow_subjects(people, may_be_patient ? Who::kin : Who::other);
}

void Assertions::follow_subjects(const std::vector<Person>& people, Who relatives) {
    const auto person_at = [&](std::size_t at) {
        return std::ranges::find_if(people, [&](const Person& p) { return p.first <= at && at <= p.last; });
    };
    Who who = Who::patient;
    Who spoken_of = Who::patient;  // whom a "he" means
    for (std::size_t begin = 0; begin < tokens_.size(); begin = clause_end(begin)) {
        const std::size_t end = clause_end(begin);
        std::size_t head = begin;
        while (head + 1 < end && among(before_subject, tokens_[head].text) && person_at(head) == people.end()) ++head;
        if (tokens_[begin].before == Break::sentence && !among(thirds, tokens_[head].text)) who = Who::patient;
        if (among(thirds, tokens_[head].text)) who = spoken_of;
        const bool present = is_present(begin, end);
        const Who subject = who;
        bool leads = false;
        for (std::size_t i = head; i < end; ++i) {
            const auto person = person_at(i);
            if (person != people.end()) {
                const Who named = person->stranger ? Who::other : relatives;
                if (!person->thing) spoken_of = named;
                if (person->subject) who = named;
                if (!person->subject && i == head) who = Who::patient;
                leads = leads || (i == head && !person->thing);
                i = person->last;
            } else if (among(firsts, tokens_[i].text)) {
                who = Who::patient;
            }
            const Who now = who == Who::kin && !present ? Who::other : who;
            const std::size_t from = person != people.end() ? person->first : i;
            for (std::size_t k = from; k <= i; ++k) {
                flags_[k].other = flags_[k].other || now == Who::other;
                flags_[k].kin = flags_[k].kin || now == Who::kin;
            }
        }
        // One named in passing ("freak my mom out but it bled through") is not what the next clause is about.
        if (!leads) who = subject;
    }
}

}  // namespace carevoice::domain::clinical
