#include "domain/word_agreement.h"

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

double agreement(std::string_view left, std::string_view right) {
    return word_agreement(comparable_words(left), comparable_words(right));
}

TEST(WordAgreement, IgnoresHowWordsAreWritten) {
    EXPECT_DOUBLE_EQ(agreement("I'd say 8, out of ten.", "id say EIGHT out of 10"), 1);
    EXPECT_DOUBLE_EQ(agreement("", " ... "), 1);
}

TEST(WordAgreement, CountsWordsThatDiffer) {
    EXPECT_DOUBLE_EQ(agreement("no chest pain today", "no chest pain today sir"), 0.8);
    EXPECT_DOUBLE_EQ(agreement("one two three four", "one too three four"), 0.75);
    EXPECT_DOUBLE_EQ(agreement("yes", ""), 0);
    EXPECT_DOUBLE_EQ(agreement("red blue", "green yellow"), 0);
}

TEST(WordAgreement, FindsWordsInTheirOrder) {
    const auto text = comparable_words("It is red around the cut.");
    EXPECT_TRUE(contains_words(text, comparable_words("red, around")));
    EXPECT_TRUE(contains_words(text, {}));
    EXPECT_FALSE(contains_words(text, comparable_words("around red")));
    EXPECT_FALSE(contains_words({}, comparable_words("red")));
}

}  // namespace
}  // namespace carevoice::domain
