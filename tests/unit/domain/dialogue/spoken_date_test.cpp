#include "domain/dialogue/spoken_date.h"

#include <gtest/gtest.h>

namespace carevoice::domain::dialogue {
namespace {

using std::chrono::year;
using std::chrono::year_month_day;

TEST(SpokenDate, HearsADateInManyForms) {
    const std::vector<std::pair<std::string, year_month_day>> heard{
        {"This is Ruth Albrecht, March fourteenth, fifty-seven.", year{1957} / 3 / 14},
        {"Yes, three fourteen nineteen fifty-seven.", year{1957} / 3 / 14},
        {"3-14-1957", year{1957} / 3 / 14},
        {"3.14.57", year{1957} / 3 / 14},
        {"03141957", year{1957} / 3 / 14},
        {"314 1957", year{1957} / 3 / 14},
        {"March 13, no, March 14, 1957", year{1957} / 3 / 14},
        {"eleven thirty seventy-four", year{1974} / 11 / 30},
        {"11 30 74", year{1974} / 11 / 30},
        {"11:30, 74", year{1974} / 11 / 30},
        {"1130-74", year{1974} / 11 / 30},
        {"May twenty-five, sixty-six", year{1966} / 5 / 25},
        {"five twenty-five sixty-six", year{1966} / 5 / 25},
        {"June the ninth, nineteen forty-six", year{1946} / 6 / 9},
        {"the 9th of June 1946", year{1946} / 6 / 9},
        {"6/9/46", year{1946} / 6 / 9},
        {"February eleven, forty-one", year{1941} / 2 / 11},
        {"Two eleven forty-one", year{1941} / 2 / 11},
        {"2-1141", year{1941} / 2 / 11},
        {"September seventeenth, seventy-one", year{1971} / 9 / 17},
        {"nine seventeen... seventy-one", year{1971} / 9 / 17},
        {"seven nineteen seventy-eight. What is it now?", year{1978} / 7 / 19},
        {"ten three sixty", year{1960} / 10 / 3},
        {"one twenty-two fifty", year{1950} / 1 / 22},
        {"122 50", year{1950} / 1 / 22},
        {"August 2nd, 69", year{1969} / 8 / 2},
        {"May fifth oh five", year{2005} / 5 / 5},
        {"may five two thousand five", year{2005} / 5 / 5},
        // Fourteen heard as forty, nineteen seventy-eight written as one year.
        {"Ruth Albright, 340, 1957", year{1957} / 3 / 14},
        {"March 40, 57", year{1957} / 3 / 14},
        {"July 1978", year{1978} / 7 / 19},
    };
    for (const auto& [text, date] : heard) EXPECT_EQ(hear_date(text, date), DateHeard::matching) << text;
}

TEST(SpokenDate, TellsAnotherDateFromNone) {
    const auto birth = year{1957} / 3 / 14;
    EXPECT_EQ(hear_date("March fourteenth, fifty-eight", birth), DateHeard::other);
    EXPECT_EQ(hear_date("April 14 57", birth), DateHeard::other);
    EXPECT_EQ(hear_date("14 March 1957, no sorry, 15 March 1957", birth), DateHeard::other);
    EXPECT_EQ(hear_date("March 50, 57", birth), DateHeard::other);
    EXPECT_EQ(hear_date("March fourteenth", birth), DateHeard::nothing);
    EXPECT_EQ(hear_date("I have two cats", birth), DateHeard::nothing);
    EXPECT_EQ(hear_date("", birth), DateHeard::nothing);
}

TEST(SpokenDate, StandsAnyNumberOfDigits) {
    const auto birth = year{1957} / 3 / 14;
    std::string digits(5000, '1');
    EXPECT_NE(hear_date(digits, birth), DateHeard::matching);
    std::string many;
    for (int i = 0; i < 2000; ++i) many += "11 1957 ";
    EXPECT_NE(hear_date(many, birth), DateHeard::matching);
}

}  // namespace
}  // namespace carevoice::domain::dialogue
