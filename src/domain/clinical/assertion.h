// Whether words are meant: denied, long ago, supposed, about somebody else, doubtful. After NegEx (Chapman 2001) and
// ConText (Harkema 2009): cues with a scope that ends at a terminator or a new subject; the cues are data ("cue.*").
#pragma once

#include "domain/clinical/lexicon.h"
#include "domain/clinical/pattern.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carevoice::domain::clinical {

struct Assertion {
    bool denied = false;
    bool past = false;      ///< history: years ago, before the operation
    bool over = false;      ///< it was, and is no more: "it was red but now it's fine"
    bool recent = false;    ///< days ago
    bool lately = false;    ///< within the last day: "this morning", "an hour ago"
    bool supposed = false;  ///< hypothetical, asked about, or taken back ("I'm kidding")
    bool recited = false;   ///< said as a reason to call
    bool taught = false;    ///< supposed, in an answer that gives back what was taught
    bool other = false;     ///< somebody else's
    bool kin = false;       ///< of the household: perhaps the patient, for whom the speaker answers
    bool doubtful = false;
    bool explained = false;  ///< by a harmless cause: "puffy from crying"
    bool slight = false;     ///< made light of: as always, a touch and that is all, about the garden
    bool nearly = false;     ///< did not quite happen: "almost fell"

    [[nodiscard]] bool historical() const { return past || over; }

    /// Whether a finding worded so stands, under the entry's own rules. In doubt about whose it is, a grave one stands.
    [[nodiscard]] bool holds(const Entry& entry) const {
        return !denied && !explained && (!past || entry.even_if_past) &&
               (!over || entry.even_if_past || entry.event || (entry.grave && lately)) && (!recent || !entry.fades) &&
               (!supposed || (entry.even_if_supposed && !recited && (!taught || entry.even_if_recited))) &&
               (!other || entry.even_if_other) && (!kin || entry.even_if_other || entry.grave) &&
               (!slight || entry.event || entry.grave) && (!nearly || !entry.event || entry.even_if_supposed);
    }
};

class Assertions {
public:
    /// Who is asked what. `teach_back`: the answer recites what would be a reason to call, so that bare symptoms are
    /// supposed ones. `by_caregiver`: somebody who looks after the patient was asked.
    struct Asked {
        bool teach_back = false;
        bool by_caregiver = false;
    };

    /// `mentions` are all matches of the lexicon in `tokens`. References outlive the object.
    Assertions(const Lexicon& lexicon, const Tokens& tokens, const std::vector<Mention>& mentions, Asked asked);

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
        bool over = false;
        bool recent = false;
        bool lately = false;
        bool supposed = false;
        bool recited = false;
        bool taught = false;
        bool other = false;
        bool kin = false;
        bool doubtful = false;
        bool explained = false;
        bool slight = false;
        bool nearly = false;
    };
    enum class Who : std::uint8_t { patient, kin, other };
    struct Person {  ///< a cue that names somebody
        std::size_t first = 0;
        std::size_t last = 0;
        bool stranger = false;  ///< nobody whom a caregiver answers for
        bool subject = true;    ///< not one who helps, says or is told
        bool thing = false;     ///< a table that wobbles, a bill that smells: counts as subject of a clause only
    };

    void split_clauses();
    [[nodiscard]] bool new_clause(std::size_t at) const;
    void find_negations(const std::vector<Mention>& mentions);
    [[nodiscard]] bool ends_lately(std::size_t at) const;
    [[nodiscard]] bool cancelled(std::size_t at) const;
    void find_denials_after(const std::vector<Mention>& mentions);
    void find_echoes();
    [[nodiscard]] std::size_t scope_end(const std::vector<Mention>& mentions, std::size_t from, std::size_t to) const;
    void find_times(const std::vector<Mention>& mentions);
    [[nodiscard]] bool ends_denial(std::size_t at) const;
    void find_contrasts();
    void find_harmless_causes(const std::vector<Mention>& mentions);
    void find_endings(const std::vector<Mention>& mentions);
    [[nodiscard]] bool asks_about_supposed(std::size_t at) const;
    /// Where the sentence says what would follow from the "if" at `at`: one past it, else the end of its clause.
    [[nodiscard]] std::size_t consequence_end(std::size_t at) const;
    void find_suppositions(const std::vector<Mention>& mentions, bool teach_back);
    void find_near_misses(const std::vector<Mention>& mentions);
    void find_trifles(const std::vector<Mention>& mentions);
    void find_spoken_lists();
    void find_retractions(const std::vector<Mention>& mentions);
    void find_people(const std::vector<Mention>& mentions, bool by_caregiver);
    [[nodiscard]] std::vector<Person> people_in(const std::vector<Mention>& mentions) const;
    [[nodiscard]] bool heads_clause(std::size_t at) const;
    void follow_subjects(const std::vector<Person>& people, Who relatives);
    [[nodiscard]] bool speaks_of_self_only_as_carer(const std::vector<Person>& people) const;
    [[nodiscard]] bool is_present(std::size_t begin, std::size_t end) const;
    [[nodiscard]] bool tells_past(std::size_t begin, std::size_t end) const;
    /// One of its words before `before` says no.
    [[nodiscard]] bool denies_by_itself(const Mention& mention, std::size_t before) const;
    [[nodiscard]] bool answer_particle(std::size_t at) const;
    [[nodiscard]] std::size_t sentence_end(std::size_t at) const;
    [[nodiscard]] std::size_t sentence_begin(std::size_t at) const;
    [[nodiscard]] bool is(const Mention& mention, std::string_view entry) const;
    [[nodiscard]] bool any(const std::vector<Mention>& mentions, std::string_view entry) const;
    [[nodiscard]] bool covered(std::string_view entry, std::size_t token) const;

    const Lexicon& lexicon_;
    const Tokens& tokens_;
    std::unordered_map<std::uint32_t, std::vector<bool>> covers_;  ///< by entry that is no concept: its tokens
    std::vector<std::size_t> clause_;                              ///< of each token
    std::vector<std::size_t> clause_starts_;                       ///< first token of each clause
    std::vector<Negation> negations_;
    std::vector<Flags> flags_;
};

}  // namespace carevoice::domain::clinical
