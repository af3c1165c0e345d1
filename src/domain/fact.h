// What was learned, as named values ("pain_score": 3, "wound_signs": ["redness"]).
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace carevoice::domain {

/// A list is a set of words: merging adds to it. Numbers are in the unit that the name says (temperature_f).
using FactValue = std::variant<bool, double, std::string, std::vector<std::string>>;

/// By name, so that JSON and tests come out in one order. Names used by the follow-up protocol: pain_score, pain_change
/// (better|same|worse), temperature_f, chills, wound_signs, red_flags, falls, head_injury, can_bear_weight, aid
/// (walker|cane|crutches|wheelchair|none), meds_adherent, meds_missed, bowel_moved, callback, consent, opt_out,
/// concern.
using Facts = std::map<std::string, FactValue>;

/// `newer` wins name by name; lists are united, in order of first mention.
void merge(Facts& facts, const Facts& newer);

}  // namespace carevoice::domain
