// How far two transcripts of the same words agree, and whether words occur in one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain {

/// Lower case, without punctuation, numbers up to twenty in words: what two recognisers may write differently.
std::vector<std::string> comparable_words(std::string_view text);

/// One less the word edits that turn `left` into `right`, over the longer one's words: 1 for the same words, 0 for none
/// in common. Two empty lists agree. Beyond 20,000 words the rest is left out.
double word_agreement(const std::vector<std::string>& left, const std::vector<std::string>& right);

/// `words` occur in `text` one after the other. No words occur everywhere.
bool contains_words(const std::vector<std::string>& text, const std::vector<std::string>& words);

}  // namespace carevoice::domain
