// Numbers as people say them, and the two that matter: how bad the pain is and how high the fever.
#pragma once

#include "domain/clinical/assertion.h"
#include "domain/clinical/lexicon.h"
#include "domain/clinical/tokens.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace carevoice::domain::clinical {

struct Number {
    double value = 0;
    std::size_t first = 0;  ///< token index
    std::size_t last = 0;
    bool compound = false;  ///< "ninety-nine", "a hundred": more than one digit word
};

/// The number that starts at `at`: "8", "98.4", "eight and a half", "ninety-nine", "a hundred and one point five".
std::optional<Number> number_at(const Tokens& tokens, std::size_t at);

struct Measured {
    double value = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    bool doubtful = false;
};

/// What the number readers look at. References outlive the call.
struct NumberContext {
    const Lexicon& lexicon;
    const Tokens& tokens;
    const std::vector<Mention>& mentions;
    const Assertions& assertions;
    std::string_view question;
};

/// 0 to 10, whole. Ranges give the upper value, halves round up, corrections the last, over 10 is 10; now beats
/// earlier, moving beats rest. Times, doses, counts and dates are no scores. clinical.md section 6.
std::optional<Measured> read_pain_score(const NumberContext& context);

/// Fahrenheit, one decimal; Celsius (34 to 42) converted; the highest current reading. clinical.md section 2.2.
std::optional<Measured> read_temperature_f(const NumberContext& context);

/// Pounds gained between two weights whose days are told ("184 yesterday, 188 today"): more than 2 since yesterday, or
/// 5 and more since another day. clinical.md C5. For answers about weight only.
std::optional<Measured> read_weight_gain(const NumberContext& context);

}  // namespace carevoice::domain::clinical
