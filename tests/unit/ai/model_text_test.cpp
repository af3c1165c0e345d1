#include "ai/model_text.h"

#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

std::string without_thoughts(std::string_view text, std::size_t piece) {
    ThoughtFilter filter;
    std::string passed;
    for (std::size_t at = 0; at < text.size(); at += piece) passed += filter.pass(text.substr(at, piece));
    return passed;
}

TEST(ThoughtFilter, LeavesOutThoughtsAtTheBeginningOnly) {
    for (std::size_t piece = 1; piece < 40; ++piece) {
        EXPECT_EQ(without_thoughts("<think>\n{\"speak\": no} </thin </think>\n{\"a\":1}", piece), "\n{\"a\":1}")
            << piece;
        EXPECT_EQ(without_thoughts(" \n<think></think>x", piece), "x") << piece;
        EXPECT_EQ(without_thoughts("{\"a\":\"<think>b</think>\"}", piece), "{\"a\":\"<think>b</think>\"}") << piece;
        EXPECT_EQ(without_thoughts("<thank>you</thank>", piece), "<thank>you</thank>") << piece;
        EXPECT_EQ(without_thoughts("<think>for ever and ever", piece), "") << piece;
    }
}

TEST(SpokenField, IsThereAsSoonAsItsQuoteCloses) {
    SpokenField field;
    field.feed("{\"spe");
    field.feed("ak\" : \" I am sor");
    EXPECT_FALSE(field.value());
    field.feed("ry.\"");
    ASSERT_TRUE(field.value());
    EXPECT_EQ(*field.value(), "I am sorry.");
    EXPECT_FALSE(field.is_object_complete());
    field.feed(",\"findings\":[{\"speak\":\"no\"}]}");
    EXPECT_TRUE(field.is_object_complete());
    EXPECT_EQ(*field.value(), "I am sorry.");
}

TEST(SpokenField, FollowsEscapesAndNesting) {
    const std::string text =
        R"(```json {"a":{"speak":"no"},"b":["speak",":","no"],"c":"\"speak\":\"no\"","speak":"Dr. \"O\u2019Neil\" \\ \ud83d\ude42","speak":"again"} speak)";
    for (std::size_t piece = 1; piece < 50; ++piece) {
        SpokenField field;
        for (std::size_t at = 0; at < text.size(); at += piece) field.feed(std::string_view(text).substr(at, piece));
        ASSERT_TRUE(field.value()) << piece;
        EXPECT_EQ(*field.value(), "Dr. \"O\u2019Neil\" \\ \U0001F642") << piece;
        const auto object = field.object_in(text);
        EXPECT_TRUE(object.starts_with(R"({"a")")) << object;
        EXPECT_TRUE(object.ends_with(R"("again"})")) << object;
    }
}

TEST(SpokenField, IsEmptyForWhatCannotBeSpoken) {
    for (const std::string& value :
         {std::string("\"\""), std::string("\"  \\n \""), std::string("\"\\q\""), std::string("\"\\ud800\""),
          std::string("\"line\nbreak\""), std::string("\"\xff\""), "\"" + std::string(3'000, 'x') + "\""}) {
        SpokenField field;
        field.feed("{\"speak\":" + value);
        ASSERT_TRUE(field.value()) << value.substr(0, 20);
        EXPECT_EQ(*field.value(), "") << value.substr(0, 20);
    }
}

TEST(SpokenField, IsAbsentWhereItIsNoString) {
    for (const char* text : {"", "no object", "[\"speak\",\"x\"]", "{\"speak\":null}", "{\"speak\":{\"speak\":\"x\"}}",
                             "{\"speak\":7,\"x\":\"y\"}", "{\"Speak\":\"x\"}", "}}]]{}{\"speak\":\"x\"}"}) {
        SpokenField field;
        field.feed(text);
        EXPECT_FALSE(field.value()) << text;
    }
}

}  // namespace
}  // namespace carevoice::ai
