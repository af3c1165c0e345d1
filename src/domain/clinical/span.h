// How any words of any sentence are meant, known to the lexicon or not: NegEx and ConText on their own, for clinical
// notes as well as for what patients say.
#pragma once

#include "core/error.h"
#include "domain/clinical/lexicon.h"
#include "domain/understanding.h"

#include <string_view>

namespace carevoice::domain::clinical {

/// `span` is looked for in `sentence` letter by letter, case ignored, at whole words when it stands there so; the first
/// place counts. Errc::invalid_input with field "span" when it is not there or holds no word. Pure.
Result<SpanAssertion> assert_span(const Lexicon& lexicon, std::string_view sentence, std::string_view span);

}  // namespace carevoice::domain::clinical
