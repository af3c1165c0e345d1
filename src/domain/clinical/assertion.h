// Whether words are meant: denied, long ago, supposed, about somebody else, doubtful. After NegEx (Chapman 2001) and
// ConText (Harkema 2009): cues with a scope that ends at a terminator or a new subject; the cues are data ("cue.*").
#pragma once

#include "domain/clinical/lexicon.h"
#include "domain/clinical/pattern.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace carevoice::domain::clinical {

struct Assertion {
    bool denied = false;
    bool past = false;      ///< over: history, or "it was … but now"
    bool recent = false;    ///< days ago
    bool supposed = false;  ///< hypothetical
    bool other = false;     ///< somebody else's
    bool doubtful = false;

    /// Whether a finding worded so stands, under the entry's own rules.
    [[nodiscard]] bool holds(const Entry& entry) const {
        return !denied && (!past || entry.even_if_past) && (!recent || !entry.fades) &&
               (!supposed || entry.even_if_supposed) && (!other || entry.even_if_other);
    }
};

class Assertions {
public:
    /// `mentions` are all matches of the lexicon in `tokens`. `teach_back`: the answer recites what would be a reason
    /// to call, so that bare symptoms are supposed ones.
    Assertions(const Lexicon& lexicon, const Tokens& tokens, const std::vector<Mention>& mentions, bool teach_back);

    [[nodiscard]] Assertion of(const Mention& mention) const;
    /// For words that no pattern matched (numbers).
    [[nodiscard]] Assertion of(std::size_t first, std::size_t last) const;

    [[nodiscard]] std::size_t clause_of(std::size_t token) const { return clause_[token]; }
    /// First token of the token's clause, and one past its last.
    [[nodiscard]] std::size_t clause_begin(std::size_t token) const;
    [[nodiscard]] std::size_t clause_end(std::size_t token) const;

private:
    struct Negation {
        std::size_t first = 0;  ///< the cue's own words
        std::size_t last = 0;
        std::size_t from = 0;  ///< the words that it reaches
        std::size_t to = 0;
    };
    struct Flags {
        bool past = false;
        bool recent = false;
        bool supposed = false;
        bool other = false;
        bool doubtful = false;
    };

    void split_clauses();
    [[nodiscard]] bool new_clause(std::size_t at) const;
    void find_negations(const std::vector<Mention>& mentions);
    void find_denials_after(const std::vector<Mention>& mentions);
    void find_echoes();
    void find_times(const std::vector<Mention>& mentions);
    void find_contrasts();
    void find_suppositions(const std::vector<Mention>& mentions, bool teach_back);
    void find_people(const std::vector<Mention>& mentions);
    [[nodiscard]] bool answer_particle(std::size_t at) const;
    [[nodiscard]] std::size_t sentence_end(std::size_t at) const;
    [[nodiscard]] std::size_t sentence_begin(std::size_t at) const;
    [[nodiscard]] bool is(const Mention& mention, std::string_view entry) const;
    [[nodiscard]] bool covered(const std::vector<Mention>& mentions, std::string_view entry, std::size_t token) const;

    const Lexicon& lexicon_;
    const Tokens& tokens_;
    std::vector<std::size_t> clause_;
    std::vector<Negation> negations_;
    std::vector<Flags> flags_;
};

}  // namespace carevoice::domain::clinical
