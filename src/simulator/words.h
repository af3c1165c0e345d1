// Comparing what was said with what was heard, as loosely as people do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::simulator {

/// Lower-case words without punctuation; number words become digits ("fifty-seven" and "57" are the same, and so are
/// "fourteenth" and "14th", and "nineteen fifty-seven" and "1957").
std::vector<std::string> normal_words(std::string_view text);

/// The part of `said`'s words that occurs in `heard`, 0 to 1; 1 when nothing was said. Long words need only begin
/// alike (no recogniser knows how a name is spelt), "too" is as good as 2, and 52566 as "5, 25, 66".
double word_overlap(std::string_view said, std::string_view heard);

/// True when `piece` occurs in `text`; case does not count, a curly apostrophe is a straight one, and "9 1 1" is 911.
bool contains_phrase(std::string_view text, std::string_view piece);

}  // namespace carevoice::simulator
