#include "speech/text_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(PlainWords, LowersAndDropsPunctuation) {
    EXPECT_THAT(plain_words("Yes, it's 98.6 - I think."), ElementsAre("yes", "it's", "98.6", "i", "think"));
    EXPECT_THAT(plain_words("don\u2019t"), ElementsAre("don't"));
    EXPECT_THAT(plain_words("3/14/57"), ElementsAre("3", "14", "57"));
    EXPECT_TRUE(plain_words(" ... ").empty());
}

TEST(SoundRemarks, GoWithoutTheWordsAroundThem) {
    EXPECT_EQ(remove_sound_remarks("[BLANK_AUDIO]"), "");
    EXPECT_EQ(remove_sound_remarks(" (water running)"), "");
    EXPECT_EQ(remove_sound_remarks("*coughs*"), "");
    EXPECT_EQ(remove_sound_remarks("\u266a la la \u266a"), "la la");
    EXPECT_EQ(remove_sound_remarks("No. [ Silence ] It hurts."), "No. It hurts.");
    EXPECT_EQ(remove_sound_remarks("Well (sighs"), "Well");
    EXPECT_EQ(remove_sound_remarks("..."), "");
    EXPECT_EQ(remove_sound_remarks("(555) 0100"), "(555) 0100");
    EXPECT_EQ(remove_sound_remarks(""), "");
}

TEST(PhantomPhrases, AreKnownAsAWholeOnly) {
    EXPECT_EQ(phantom_phrase("Thanks for watching!"), Phantom::certain);
    EXPECT_EQ(phantom_phrase("Subtitles by the Amara.org community"), Phantom::certain);
    EXPECT_EQ(phantom_phrase("Thank you."), Phantom::possible);
    EXPECT_EQ(phantom_phrase("you"), Phantom::possible);
    EXPECT_EQ(phantom_phrase("Okay."), Phantom::possible);
    EXPECT_EQ(phantom_phrase("Thank you, no pain today."), Phantom::no);
    EXPECT_EQ(phantom_phrase("No."), Phantom::no);
    EXPECT_EQ(phantom_phrase("7"), Phantom::no);
}

TEST(Repetition, KeepsOneCopyOfALoop) {
    EXPECT_EQ(collapse_repetition("No. No. No. No.").text, "No.");
    EXPECT_EQ(collapse_repetition("No. No. No. No.").count, 4);
    EXPECT_EQ(collapse_repetition("It hurts it hurts it hurts a lot").text, "It hurts a lot");
    EXPECT_EQ(collapse_repetition("7 out of 10. 7 out of 10.").text, "7 out of 10.");
    EXPECT_EQ(
        collapse_repetition("Walter was January 22, 1950. Walter was January 22, 1950. Walter was January 22, 1950.")
            .text,
        "Walter was January 22, 1950.");
    EXPECT_EQ(collapse_repetition("No, no, it is fine.").count, 1);
    EXPECT_EQ(collapse_repetition("The pain is a seven.").count, 1);
    EXPECT_EQ(collapse_repetition("").count, 1);
}

TEST(RateOfSpeech, KnowsHowFastPeopleTalk) {
    EXPECT_FALSE(is_faster_than_speech("No, no, no, it hardly hurts.", 1'500ms));
    EXPECT_TRUE(is_faster_than_speech("It hurts it hurts it hurts it hurts", 1s));
    EXPECT_FALSE(is_faster_than_speech("", 0ms));
}

TEST(PromptEcho, IsTextThatThePromptHas) {
    EXPECT_TRUE(echoes_prompt("oxycodone, Eliquis", "Medicines: oxycodone, eliquis, tylenol"));
    EXPECT_FALSE(echoes_prompt("oxycodone", "Medicines: oxycodone, eliquis"));
    EXPECT_FALSE(echoes_prompt("I took oxycodone", "Medicines: oxycodone, eliquis"));
}

TEST(RedFlags, AreHeardUnlessDenied) {
    EXPECT_TRUE(mentions_red_flag("I have chest pain"));
    EXPECT_TRUE(mentions_red_flag("I can\u2019t breathe!"));
    EXPECT_TRUE(mentions_red_flag("My leg is fine but I passed out this morning."));
    EXPECT_FALSE(mentions_red_flag("No chest pain, no."));
    EXPECT_FALSE(mentions_red_flag("I don't have any trouble breathing."));
    EXPECT_TRUE(mentions_red_flag("No fever, I slept well all night, though now there is chest pain."));
    EXPECT_FALSE(mentions_red_flag("It hurts in my knee."));
}

}  // namespace
}  // namespace carevoice::speech
