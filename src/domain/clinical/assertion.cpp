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

Assertions::Assertions(const Lexicon& lexicon, const Tokens& tokens, const std::vector<Mention>& mentions, Asked asked)
    : lexicon_(lexicon), tokens_(tokens), flags_(tokens.size()) {
    for (const Mention& mention : mentions) {
        if (lexicon.entry(mention.owner).is_concept) continue;
        std::vector<bool>& tokens_of = covers_[mention.owner];
        tokens_of.resize(tokens.size());
        for (const std::uint16_t word : mention.words) tokens_of[word] = true;
    }
    split_clauses();
    find_negations(mentions);
    find_denials_after(mentions);
    find_echoes();
    find_spoken_lists();
    find_times(mentions);
    find_contrasts();
    find_harmless_causes(mentions);
    find_endings(mentions);
    find_suppositions(mentions, asked.teach_back);
    find_retractions(mentions);
    find_people(mentions, asked.by_caregiver);
    find_trifles(mentions);
    find_near_misses(mentions);
    for (const Mention& mention : mentions) {
        if (!is(mention, "cue.hedge")) continue;
        const std::size_t end = clause_end(mention.first);
        for (std::size_t i = clause_begin(mention.first); i < end; ++i) flags_[i].doubtful = true;
    }
}

bool Assertions::is(const Mention& mention, std::string_view entry) const {
    return lexicon_.entry(mention.owner).name == entry;
}

bool Assertions::any(const std::vector<Mention>& mentions, std::string_view entry) const {
    return std::ranges::any_of(mentions, [&](const Mention& mention) { return is(mention, entry); });
}

bool Assertions::covered(std::string_view entry, std::size_t token) const {
    const auto owner = lexicon_.find(entry);
    const auto found = owner ? covers_.find(*owner) : covers_.end();
    return found != covers_.end() && found->second[token];
}

void Assertions::find_negations(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (covered("cue.not_negation", cue.first) || answer_particle(cue.first)) continue;
        if (ends_lately(cue.last) || cancelled(cue.first)) continue;
        const bool wide = is(cue, "cue.negation_of_list");
        if (!wide && !is(cue, "cue.negation")) continue;
        std::size_t to = wide ? sentence_end(cue.last) : std::min(clause_end(cue.last), cue.last + 1 + negation_reach);
        // "Not because I am out of breath": the reason is what is denied.
        const bool reason = to == cue.last + 1 && to < tokens_.size() && tokens_[to].text == "because";
        if (reason) to = clause_end(to);
        if (reason && to == cue.last + 2 && to < sentence_end(cue.last)) to = clause_end(to);
        to = scope_end(mentions, cue.last + (reason ? 2 : 1), to);
        const bool verbal = tokens_[cue.last].text != "without" && !wide;
        // A "not" that is part of a finding ("can not walk") is used up by it.
        for (const Mention& finding : mentions) {
            if (!lexicon_.entry(finding.owner).is_concept || !contains_word(finding, cue.last)) continue;
            if (verbal && finding.words.front() <= cue.first) to = std::min(to, finding.last + 1);
        }
        negations_.push_back({cue.first, cue.last, cue.last + 1, to});
    }
}

// "Never had chills until yesterday", "no pain until this morning": it is there now.
bool Assertions::ends_lately(std::size_t at) const {
    constexpr auto lately =
        std::to_array<std::string_view>({"yesterday", "today", "now", "tonight", "last", "this", "monday", "tuesday",
                                         "wednesday", "thursday", "friday", "saturday", "sunday"});
    const std::size_t end = std::min(sentence_end(at), at + negation_reach);
    for (std::size_t i = at + 1; i + 1 < end; ++i) {
        if (tokens_[i].text == "until" && among(lately, tokens_[i + 1].text)) return true;
    }
    return false;
}

// "I can't say I'm not short of breath", "I wouldn't say no pain": two that undo each other.
bool Assertions::cancelled(std::size_t at) const {
    constexpr std::size_t reach = 5;
    constexpr auto says = std::to_array<std::string_view>({"say", "claim", "pretend", "tell"});
    constexpr auto denials = std::to_array<std::string_view>({"no", "not", "none", "nothing", "never"});
    const auto denies = [&](std::size_t i) { return i < tokens_.size() && among(denials, tokens_[i].text); };
    const std::size_t begin = sentence_begin(at);
    const std::size_t end = sentence_end(at);
    for (std::size_t outer = at > begin + reach + 2 ? at - reach - 2 : begin; outer <= at; ++outer) {
        if (tokens_[outer].text != "not" || outer + 1 >= end || !among(says, tokens_[outer + 1].text)) continue;
        for (std::size_t inner = outer + 2; inner < std::min(end, outer + 2 + reach); ++inner) {
            if (denies(inner) && tokens_[inner].before == Break::none) return outer == at || inner == at;
        }
    }
    return false;
}

