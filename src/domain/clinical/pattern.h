// The little language in which the lexicon says how people word a thing, and the matcher that finds it.
//
//   bleed* wont stop     words in a row; `*` ends a prefix; soft words ("really", "kind of") may stand between
//   @leg                 any member of the class "leg"          (pus|yellow_stuff)   any of these
//   word?                may be missing                         ~3   up to three other words may stand here
//   ^ $                  start, end of a sentence               #    a number
//   @leg <8> swollen     both parts, either order, at most eight words between, in one sentence
//
// Pure and immutable after building; match() is linear in the words for all practical texts.
#pragma once

#include "core/error.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carevoice::domain::clinical {

/// One place where a pattern of `owner` matched.
struct Mention {
    std::uint32_t owner = 0;
    std::size_t first = 0;  ///< token index
    std::size_t last = 0;
    std::vector<std::uint16_t> words;  ///< the tokens that took part, without those in gaps; ascending
};

class PatternBook {
public:
    /// Members are words or phrases, prefixes ("swell*"), or other classes ("@leg"). Define before use.
    Result<> define_class(const std::string& name, const std::vector<std::string>& members);
    void define_soft_words(const std::vector<std::string>& words);
    /// Errc::corrupt says what is wrong with the pattern.
    Result<> add(std::uint32_t owner, std::string_view pattern);

    [[nodiscard]] std::vector<Mention> match(const Tokens& tokens) const;
    /// The words that patterns and classes are made of, for putting split words together again.
    [[nodiscard]] bool knows_word(std::string_view word) const;
    /// As knows_word, prefixes counted: a word that has a meaning of its own here.
    [[nodiscard]] bool may_match(const std::string& word) const;

private:
    using Symbol = std::uint32_t;
    static constexpr Symbol any_number = 0;

    struct Element {
        Symbol symbol = 0;
        bool optional = false;
        std::uint8_t gap = 0;  ///< other words allowed before it
    };
    struct Part {
        std::vector<Element> elements;
        bool at_start = false;
        bool at_end = false;
        std::uint8_t distance = 0;  ///< to the part before it
    };
    struct Pattern {
        std::uint32_t owner = 0;
        std::vector<Part> parts;
    };
    struct Place {
        std::uint32_t pattern = 0;
        std::uint32_t part = 0;
    };
    struct Phrase {
        std::vector<Symbol> words;
        Symbol stands_for = 0;
    };
    struct Start {
        Symbol symbol = 0;
        std::size_t length = 1;
    };
    struct Text;  ///< tokens with the symbols that start at each

    Symbol word_symbol(std::string_view word);
    Symbol fresh_symbol() { return next_symbol_++; }
    void add_member(Symbol stands_for, std::string_view phrase);
    Result<Symbol> atom(std::string_view text);
    Result<Part> parse_part(std::string_view text);
    [[nodiscard]] Text annotate(const Tokens& tokens) const;
    [[nodiscard]] bool extend(const Text& text, const Part& part, std::size_t element, std::size_t at,
                              std::vector<std::uint16_t>& words) const;
    [[nodiscard]] std::size_t length_at(const Text& text, std::size_t at, Symbol symbol) const;
    void join_parts(const Text& text, const Pattern& pattern, const std::vector<std::vector<Mention>>& found,
                    std::vector<Mention>& mentions) const;

    Symbol next_symbol_ = 1;
    std::string unspoken_;  ///< first word that no tokeniser output can match
    std::unordered_map<std::string, Symbol> words_;
    std::unordered_map<std::string, Symbol> prefixes_;
    std::unordered_map<std::string, Symbol> anonymous_;
    std::map<std::string, std::vector<std::string>, std::less<>> class_members_;
    std::map<std::string, Symbol, std::less<>> classes_;
    std::vector<std::vector<Symbol>> member_of_;  ///< by word or prefix symbol
    std::unordered_map<Symbol, std::vector<Phrase>> phrases_;
    std::unordered_map<std::string, bool> soft_;
    std::vector<Pattern> patterns_;
    std::unordered_map<Symbol, std::vector<Place>> starts_;
};

}  // namespace carevoice::domain::clinical
