#include "notify/plain_text.h"

#include "core/text.h"

#include <gtest/gtest.h>

namespace carevoice::notify {
namespace {

TEST(PlainText, ALineHasNoControlCharacters) {
    EXPECT_EQ(clean_line("a\r\nBcc: x\tb\x7F\x01", 100), "a Bcc: x b");
    EXPECT_EQ(clean_line("a\u0085b\u2028c\u202Ed", 100), "a b c d");
    EXPECT_EQ(clean_line("  \n a \n ", 100), "a");
}

TEST(PlainText, BytesThatAreNoTextBecomeQuestionMarks) {
    EXPECT_EQ(clean_line("caf\xE9 \xC0\x80", 100), "caf? ??");
    EXPECT_EQ(clean_line("caf\u00E9", 100), "caf\u00E9");
}

TEST(PlainText, ALongLineIsCutBetweenCharacters) {
    EXPECT_EQ(clean_line("abcdef", 6), "abcdef");
    EXPECT_EQ(clean_line("abcdefg", 6), "abc...");
    EXPECT_EQ(clean_line("\u00E9\u00E9\u00E9\u00E9\u00E9", 4), "\u00E9...");
    const auto line = clean_line(std::string(1'000'000, 'x'), 300);
    EXPECT_EQ(line.size(), 300U);
    EXPECT_EQ(clean_line("abc", 2), "");
}

TEST(PlainText, HtmlSaysWhatTheTextSays) {
    EXPECT_EQ(escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

TEST(PlainText, CountsTheSeptetsOfASms) {
    EXPECT_EQ(gsm7_length("https://x.example/alerts/a-1_2"), 30U);
    EXPECT_EQ(gsm7_length("[~]"), 6U);
    EXPECT_EQ(gsm7_length("caf\u00E9"), std::nullopt);
    EXPECT_EQ(gsm7_length("`"), std::nullopt);
}

TEST(PlainText, WritesAnythingInTheAlphabetOfASms) {
    EXPECT_EQ(to_gsm7("\u201Cit\u2019s\u201D \u2013 \u00E9\u2026", 100), "\"it's\" - ?...");
    EXPECT_EQ(to_gsm7("abc[", 4), "abc");
    EXPECT_EQ(to_gsm7("\xFF\xFE", 4), "??");
    EXPECT_EQ(gsm7_length(to_gsm7(std::string(10'000, '{'), 459)), 458U);
}

}  // namespace
}  // namespace carevoice::notify
