// When a thing was: the part of Assertions that tells history and what has ended from what is.
#include "domain/clinical/assertion.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::clinical {

namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// "was" and verbs that are spelled otherwise in the past; the others end in "ed".
constexpr auto past_verbs = std::to_array<std::string_view>(
    {"was",   "were",  "had",     "did",  "got",   "went", "came", "ran", "felt",  "fell", "gave", "bled", "broke",
     "shook", "swole", "swelled", "took", "threw", "saw",  "lost", "put", "began", "tore", "hurt", "kept", "woke"});
constexpr auto present_words = std::to_array<std::string_view>(
    {"is",   "am",    "are",  "now",   "today", "tonight",   "still", "has",   "will",   "keeps", "does",
     "goes", "hurts", "gets", "feels", "looks", "yesterday", "since", "comes", "smells", "again", "runs"});

constexpr std::size_t clauses_of_a_story = 8;

// "When it quit I was a hundred and one": no ending, a time.
constexpr auto before_ending =
    std::to_array<std::string_view>({"when", "until", "before", "if", "after", "till", "since"});

}  // namespace

bool Assertions::is_present(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i) {
        const std::string& word = tokens_[i].text;
        const std::string_view next = i + 1 < end ? std::string_view(tokens_[i + 1].text) : std::string_view();
        if (among(present_words, word)) return true;
        if ((word == "can" || word == "do") && next == "not") return true;
        if (word == "have" && next != "had" && (i == begin || tokens_[i - 1].text != "used")) return true;
        if (word == "this" && (next == "morning" || next == "afternoon" || next == "evening")) return true;
        if (word == "last" && next == "night") return true;
        if (word == "ago" && i > begin &&
            (tokens_[i - 1].text.starts_with("hour") || tokens_[i - 1].text.starts_with("minute")))
            return true;
    }
    return false;
}

bool Assertions::tells_past(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i) {
        const std::string& word = tokens_[i].text;
        const bool perfect = i > 0 && word == "had" && tokens_[i - 1].text == "have";
        const bool could_not = word == "could" && i + 1 < end && tokens_[i + 1].text == "not";
        if ((among(past_verbs, word) && !perfect) || could_not || (word.size() > 4 && word.ends_with("ed")))
            return true;
    }
    return false;
}

// "No pain until yesterday": the until tells when it began.
bool Assertions::ends_denial(std::size_t at) const {
    constexpr auto denials = std::to_array<std::string_view>({"no", "not", "none", "nothing", "never"});
    if (tokens_[at].text != "until") return false;
    for (std::size_t i = sentence_begin(at); i < at; ++i) {
        if (among(denials, tokens_[i].text)) return true;
    }
    return false;
}

void Assertions::find_times(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {  // "history of", "status post": what follows, as clinicians write
        if (!is(cue, "cue.past_of") || covered("cue.not_past", cue.first)) continue;
        bool none = covered("cue.negation_of_list", cue.first);  // "no family history of", "denies prior"
        for (std::size_t i = cue.first > 2 ? cue.first - 2 : 0; i < cue.first; ++i) {
            none = none || tokens_[i].text == "no" || tokens_[i].text == "denies" || tokens_[i].text == "without";
        }
        if (none) continue;
        const std::size_t to = scope_end(mentions, cue.last + 1, sentence_end(cue.last));
        for (std::size_t i = cue.last + 1; i < to; ++i) flags_[i].past = true;
    }
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.lately")) continue;
        for (std::size_t i = clause_begin(cue.first); i < clause_end(cue.last); ++i) flags_[i].lately = true;
    }
    for (const Mention& cue : mentions) {
        const bool past = is(cue, "cue.past");
        if (!past && !is(cue, "cue.recent")) continue;
        if (covered("cue.not_past", cue.first) || ends_denial(cue.first)) continue;
        const std::string_view before =
            cue.first > 0 ? std::string_view(tokens_[cue.first - 1].text) : std::string_view();
        if (before == "since" || before == "like" || before == "than") continue;
        const std::size_t end = clause_end(cue.last);
        for (std::size_t i = clause_begin(cue.first); i < end; ++i) (past ? flags_[i].past : flags_[i].recent) = true;
        if (!past) continue;
        constexpr auto turning = std::to_array<std::string_view>({"but", "now", "since", "however", "though"});
        // "I fainted in church when I was carrying my first": the sentence's other clauses, as far as they tell a
        // story.
        const std::size_t sentence = sentence_begin(cue.first);
        const std::size_t sentence_stop = sentence_end(cue.first);
        for (std::size_t at = sentence; at < sentence_stop; at = clause_end(at)) {
            const std::size_t stop = clause_end(at);
            if (at > cue.last && among(turning, tokens_[at].text)) break;  // "never before, but since Monday …"
            if (is_present(at, stop)) continue;
            for (std::size_t i = at; i < stop; ++i) flags_[i].past = true;
        }
    }
}

