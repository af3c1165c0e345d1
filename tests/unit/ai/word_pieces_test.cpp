#include "ai/word_pieces.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace carevoice::ai {
namespace {

using Ids = std::vector<std::int32_t>;

// 0 [UNK], 1 [CLS], 2 [SEP], 3 breath, 4 ##less, 5 un, 6 ##able, 7 ',', 8 can, 9 ''', 10 t, 11 cafe
constexpr const char* vocabulary = "[UNK]\n[CLS]\n[SEP]\nbreath\n##less\nun\n##able\n,\ncan\n'\nt\ncafe\n";

WordPieces pieces() {
    return WordPieces::load(vocabulary).value();
}

TEST(WordPieces, TakesTheLongestKnownPieces) {
    EXPECT_EQ(pieces().encode("Breathless, unable", 16), (Ids{1, 3, 4, 7, 5, 6, 2}));
    EXPECT_EQ(pieces().encode("can't", 16), (Ids{1, 8, 9, 10, 2}));
}

TEST(WordPieces, FoldsAccentsAndTypographicMarks) {
    EXPECT_EQ(pieces().encode("Caf\xC3\xA9", 16), (Ids{1, 11, 2}));
    EXPECT_EQ(pieces().encode("can\xE2\x80\x99t", 16), (Ids{1, 8, 9, 10, 2}));
}

TEST(WordPieces, KnowsWhatItDoesNotKnow) {
    EXPECT_EQ(pieces().encode("zebra breath", 16), (Ids{1, 0, 3, 2}));
    EXPECT_EQ(pieces().encode(std::string(200, 'x'), 16), (Ids{1, 0, 2}));
    EXPECT_EQ(pieces().encode("", 16), (Ids{1, 2}));
    EXPECT_EQ(pieces().encode("breath\xFF\xC3", 16), (Ids{1, 3, 2}));
}

TEST(WordPieces, NeverGivesMoreThanTheLimit) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "breathless ";
    for (const std::size_t limit : {2UL, 3UL, 8UL}) {
        const auto ids = pieces().encode(many, limit);
        EXPECT_EQ(ids.size(), limit);
        EXPECT_EQ(ids.front(), 1);
        EXPECT_EQ(ids.back(), 2);
    }
}

TEST(WordPieces, RefusesAListWithoutTheSpecialPieces) {
    EXPECT_EQ(WordPieces::load("a\nb\n").error().code, Errc::corrupt);
    EXPECT_EQ(WordPieces::load("").error().code, Errc::corrupt);
}

}  // namespace
}  // namespace carevoice::ai
