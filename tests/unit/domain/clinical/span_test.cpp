#include "domain/clinical/span.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <sstream>
#include <string>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

TEST(AssertSpan, ReadsPatientsAndClinicalNotesAlike) {
    std::istringstream lines(text_of_file("tests/data/assertions.jsonl"));
    std::string line;
    int sentences = 0;
    while (std::getline(lines, line)) {
        const json::object wanted = json::parse(line).as_object();
        const std::string sentence(wanted.at("sentence").as_string());
        const std::string span(wanted.at("span").as_string());
        const auto found = shipped_reader().assert_span(sentence, span);
        ASSERT_TRUE(found) << sentence;
        const std::string where = sentence + " | " + span;
        EXPECT_EQ(found->negated, wanted.at("negated").as_bool()) << where;
        EXPECT_EQ(found->historical, wanted.at("historical").as_bool()) << where;
        EXPECT_EQ(found->hypothetical, wanted.at("hypothetical").as_bool()) << where;
        EXPECT_EQ(found->of_other, wanted.at("experiencer").as_string() == "other") << where;
        ++sentences;
    }
    EXPECT_GE(sentences, 90);
}

TEST(AssertSpan, PrefersWholeWordsAndIgnoresCase) {
    const auto found = shipped_reader().assert_span("Reddish but no RED streak", "red");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->negated);
}

TEST(AssertSpan, NamesTheSpanThatIsNotThere) {
    for (const char* span : {"fever", "", "  ", "..."}) {
        const auto found = shipped_reader().assert_span("No chills. . ...", span);
        ASSERT_FALSE(found) << span;
        EXPECT_EQ(found.error().code, Errc::invalid_input);
        EXPECT_EQ(found.error().field, "span");
    }
}

}  // namespace
}  // namespace carevoice::domain