// "It was red but now it's fine", "I had chills, it's okay now".
void Assertions::find_contrasts() {
    constexpr auto were = std::to_array<std::string_view>({"was", "were", "had", "did", "got"});
    constexpr auto turned = std::to_array<std::string_view>({"now", "anymore", "today"});
    constexpr auto well = std::to_array<std::string_view>({"fine", "better", "gone", "okay", "good", "dry", "normal",
                                                           "healed", "clear", "cleared", "stopped", "nothing", "none"});
    for (std::size_t at = 0; at < tokens_.size(); at = clause_end(at)) {
        const std::size_t end = clause_end(at);
        if (end >= tokens_.size()) break;
        bool was = false;
        for (std::size_t i = at; i < end; ++i) {
            const bool perfect = i > 0 && tokens_[i].text == "had" && tokens_[i - 1].text == "have";
            was = was || (among(were, tokens_[i].text) && !perfect);
        }
        if (!was) continue;
        bool now = false;
        bool good = false;
        std::size_t next_end = clause_end(end);
        if (next_end - end <= 2 && next_end < tokens_.size())
            next_end = clause_end(next_end);  // "but now / it is fine"
        bool others = false;
        for (std::size_t i = end; i < next_end; ++i) {
            others = others || tokens_[i].text == "mine";
            now = now || among(turned, tokens_[i].text);
            good = good || among(well, tokens_[i].text);
        }
        const bool contrast = tokens_[end].text == "but" || tokens_[end].before != Break::none;
        if (others || !(good && (now || contrast))) continue;
        for (std::size_t i = at; i < end; ++i) flags_[i].over = true;
    }
}

// "It bled pretty good Saturday, then it stopped and it's been dry since Sunday", "came back by supper", "never since":
// how a story ends counts for all its past clauses, unless they are of the last day.
void Assertions::find_endings(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.ending") || of(cue.first, cue.last).denied) continue;
        if (covered("cue.not_negation", cue.last)) continue;  // "it has not stopped"
        if (cue.first > 0 && among(before_ending, tokens_[cue.first - 1].text)) continue;
        if (cue.last + 1 < tokens_.size() && tokens_[cue.last + 1].text == "not") continue;  // "now I can not"
        std::size_t start = clause_begin(cue.first);
        for (std::size_t back = 0; back < clauses_of_a_story && start > 0; ++back) start = clause_begin(start - 1);
        for (std::size_t at = start; at <= cue.first; at = clause_end(at)) {
            const std::size_t end = std::min(clause_end(at), cue.first);
            if (at < end && (is_present(at, end) || !tells_past(at, end))) continue;
            for (std::size_t i = at; i < end; ++i) flags_[i].over = true;
        }
    }
}

// "The arm's numb from the nerve block": somebody has named a harmless cause.
void Assertions::find_harmless_causes(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.harmless_cause") || of(cue.first, cue.last).denied) continue;
        for (std::size_t i = sentence_begin(cue.first); i < sentence_end(cue.first); ++i) flags_[i].explained = true;
    }
}

}  // namespace carevoice::domain::clinical
