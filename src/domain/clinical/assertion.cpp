#include "domain/clinical/assertion.h"

#include <algorithm>
#include <array>

namespace carevoice::domain::clinical {

namespace {

constexpr std::size_t negation_reach = 12;

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto nominatives =
    std::to_array<std::string_view>({"i", "he", "she", "they", "we", "it", "there", "my", "that", "this", "the", "is",
                                     "are", "am", "do", "have", "was"});

bool contains_word(const Mention& mention, std::size_t token) {
    return std::binary_search(mention.words.begin(), mention.words.end(), static_cast<std::uint16_t>(token));
}

}  // namespace

Assertions::Assertions(const Lexicon& lexicon, const Tokens& tokens, const std::vector<Mention>& mentions,
                       bool teach_back)
    : lexicon_(lexicon), tokens_(tokens), flags_(tokens.size()) {
    split_clauses();
    find_negations(mentions);
    find_denials_after(mentions);
    find_echoes();
    find_times(mentions);
    find_contrasts();
    find_suppositions(mentions, teach_back);
    find_people(mentions);
    for (const Mention& mention : mentions) {
        if (!is(mention, "cue.hedge")) continue;
        const std::size_t end = clause_end(mention.first);
        for (std::size_t i = clause_begin(mention.first); i < end; ++i) flags_[i].doubtful = true;
    }
}

bool Assertions::is(const Mention& mention, std::string_view entry) const {
    return lexicon_.entry(mention.owner).name == entry;
}

bool Assertions::covered(const std::vector<Mention>& mentions, std::string_view entry, std::size_t token) const {
    return std::any_of(mentions.begin(), mentions.end(),
                       [&](const Mention& m) { return is(m, entry) && contains_word(m, token); });
}

void Assertions::find_negations(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.negation")) continue;
        if (covered(mentions, "cue.not_negation", cue.first) || answer_particle(cue.first)) continue;
        std::size_t to = std::min(clause_end(cue.last), cue.last + 1 + negation_reach);
        // A "not" that is part of a finding ("can not walk") is used up by it.
        for (const Mention& finding : mentions) {
            if (!lexicon_.entry(finding.owner).is_concept || !contains_word(finding, cue.last)) continue;
            if (finding.words.front() <= cue.first) to = std::min(to, finding.last + 1);
        }
        negations_.push_back({cue.first, cue.last, cue.last + 1, to});
    }
}

void Assertions::find_denials_after(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.negation_after")) continue;
        const bool itself_denied = of(cue.first, cue.last).denied || covered(mentions, "cue.not_negation", cue.first);
        if (itself_denied) continue;
        const std::size_t begin = clause_begin(cue.first);
        negations_.push_back({cue.first, cue.last, begin, cue.first});
        // "I had swelling but it went away": the pronoun points to the clause before.
        const std::size_t head = std::min(begin + 1, cue.first);
        const bool points_back =
            cue.first - begin <= 4 && begin > 0 &&
            (tokens_[begin].text == "it" || tokens_[begin].text == "that" || tokens_[head].text == "it" ||
             tokens_[head].text == "that" || tokens_[head].text == "they");
        if (!points_back) continue;
        for (std::size_t i = clause_begin(begin - 1); i < begin; ++i) flags_[i].past = true;
    }
}

// "Any redness? No." and "The walker? I don't need it": a bare question of the speaker is no statement.
void Assertions::find_echoes() {
    for (std::size_t at = 0; at < tokens_.size(); at = sentence_end(at)) {
        const std::size_t end = sentence_end(at);
        if (!tokens_[at].asks || end - at > 5) continue;
        bool statement = false;
        for (std::size_t i = at; i < end; ++i) statement = statement || among(nominatives, tokens_[i].text);
        if (statement) continue;
        const bool affirmed = end < tokens_.size() && (tokens_[end].text == "yes" || tokens_[end].text == "yeah");
        for (std::size_t i = at; i < end && !affirmed; ++i) flags_[i].supposed = true;
    }
}

