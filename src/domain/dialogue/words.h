// Spoken text as lower-case words, for the small grammars of the dialogue (dates, names, hours, key points).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::dialogue {

/// Letters and digits in runs, lower case; an apostrophe inside a word is dropped ("don't" -> "dont"). Runs of letters
/// and of digits are parted, so that "14th" gives "14", "th" and "3-14-57" gives "3", "14", "57".
std::vector<std::string> words_of(std::string_view text);

/// The words of `text` with one blank around each, for finding phrases: " im her daughter ".
std::string padded_words(std::string_view text);

/// True when `phrase` (words, lower case) occurs as whole words in `padded`. A phrase that ends in '*' matches any word
/// that begins so: "breath*".
bool has_phrase(std::string_view padded, std::string_view phrase);

/// has_phrase() somewhere without a "not" or "never" among the three words before it.
bool affirms_phrase(std::string_view padded, std::string_view phrase);

/// "seven", "seventh", "oh", "seventy", "fourteenth": 0 to 19 and the tens; nullopt for any other word.
std::optional<int> number_word(std::string_view word);

/// A whole number in words, 0 to 100, for speaking: "twenty-one".
std::string in_words(int number);

/// A telephone number digit by digit for a voice: "+15550100" -> "five five five, zero one zero zero".
std::string phone_in_words(std::string_view e164);

}  // namespace carevoice::domain::dialogue