// Where a cue's reach ends at the latest: "denies chest pain, presents with fever".
std::size_t Assertions::scope_end(const std::vector<Mention>& mentions, std::size_t from, std::size_t to) const {
    for (const Mention& cue : mentions) {
        if (is(cue, "cue.terminator") && cue.first >= from) to = std::min(to, cue.first);
    }
    return to;
}

void Assertions::find_denials_after(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.negation_after")) continue;
        const bool itself_denied = of(cue.first, cue.last).denied || covered("cue.not_negation", cue.first);
        if (itself_denied) continue;
        const std::size_t begin = clause_begin(cue.first);
        negations_.push_back({cue.first, cue.last, begin, cue.first});
        if (cue.first == begin && begin > sentence_begin(begin) && tokens_[begin].text == "i") {  // "… and I said no"
            negations_.push_back({cue.first, cue.last, clause_begin(begin - 1), begin});
        }
        // "I had swelling but it went away": the pronoun points to the clause before.
        const std::size_t head = std::min(begin + 1, cue.first);
        const bool points_back =
            cue.first - begin <= 4 && begin > 0 &&
            (tokens_[begin].text == "it" || tokens_[begin].text == "that" || tokens_[head].text == "it" ||
             tokens_[head].text == "that" || tokens_[head].text == "they");
        if (!points_back) continue;
        for (std::size_t i = clause_begin(begin - 1); i < begin; ++i) flags_[i].over = true;
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
        const bool refused = end < tokens_.size() && (tokens_[end].text == "no" || tokens_[end].text == "nope");
        if (refused) negations_.push_back({end, end, at, end});
        for (std::size_t i = at; i < end && !affirmed && !refused; ++i) flags_[i].supposed = true;
    }
}

// "If my tongue was to swell, how quick would that be?": all of a sentence that asks about its "if".
bool Assertions::asks_about_supposed(std::size_t at) const {
    constexpr std::size_t longest = 30;
    constexpr auto asking = std::to_array<std::string_view>({"would", "should", "do", "does", "how", "what", "who"});
    const std::size_t end = sentence_end(at);
    if (end - sentence_begin(at) > longest) return false;
    bool asks = tokens_[at].asks;
    for (std::size_t i = at; i < end; ++i) {
        const std::string_view next = i + 1 < end ? std::string_view(tokens_[i + 1].text) : std::string_view();
        asks = asks ||
               (among(asking, tokens_[i].text) && (next == "i" || next == "that" || next == "it" || next == "would"));
    }
    return asks;
}

// "If you took this walker away I'd be flat on the ground."
std::size_t Assertions::consequence_end(std::size_t at) const {
    const std::size_t next = clause_end(at);
    if (next >= sentence_end(at)) return next;
    for (std::size_t i = next; i < std::min(clause_end(next), next + 3); ++i) {
        if (tokens_[i].text == "would") return clause_end(next);
    }
    return next;
}

void Assertions::find_suppositions(const std::vector<Mention>& mentions, bool teach_back) {
    for (const Mention& cue : mentions) {
        const bool feeling = is(cue, "cue.of_feeling");  // "dying of boredom"
        const bool whole = feeling || is(cue, "cue.supposed_sentence");
        if (!whole && !is(cue, "cue.supposed")) continue;
        if (covered("cue.not_supposed", cue.first)) continue;
        const std::size_t from = whole ? sentence_begin(cue.first) : cue.last + 1;
        const bool asked = asks_about_supposed(cue.first);
        const std::size_t to = whole || asked ? sentence_end(cue.last) : consequence_end(cue.last);
        for (std::size_t i = from; i < to; ++i) {
            flags_[i].supposed = true;
            flags_[i].recited = flags_[i].recited || whole;
        }
    }
    if (!teach_back) return;
    for (Flags& flags : flags_) flags.taught = flags.supposed;  // "if I feel like that I call 988"
    for (std::size_t at = 0; at < tokens_.size(); at = sentence_end(at)) {
        const std::size_t end = sentence_end(at);
        const auto said = [&](std::string_view entry) {
            return std::any_of(mentions.begin(), mentions.end(),
                               [&](const Mention& m) { return is(m, entry) && m.first >= at && m.first < end; });
        };
        // "pus, or if my leg swells", "when I have a fever"
        const bool present = said("cue.present") && !said("cue.supposed") && !said("cue.recital");
        for (std::size_t i = at; i < end && !present; ++i) flags_[i].supposed = true;
    }
}

