// A date of birth as people say it and as a recogniser writes it down.
#pragma once

#include <chrono>
#include <string_view>

namespace carevoice::domain::dialogue {

enum class DateHeard {
    nothing,   ///< no whole date in these words
    other,     ///< a whole date, another one
    matching,  ///< the date that was asked for
};

/// Looks for whole dates (day, month and year; American order when all are numbers) and compares the last one said with
/// `expected`; a two-digit year matches in any century. Understands "March fourteenth, fifty-seven", "the ninth of June
/// 1946", "eleven thirty seventy-four", "3-14-57", "1130 74", "03141957". Digits run together may be read in several
/// ways; one that fits is enough.
DateHeard hear_date(std::string_view text, std::chrono::year_month_day expected);

}  // namespace carevoice::domain::dialogue
