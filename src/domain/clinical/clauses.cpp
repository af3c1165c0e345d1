// How an utterance falls into clauses: the part of Assertions that knows English subjects.
#include "domain/clinical/assertion.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::clinical {

namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto turns =
    std::to_array<std::string_view>({"but", "however", "except", "though", "although", "yet", "because", "besides",
                                     "unless", "whereas", "otherwise", "instead", "plus"});
constexpr auto pronouns = std::to_array<std::string_view>({"i", "he", "she", "they", "we"});
constexpr auto weak_pronouns =
    std::to_array<std::string_view>({"it", "there", "that", "this", "these", "those", "everything", "nothing", "you"});
constexpr auto owners =
    std::to_array<std::string_view>({"my", "mine", "the", "his", "her", "our", "now", "just", "today", "more", "maybe",
                                     "probably", "perhaps", "about", "call", "say"});
constexpr auto joiners = std::to_array<std::string_view>({"and", "so", "then", "also", "now", "only", "well"});
constexpr auto verbs = std::to_array<std::string_view>(
    {"is",    "are",    "was",    "were",    "am",     "have",  "has",   "had",   "do",     "does",  "did",   "can",
     "could", "will",   "would",  "feels",   "feel",   "felt",  "looks", "look",  "looked", "hurts", "hurt",  "got",
     "gets",  "seems",  "smells", "stinks",  "keeps",  "kept",  "came",  "comes", "went",   "goes",  "just",  "started",
     "aches", "stings", "burns",  "swelled", "opened", "broke", "still", "might", "may",    "must",  "never", "stays"});
// After these a subject goes on with the clause instead of opening one.
constexpr auto takes_clause = std::to_array<std::string_view>(
    {"that",       "if",       "whether", "when",   "where",  "while",   "how",     "what",   "like",  "think",
     "believe",    "say",      "said",    "know",   "guess",  "suppose", "hope",    "feel",   "swear", "as",
     "than",       "since",    "until",   "before", "after",  "once",    "which",   "who",    "way",   "all",
     "everything", "anything", "thing",   "time",   "sure",   "afraid",  "worried", "scared", "for",   "to",
     "of",         "with",     "on",      "in",     "or",     "nor",     "bet",     "told",   "tell",  "notice",
     "see",        "figured",  "do",      "does",   "did",    "have",    "has",     "was",    "is",    "are",
     "were",       "can",      "could",   "will",   "would",  "am",      "should",  "had",    "every", "whenever",
     "from",       "by",       "not",     "at",     "about",  "why",     "looked",  "touch",  "take",  "put",
     "noticed",    "saw",      "seen",    "maybe",  "second", "minute",  "first",   "the",    "some",  "days",
     "day"});

}  // namespace

bool Assertions::new_clause(std::size_t at) const {
    const Token& token = tokens_[at];
    if (at == 0 || token.before == Break::sentence || among(turns, token.text)) return true;
    const std::string& previous = tokens_[at - 1].text;
    const std::string_view next = at + 1 < tokens_.size() ? std::string_view(tokens_[at + 1].text) : std::string_view();
    if ((token.text == "apart" && next == "from") || (token.text == "other" && next == "than")) return true;
    const bool amount = is_numeric(token.text) || ((token.text == "a" || token.text == "an") && is_numeric(next));
    if (token.before == Break::comma && amount) return true;
    constexpr auto days = std::to_array<std::string_view>({"today", "now", "tonight"});
    if (among(days, token.text) && among(pronouns, next) && !among(takes_clause, previous)) return true;
    if (among(days, previous) && clause_[at - 1] != (at > 1 ? clause_[at - 2] : clause_[at - 1] + 1) &&
        among(pronouns, token.text)) {
        return false;  // the day has opened it
    }
    // "it wells", "it turned": any verb will do after "it".
    const bool it_acts = token.text == "it" && next.size() > 3 && (next.ends_with('s') || next.ends_with("ed"));
    const bool pronoun =
        among(pronouns, token.text) || (among(weak_pronouns, token.text) && among(verbs, next)) || it_acts;
    const bool joined = token.before == Break::comma || among(joiners, previous);
    if (joined && previous != "or" && (pronoun || among(owners, token.text))) return true;
    if (token.before == Break::comma && among(joiners, token.text) && next != "or") {
        return among(pronouns, next) || among(weak_pronouns, next) || among(owners, next) || token.text == "so";
    }
    constexpr auto be = std::to_array<std::string_view>({"is", "was", "are", "were", "looks", "feels", "has"});
    const std::string_view third =
        at + 2 < tokens_.size() ? std::string_view(tokens_[at + 2].text) : std::string_view();
    const bool stated = among(be, next) || (among(be, third) && next != "or" && next != "and");
    if (token.before == Break::comma && stated && previous != "or" && token.text != "or") return true;
    constexpr auto ends_clause =
        std::to_array<std::string_view>({"anything", "everything", "nothing", "something", "on"});
    if (token.text == "i" && next == "am" && among(ends_clause, previous)) return true;
    return pronoun && !among(takes_clause, previous) && !among(joiners, previous);
}

void Assertions::split_clauses() {
    clause_.resize(tokens_.size());
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
        if (at == 0 || new_clause(at)) clause_starts_.push_back(at);
        clause_[at] = clause_starts_.size() - 1;
    }
}

std::size_t Assertions::clause_begin(std::size_t token) const {
    return clause_starts_[clause_[token]];
}

std::size_t Assertions::clause_end(std::size_t token) const {
    const std::size_t next = clause_[token] + 1;
    return next < clause_starts_.size() ? clause_starts_[next] : tokens_.size();
}

std::size_t Assertions::sentence_end(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < tokens_.size() && tokens_[end].before != Break::sentence) ++end;
    return end;
}

std::size_t Assertions::sentence_begin(std::size_t at) const {
    while (at > 0 && tokens_[at].before != Break::sentence) --at;
    return at;
}

// "No, it's red", "no it looks fine", "no. swollen": the word answers the question and denies nothing that follows.
bool Assertions::answer_particle(std::size_t at) const {
    const std::string& word = tokens_[at].text;
    if (word != "no" && word != "nope" && word != "nah") return false;
    const bool between_numbers =
        at > 0 && at + 1 < tokens_.size() && is_numeric(tokens_[at - 1].text) && is_numeric(tokens_[at + 1].text);
    if (between_numbers) return true;
    if (at > 0 && tokens_[at].before == Break::none && tokens_[at - 1].text != "well" && tokens_[at - 1].text != "no") {
        return false;
    }
    if (at + 1 >= tokens_.size()) return true;
    const Token& next = tokens_[at + 1];
    if (next.before == Break::sentence) return true;
    constexpr auto openers = std::to_array<std::string_view>(
        {"i",       "it",   "he",      "she",   "they",  "we",   "there",      "that",     "this", "my",   "mine",
         "the",     "not",  "nothing", "none",  "never", "just", "only",       "no",       "make", "let",  "call",
         "scratch", "more", "maybe",   "about", "you",   "we",   "everything", "actually", "but",  "wait", "sorry"});
    return among(openers, next.text);
}

}  // namespace carevoice::domain::clinical