// "Fever no chills no falls no": each no belongs to what it follows.
void Assertions::find_spoken_lists() {
    constexpr auto says_no = std::to_array<std::string_view>({"no", "nope", "nah"});
    for (std::size_t at = 0; at < tokens_.size(); at = sentence_end(at)) {
        const std::size_t end = sentence_end(at);
        if (end - at < 4 || !among(says_no, tokens_[end - 1].text) || among(says_no, tokens_[at].text)) continue;
        std::size_t from = at;
        for (std::size_t i = at + 1; i < end; ++i) {
            if (!among(says_no, tokens_[i].text)) continue;
            if (i - from <= 4) negations_.push_back({i, i, from, i});
            from = i + 1;
        }
    }
}

// "I almost fell", "came close to passing out".
void Assertions::find_near_misses(const std::vector<Mention>& mentions) {
    constexpr std::size_t reach = 4;
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.nearly") || of(cue.first, cue.last).denied) continue;
        const std::size_t to = std::min(clause_end(cue.last), cue.last + 1 + reach);
        for (std::size_t i = cue.last + 1; i < to; ++i) flags_[i].nearly = true;
    }
}

// What the patient makes light of: "a bit puffy, that's all", "I always wheeze, same as ever", "worried about the
// tomatoes". Grave findings stand all the same.
void Assertions::find_trifles(const std::vector<Mention>& mentions) {
    constexpr std::size_t near_by = 5;
    for (const Mention& cue : mentions) {
        const std::size_t sentence = sentence_begin(cue.first);
        if (is(cue, "cue.trivial_topic")) {
            const std::size_t from = std::max(clause_begin(cue.first), cue.first > near_by ? cue.first - near_by : 0);
            const std::size_t to = std::min(clause_end(cue.last), cue.last + near_by + 1);
            for (std::size_t i = from; i < to; ++i) flags_[i].slight = true;
        } else if (is(cue, "cue.as_always")) {
            for (std::size_t i = sentence; i < sentence_end(cue.last); ++i) flags_[i].slight = true;
        } else if (is(cue, "cue.that_is_all")) {
            const std::size_t from = sentence > 0 ? sentence_begin(sentence - 1) : 0;
            const bool small = std::ranges::any_of(mentions, [&](const Mention& m) {
                return is(m, "cue.small") && m.first >= from && m.first < sentence_end(cue.last);
            });
            for (std::size_t i = from; small && i < sentence_end(cue.last); ++i) flags_[i].slight = true;
        }
    }
}

// "I've fallen and I can't get up, ha, no, I'm kidding": what was said before is taken back.
void Assertions::find_retractions(const std::vector<Mention>& mentions) {
    for (const Mention& cue : mentions) {
        if (!is(cue, "cue.retraction") || of(cue.first, cue.last).denied) continue;
        for (std::size_t i = 0; i < cue.first; ++i) flags_[i].supposed = true;
    }
}

Assertion Assertions::of(std::size_t first, std::size_t last) const {
    Mention mention{0, first, last, {}};
    for (std::size_t i = first; i <= last; ++i) mention.words.push_back(static_cast<std::uint16_t>(i));
    return of(mention);
}

bool Assertions::denies_by_itself(const Mention& mention, std::size_t before) const {
    return std::any_of(mention.words.begin(), mention.words.end(), [&](std::uint16_t word) {
        const std::string& text = tokens_[word].text;
        return word < before && (text == "not" || text == "never" || text == "hardly" || text == "barely");
    });
}

Assertion Assertions::of(const Mention& mention) const {
    Assertion result;
    for (const Negation& negation : negations_) {
        const bool own_word = contains_word(mention, negation.first);
        const bool reaches = std::any_of(mention.words.begin(), mention.words.end(), [&](std::uint16_t word) {
            return word >= negation.from && word < negation.to;
        });
        // "I can't get no air": a second "no" inside a finding that is a denial itself only agrees with the first.
        const bool agrees = !own_word && negation.first > mention.first && negation.last < mention.last &&
                            denies_by_itself(mention, negation.first);
        result.denied = result.denied || (reaches && !own_word && !agrees);
    }
    for (const std::uint16_t word : mention.words) {
        const Flags& flags = flags_[word];
        result.past = result.past || flags.past;
        result.over = result.over || flags.over;
        result.recent = result.recent || flags.recent;
        result.lately = result.lately || flags.lately;
        result.supposed = result.supposed || flags.supposed;
        result.recited = result.recited || flags.recited;
        result.taught = result.taught || flags.taught;
        result.other = result.other || flags.other;
        result.kin = result.kin || flags.kin;
        result.doubtful = result.doubtful || flags.doubtful;
        result.explained = result.explained || flags.explained;
        result.slight = result.slight || flags.slight;
        result.nearly = result.nearly || flags.nearly;
    }
    return result;
}

}  // namespace carevoice::domain::clinical
