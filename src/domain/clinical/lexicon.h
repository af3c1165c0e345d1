// How patients word things, as data (protocols/lexicon.json): mishearings, drugs, word classes, cues of assertion,
// clinical concepts, answers, wishes and topic words. Everything that has patterns is an Entry; its name carries the
// group it is in ("cue.negation", "answer.yes", "wish.repeat", "topic.wound", "pain.now"), concepts have none ("pus").
#pragma once

#include "core/error.h"
#include "domain/clinical/pattern.h"
#include "domain/clinical/tokens.h"
#include "domain/fact.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::clinical {

struct Entry {
    std::string name;
    bool is_concept = false;
    bool fades = false;             ///< days ago is no longer current (fever, chest pain); a fall stays one
    bool even_if_supposed = false;  ///< counts in an "if" sentence too: a wrong belief
    bool even_if_recited = false;   ///< counts in a teach-back too
    bool even_if_past = false;      ///< counts however long ago
    bool even_if_other = false;     ///< counts whoever it is about
    bool event = false;             ///< happened, and counts although all is well again: a fall, a faint
    bool grave = false;             ///< in doubt about whose it is, it is the patient's: emergencies
    bool no_answer = false;         ///< tells that the question got no answer ("which ones?")
    Facts facts;                    ///< learned when it holds
    Facts facts_when_denied;
};

struct Drug {
    std::string generic;
    std::string drug_class;  ///< "anticoagulant"
    std::vector<std::string> names;
    std::vector<std::string> sounds;  ///< sound keys of the names that may be matched by sound
};

class Lexicon {
public:
    /// Errc::corrupt naming file and entry.
    static Result<Lexicon> load(std::string_view json);

    [[nodiscard]] const PatternBook& patterns() const { return patterns_; }
    [[nodiscard]] const Entry& entry(std::uint32_t owner) const { return entries_[owner]; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
    [[nodiscard]] const std::vector<Drug>& drugs() const { return drugs_; }
    /// The drug that a name (brand or generic) stands for; null when unknown.
    [[nodiscard]] const Drug* drug(std::string_view name) const;

    /// Lower-case words with mishearings put right, split words joined, drug names known by their sound, fillers gone.
    [[nodiscard]] Tokens read_words(std::string_view utterance) const;

private:
    struct Rewrite {
        std::vector<std::string> from;
        std::vector<std::string> to;
    };
    struct Loader;

    [[nodiscard]] const Rewrite* rewrite_at(const Tokens& tokens, std::size_t at) const;
    [[nodiscard]] const Drug* drug_by_sound(const Tokens& tokens, std::size_t at, std::size_t& length) const;

    PatternBook patterns_;
    std::vector<Entry> entries_;
    std::map<std::string, std::uint32_t, std::less<>> index_;
    std::map<std::string, std::vector<Rewrite>, std::less<>> rewrites_;  ///< by first word, longest first
    std::vector<Drug> drugs_;
    std::map<std::string, std::size_t, std::less<>> drug_names_;
    std::vector<std::string> common_words_;  ///< sorted; never taken for a drug by sound
};

}  // namespace carevoice::domain::clinical
