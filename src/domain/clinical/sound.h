// How alike two words sound on the telephone: 8 kHz blurs fricatives, stops and nasals, and a rare name comes back as
// common words ("is a relto").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carevoice::domain::clinical {

/// Consonant classes with vowels folded into one sign; spaces do not matter. "eliquis" and "ella quiz" are equal.
std::string sound_key(std::string_view letters);

/// Edits (insert, delete, replace) between two keys, at most `limit` + 1.
std::size_t sound_distance(std::string_view left, std::string_view right, std::size_t limit);

}  // namespace carevoice::domain::clinical