void Assertions::find_times(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        const bool past = is(cue, "cue.past");
        if (!past && !is(cue, "cue.recent")) continue;
        if (covered(mentions, "cue.not_past", cue.first)) continue;
        const std::string_view before =
            cue.first > 0 ? std::string_view(tokens_[cue.first - 1].text) : std::string_view();
        if (before == "since" || before == "like" || before == "than") continue;
        const std::size_t end = clause_end(cue.last);
        for (std::size_t i = clause_begin(cue.first); i < end; ++i) (past ? flags_[i].past : flags_[i].recent) = true;
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
        const std::size_t next_end = clause_end(end);
        for (std::size_t i = end; i < next_end; ++i) {
            now = now || among(turned, tokens_[i].text);
            good = good || among(well, tokens_[i].text);
        }
        const bool contrast = tokens_[end].text == "but" || tokens_[end].before != Break::none;
        if (!(good && (now || contrast))) continue;
        for (std::size_t i = at; i < end; ++i) flags_[i].past = true;
    }
}

void Assertions::find_suppositions(const std::vector<Mention>& mentions, bool teach_back) {
    for (const Mention& cue : mentions) {
        const bool whole = is(cue, "cue.supposed_sentence");
        if (!whole && !is(cue, "cue.supposed")) continue;
        if (covered(mentions, "cue.not_supposed", cue.first)) continue;
        const std::size_t from = whole ? sentence_begin(cue.first) : cue.last + 1;
        const std::size_t to = whole ? sentence_end(cue.last) : clause_end(cue.last);
        for (std::size_t i = from; i < to; ++i) flags_[i].supposed = true;
    }
    if (!teach_back) return;
    for (std::size_t at = 0; at < tokens_.size(); at = sentence_end(at)) {
        const std::size_t end = sentence_end(at);
        const bool present = std::any_of(mentions.begin(), mentions.end(), [&](const Mention& m) {
            return is(m, "cue.present") && m.first >= at && m.first < end;
        });
        for (std::size_t i = at; i < end && !present; ++i) flags_[i].supposed = true;
    }
}

void Assertions::find_people(const std::vector<Mention>& mentions) {
    const auto any = [&](std::string_view entry) {
        return std::any_of(mentions.begin(), mentions.end(), [&](const Mention& m) { return is(m, entry); });
    };
    if (any("cue.caregiver")) return;
    constexpr auto thirds = std::to_array<std::string_view>({"he", "she", "they", "his", "her"});
    constexpr auto firsts = std::to_array<std::string_view>({"i", "my", "mine", "me", "we", "it", "there"});
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.other_person")) continue;
        // "My husband helps me": nothing about his health yet, but a "he" that follows is he.
        const bool helps_or_says = covered(mentions, "cue.not_other_person", cue.first);
        std::size_t end = clause_end(cue.last);
        std::size_t at = helps_or_says ? end : cue.first;
        while (true) {
            for (; at < end; ++at) flags_[at].other = true;
            if (end >= tokens_.size()) break;
            const std::size_t head = among(thirds, tokens_[end].text) || end + 1 >= tokens_.size() ? end : end + 1;
            const bool about_them = among(thirds, tokens_[head].text) && !among(firsts, tokens_[end].text);
            if (!about_them) break;
            end = clause_end(end);
        }
    }
}

Assertion Assertions::of(std::size_t first, std::size_t last) const {
    Mention mention{0, first, last, {}};
    for (std::size_t i = first; i <= last; ++i) mention.words.push_back(static_cast<std::uint16_t>(i));
    return of(mention);
}

Assertion Assertions::of(const Mention& mention) const {
    Assertion result;
    for (const Negation& negation : negations_) {
        const bool own_word = contains_word(mention, negation.first);
        const bool reaches = std::any_of(mention.words.begin(), mention.words.end(), [&](std::uint16_t word) {
            return word >= negation.from && word < negation.to;
        });
        result.denied = result.denied || (reaches && !own_word);
    }
    for (const std::uint16_t word : mention.words) {
        const Flags& flags = flags_[word];
        result.past = result.past || flags.past;
        result.recent = result.recent || flags.recent;
        result.supposed = result.supposed || flags.supposed;
        result.other = result.other || flags.other;
        result.doubtful = result.doubtful || flags.doubtful;
    }
    return result;
}

}  // namespace carevoice::domain::clinical
