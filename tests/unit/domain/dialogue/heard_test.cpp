#include "domain/dialogue/heard.h"

#include <gtest/gtest.h>

namespace carevoice::domain::dialogue {
namespace {

TEST(Heard, IsKeptSentenceBySentence) {
    std::vector<std::uint32_t> heard;
    add_heard(heard, "Thank you.|  A six. Is that right?");
    EXPECT_EQ(heard.size(), 3U);
    add_heard(heard, "A six.");
    EXPECT_EQ(heard.size(), 3U);
    EXPECT_TRUE(is_heard("Is that right?", heard));
    EXPECT_FALSE(is_heard("Is that", heard));
}

TEST(Heard, SentencesAreLeftOutOfOtherWords) {
    std::vector<std::uint32_t> heard;
    add_heard(heard, "Thank you. A six.");
    EXPECT_EQ(without_heard("Thank you. A seven. How is the wound?", heard), "A seven. How is the wound?");
    EXPECT_EQ(without_heard("A seven. Thank you. How is the wound?", heard), "A seven. How is the wound?");
    EXPECT_EQ(without_heard("How is the wound?", heard), "How is the wound?");
    EXPECT_EQ(without_heard("A 98.6, then? How is it", heard), "A 98.6, then? How is it");
}

TEST(Heard, NothingIsLeftWhenTheQuestionWasHeard) {
    std::vector<std::uint32_t> heard;
    add_heard(heard, "How is the wound?");
    EXPECT_EQ(without_heard("A seven. How is the wound?", heard), "");
    EXPECT_EQ(without_heard("", heard), "");
    EXPECT_EQ(without_heard(" | ", heard), "");
}

}  // namespace
}  // namespace carevoice::domain::dialogue
