// The names of drugs that the lexicon of the domain knows.
#pragma once

#include "core/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

/// Generic and brand names of protocols/lexicon.json, lower case. Errc::corrupt when it has none.
Result<std::vector<std::string>> drug_names(std::string_view lexicon_json);

}  // namespace carevoice::ai
