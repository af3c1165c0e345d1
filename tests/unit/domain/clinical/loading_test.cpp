// protocols/rules.json and protocols/lexicon.json are checked whole; the error names what is wrong.
#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

std::string load_error(const std::string& rules, const std::string& lexicon) {
    const auto reader = ClinicalReader::load(rules, lexicon, text_of_file("protocols/concepts.json"));
    if (reader) return "";
    EXPECT_EQ(reader.error().code, Errc::corrupt);
    return reader.error().detail;
}

std::string with_rule(const std::string& rule) {
    return load_error("{\"rules\":[" + rule + "]}", text_of_file("protocols/lexicon.json"));
}

std::string with_change(const std::string& from, const std::string& to) {
    std::string lexicon = text_of_file("protocols/lexicon.json");
    const std::size_t at = lexicon.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    lexicon.replace(at, from.size(), to);
    return load_error(text_of_file("protocols/rules.json"), lexicon);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Loading, ShippedFilesAreSound) {
    EXPECT_EQ(load_error(text_of_file("protocols/rules.json"), text_of_file("protocols/lexicon.json")), "");
}

TEST(Loading, NoJsonIsNamed) {
    EXPECT_TRUE(has(load_error("{", text_of_file("protocols/lexicon.json")), "rules.json"));
    EXPECT_TRUE(has(load_error(text_of_file("protocols/rules.json"), "[]"), "lexicon.json"));
}

TEST(Loading, ARuleIsCheckedFieldByField) {
    const std::string rest = R"("version":1,"type":"emergency","severity":"high","source":"x",)";
    EXPECT_TRUE(has(with_rule(R"({"version":1})"), "has no id"));
    EXPECT_TRUE(
        has(with_rule(R"({"id":"X1",)" + rest + R"("when":"no_such_thing"})"), "unknown concept no_such_thing"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1",)" + rest + R"("when":"pus &"})"), "X1"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1",)" + rest + R"("when":"(pus"})"), "missing )"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1",)" + rest + R"("when":"pain > "})"), "comparison"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1",)" + rest + R"("when":"pus","raise":{"low":"pus"}})"), "higher severity"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1","version":0,"type":"emergency"})"), "version"));
    EXPECT_TRUE(has(with_rule(R"({"id":"X1",)" + rest + "\"when\":\"" + std::string(5000, '(') + "\"}"), "X1"));
}

TEST(Loading, AWrongPatternIsNamedWithItsEntry) {
    EXPECT_TRUE(has(with_change("\"pus\", \"purulent\"", "\"@nowhere\""), "concepts.pus"));
    EXPECT_TRUE(has(with_change("\"pus\", \"purulent\"", "\"can't\""), "never heard"));
    EXPECT_TRUE(has(with_change("\"pus\", \"purulent\"", "\"a <3\""), "concepts.pus"));
    EXPECT_TRUE(has(with_change("\"soft_words\"", "\"soft_wordz\""), "soft_words"));
    EXPECT_TRUE(has(with_change("\"fades\": true", "\"fades\": 7"), "fades"));
}

}  // namespace
}  // namespace carevoice::domain
