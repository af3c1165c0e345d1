#include "net/http.h"

#include <gtest/gtest.h>

namespace carevoice::net {
namespace {

TEST(Headers, NamesCompareWithoutRegardToCase) {
    Headers headers;
    headers.add("Content-Type", "text/xml");
    EXPECT_EQ(headers.find("content-type"), "text/xml");
    EXPECT_FALSE(headers.find("Content-Typ").has_value());
}

TEST(Headers, SetReplacesTheFirstAndDropsTheOthers) {
    Headers headers;
    headers.add("X-One", "1");
    headers.add("Other", "o");
    headers.add("x-one", "2");
    headers.set("X-ONE", "3");
    ASSERT_EQ(headers.fields().size(), 2U);
    EXPECT_EQ(headers.find("X-One"), "3");
}

TEST(ParseForm, DecodesPlusAndPercentAndKeepsOrderAndRepeats) {
    const auto fields = parse_form("To=%2B15550001111&Body=a+b%20c&empty=&flag&To=second");
    ASSERT_TRUE(fields.has_value());
    const FormFields expected = {
        {"To", "+15550001111"}, {"Body", "a b c"}, {"empty", ""}, {"flag", ""}, {"To", "second"}};
    EXPECT_EQ(*fields, expected);
    EXPECT_EQ(find_field(*fields, "To"), "+15550001111");
    EXPECT_FALSE(find_field(*fields, "Cc").has_value());
}

TEST(ParseForm, OverlooksEmptyPairs) {
    EXPECT_TRUE(parse_form("")->empty());
    EXPECT_EQ(parse_form("&&a=1&&")->size(), 1U);
    EXPECT_EQ(parse_form("a=b=c")->front().second, "b=c");
}

TEST(ParseForm, RefusesBrokenEscapesAndBadUtf8) {
    for (const char* body : {"a=%", "a=%4", "a=%zz", "%G0=1", "a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=\xff"}) {
        const auto fields = parse_form(body);
        ASSERT_TRUE(fields.has_error()) << body;
        EXPECT_EQ(fields.error().code, Errc::invalid_input) << body;
    }
}

TEST(ParseForm, NamesTheFieldAtFault) {
    EXPECT_EQ(parse_form("ok=1&SpeechResult=%").error().field, "SpeechResult");
}

TEST(ParseForm, RefusesMoreThanAThousandFields) {
    std::string body;
    for (int i = 0; i < 1'000; ++i) body += "a=1&";
    EXPECT_EQ(parse_form(body)->size(), 1'000U);
    EXPECT_TRUE(parse_form(body + "a=1").has_error());
}

TEST(EncodeForm, SurvivesTheWayBack) {
    const FormFields fields = {
        {"Url", "https://x.example/a?b=c&d=e"}, {"név", "árvíz +%"}, {"nul", std::string("\0", 1)}};
    EXPECT_EQ(*parse_form(encode_form(fields)), fields);
}

TEST(EncodeComponent, LeavesOnlyUnreservedCharacters) {
    EXPECT_EQ(encode_component("aZ09-._~ /+é"), "aZ09-._~%20%2F%2B%C3%A9");
    EXPECT_EQ(*decode_component("a%20b+c"), "a b+c");
    EXPECT_TRUE(decode_component("%").has_error());
}

TEST(HttpRequest, PathParamIsEmptyWhenAbsent) {
    HttpRequest request;
    request.path_params.emplace_back("id", "7");
    EXPECT_EQ(request.path_param("id"), "7");
    EXPECT_EQ(request.path_param("other"), "");
}

}  // namespace
}  // namespace carevoice::net
