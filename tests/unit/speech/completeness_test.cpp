#include "speech/listener.h"

#include <gtest/gtest.h>

#include <ostream>

namespace carevoice::speech {
namespace {

using enum Completeness;

struct Case {
    const char* text;
    Expectation expectation;
    Completeness expected;
};

void PrintTo(const Case& it, std::ostream* out) {
    *out << '"' << it.text << "\" for expectation " << static_cast<int>(it.expectation);
}

class JudgedAs : public testing::TestWithParam<Case> {};

TEST_P(JudgedAs, Expected) {
    EXPECT_EQ(judge_completeness(GetParam().text, GetParam().expectation), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    YesAndNo, JudgedAs,
    testing::Values(Case{"Yes.", Expectation::yes_no, complete}, Case{"no", Expectation::yes_no, complete},
                    Case{"No, nothing like that.", Expectation::yes_no, complete},
                    Case{"Uh-huh.", Expectation::yes_no, complete}, Case{"Mm-hmm.", Expectation::yes_no, complete},
                    Case{"Yes, but", Expectation::yes_no, trailing_off},
                    Case{"Yes, I have been walking to the door and back.", Expectation::yes_no, sentence},
                    Case{"No pain.", Expectation::anything, complete},
                    Case{"I think so.", Expectation::yes_no, complete}));

INSTANTIATE_TEST_SUITE_P(Numbers, JudgedAs,
                         testing::Values(Case{"Seven.", Expectation::number, complete},
                                         Case{"7", Expectation::number, complete},
                                         Case{"About a three.", Expectation::number, complete},
                                         Case{"Seven out of ten", Expectation::number, complete},
                                         Case{"About a", Expectation::number, trailing_off},
                                         Case{"Between six", Expectation::number, open},
                                         Case{"Between six and seven", Expectation::number, complete},
                                         Case{"twenty", Expectation::number, open},
                                         Case{"It's not too bad.", Expectation::number, sentence}));

INSTANTIATE_TEST_SUITE_P(Temperatures, JudgedAs,
                         testing::Values(Case{"98.6", Expectation::temperature, complete},
                                         Case{"It was 101.5 this time 99.1", Expectation::temperature, complete},
                                         Case{"A hundred", Expectation::temperature, open},
                                         Case{"A hundred and one point", Expectation::temperature, open},
                                         Case{"a hundred and one point five", Expectation::temperature, complete},
                                         Case{"101.", Expectation::temperature, sentence},
                                         Case{"Ninety-nine", Expectation::temperature, open},
                                         Case{"No.", Expectation::temperature, complete}));

INSTANTIATE_TEST_SUITE_P(Identity, JudgedAs,
                         testing::Values(Case{"Ruth Albrecht, March 14th, 1957.", Expectation::name_and_date, complete},
                                         Case{"Ruth Albrecht, March fourteenth, fifty-seven.",
                                              Expectation::name_and_date, complete},
                                         Case{"Ruth Albrecht, 3/14/57.", Expectation::name_and_date, complete},
                                         Case{"Ruth Albright 340-1957.", Expectation::name_and_date, complete},
                                         Case{"Ruth Albright, 31457.", Expectation::name_and_date, complete},
                                         Case{"Ruth Albright, September 1771", Expectation::name_and_date, complete},
                                         Case{"It's Darnell Pickett, 8269.", Expectation::name_and_date, open},
                                         Case{"Ruth Albrecht, three fourteen", Expectation::name_and_date, thinking},
                                         Case{"This is Ruth Albrecht.", Expectation::name_and_date, open},
                                         Case{"Yes.", Expectation::name_and_date, open},
                                         Case{"Ruth Albrecht, March 14th", Expectation::name_and_date, thinking},
                                         Case{"No, you have the wrong number.", Expectation::name_and_date, sentence},
                                         Case{"Yesterday morning.", Expectation::date, complete}));

INSTANTIATE_TEST_SUITE_P(Stories, JudgedAs,
                         testing::Values(Case{"", Expectation::anything, nothing},
                                         Case{"...", Expectation::anything, nothing},
                                         Case{"It started on Monday.", Expectation::story, sentence},
                                         Case{"It started on Monday", Expectation::story, open},
                                         Case{"It started on Monday and", Expectation::story, trailing_off},
                                         Case{"It started, um", Expectation::story, trailing_off},
                                         Case{"Well,", Expectation::story, trailing_off},
                                         Case{"Let me think.", Expectation::number, thinking},
                                         Case{"Hold on", Expectation::temperature, thinking},
                                         Case{"I have chest pain and", Expectation::story, red_flag},
                                         Case{"No chest pain.", Expectation::yes_no, complete}));

TEST(EndpointWait, GrowsWithDoubt) {
    for (const auto expectation : {Expectation::anything, Expectation::story, Expectation::name_and_date}) {
        EXPECT_EQ(endpoint_wait(red_flag, expectation), milliseconds{0});
        EXPECT_LE(endpoint_wait(complete, expectation), milliseconds{350});
        EXPECT_GE(endpoint_wait(sentence, expectation), milliseconds{500});
        EXPECT_GE(endpoint_wait(open, expectation), milliseconds{800});
        EXPECT_GE(endpoint_wait(trailing_off, expectation), milliseconds{1'500});
        EXPECT_GE(endpoint_wait(thinking, expectation), milliseconds{3'000});
    }
}

}  // namespace
}  // namespace carevoice::speech
