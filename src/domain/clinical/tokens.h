// Words of an utterance in the form that the lexicon is written in, each with its place in the original text.
//
// Lower case; contractions opened ("can't" is "can not", "it's" is "it is"); hyphens open words; brackets such as
// "[BLANK_AUDIO]" vanish; fillers ("um") vanish; punctuation becomes a break before the next word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::clinical {

enum class Break : std::uint8_t { none, comma, sentence };

struct Token {
    std::string text;
    std::size_t begin = 0;  ///< byte offsets into the utterance
    std::size_t end = 0;
    Break before = Break::none;
    bool asks = false;  ///< its sentence ends with a question mark
};
using Tokens = std::vector<Token>;

/// At most this many words are read: more than half an hour of speech.
inline constexpr std::size_t tokens_max = 6'000;

Tokens tokenise(std::string_view utterance);

/// Removes "um", "uh", stutters ("the the") once mishearings were put right. Keeps "oh" between digits.
void drop_fillers(Tokens& tokens);

/// True for a digit string ("7", "98.4") or a number word ("seven", "ninety", "hundred", "oh").
bool is_numeric(std::string_view word) noexcept;

/// The original text from the first to the last token.
std::string_view text_between(std::string_view utterance, const Tokens& tokens, std::size_t first, std::size_t last);

}  // namespace carevoice::domain::clinical
