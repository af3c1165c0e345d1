#include "simulator/words.h"

#include <gtest/gtest.h>

namespace carevoice::simulator {
namespace {

TEST(NormalWords, MeetWhatIsWritten) {
    EXPECT_EQ(normal_words("March fourteenth, fifty-seven."), (std::vector<std::string>{"march", "14", "57"}));
    EXPECT_EQ(normal_words("March 14th, 57"), (std::vector<std::string>{"march", "14", "57"}));
    EXPECT_DOUBLE_EQ(word_overlap("nineteen fifty-seven", "1957"), 1.0);
    EXPECT_DOUBLE_EQ(word_overlap("Ruth Albrecht", "Ruth Albritt"), 1.0);
    EXPECT_DOUBLE_EQ(word_overlap("eight two sixty-nine", "8-2-69"), 1.0);
    EXPECT_DOUBLE_EQ(word_overlap("dry and closed", "it is closed"), 1.0 / 3.0);
    EXPECT_DOUBLE_EQ(word_overlap("...", "x"), 1.0);
}

TEST(WordOverlap, IsThePartThatWasHeard) {
    EXPECT_DOUBLE_EQ(word_overlap("My knee is sore", "my knee is sore."), 1);
    EXPECT_DOUBLE_EQ(word_overlap("My knee is sore", "the knee was sore"), 0.5);
    EXPECT_DOUBLE_EQ(word_overlap("Regular.", ""), 0);
    EXPECT_DOUBLE_EQ(word_overlap("", "anything"), 1);
}

TEST(WordOverlap, TakesNumbersInWordsAndInDigitsAlike) {
    EXPECT_DOUBLE_EQ(word_overlap("March fourteenth, nineteen fifty-seven", "March 14th 1957"), 1);
    EXPECT_DOUBLE_EQ(word_overlap("Five twenty-five sixty-six", "52566"), 1);
    EXPECT_DOUBLE_EQ(word_overlap("Five twenty-five sixty-six", "52567"), 0);
    EXPECT_DOUBLE_EQ(word_overlap("Ann, five twenty-five", "Ann 525 and more"), 1);
}

TEST(WordOverlap, HearsNumbersInWordsThatSoundLikeThem) {
    EXPECT_DOUBLE_EQ(word_overlap("A two", "a too"), 1);
    EXPECT_DOUBLE_EQ(word_overlap("A four", "a for"), 1);
    EXPECT_DOUBLE_EQ(word_overlap("A four", "a too"), 0.5);
}

TEST(WordOverlap, CountsEachHeardWordOnce) {
    EXPECT_DOUBLE_EQ(word_overlap("no no no no", "no"), 0.25);
}

TEST(ContainsPhrase, OverlooksCaseApostrophesAndSpacedDigits) {
    EXPECT_TRUE(contains_phrase("Please call 9 1 1 now", "call 911"));
    EXPECT_TRUE(contains_phrase("I\xE2\x80\x99ll tell them", "i'll tell"));
    EXPECT_FALSE(contains_phrase("Please call 9 1 2 now", "911"));
    EXPECT_TRUE(contains_phrase("We won\xE2\x80\x99t call again", "Won't call"));
    EXPECT_FALSE(contains_phrase("We call", "won't"));
}

}  // namespace
}  // namespace carevoice::simulator
