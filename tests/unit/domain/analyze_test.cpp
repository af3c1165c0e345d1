#include "domain/analyze.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

std::string error_field(const std::string& line) {
    const auto result = analyze_line(shipped_reader(), line);
    EXPECT_FALSE(result);
    if (result) return "no error";
    EXPECT_EQ(result.error().code, Errc::invalid_input);
    return result.error().field;
}

TEST(AnalyzeLine, WritesEveryFieldOfTheContract) {
    const auto line = analyze_line(
        shipped_reader(),
        R"({"id":"a \"1\"","call_type":"followup","question":"open","utterance":"pain's an eight, temp was a hundred and one this morning"})");
    ASSERT_TRUE(line);
    const json::object out = json::parse(*line).as_object();
    EXPECT_EQ(out.at("id"), "a \"1\"");
    EXPECT_EQ(out.at("pain_score"), 8);
    EXPECT_DOUBLE_EQ(out.at("temperature_f").to_number<double>(), 101.0);
    EXPECT_EQ(out.at("unclear"), false);
    EXPECT_TRUE(out.at("consent").is_null());
    const json::object& alert = out.at("alerts").as_array().at(0).as_object();
    EXPECT_EQ(alert.at("type"), "high_pain");
    EXPECT_EQ(alert.at("severity"), "high");
    EXPECT_EQ(alert.at("rule"), "P1");
    EXPECT_EQ(alert.at("evidence"), "eight");
}

TEST(AnalyzeLine, NamesTheFieldAtFault) {
    EXPECT_EQ(error_field(R"({"call_type":"followup","question":"open","utterance":""})"), "id");
    EXPECT_EQ(error_field(R"({"id":"1","call_type":"chat","question":"open","utterance":""})"), "call_type");
    EXPECT_EQ(error_field(R"({"id":"1","call_type":"followup","question":3,"utterance":""})"), "question");
    EXPECT_EQ(error_field(R"({"id":"1","call_type":"followup","question":"open"})"), "utterance");
}

TEST(AnalyzeLine, RefusesWhatIsNoJsonObject) {
    EXPECT_EQ(error_field("not json"), "");
    EXPECT_EQ(error_field("[1,2]"), "");
    EXPECT_EQ(error_field("{\"id\":\"\xff\"}"), "");
    EXPECT_EQ(error_field(std::string(100'000, ' ')), "");
}

TEST(AssertLine, WritesEveryFieldOfTheContract) {
    const auto line =
        assert_line(shipped_reader(), R"({"id":"n1","sentence":"Her mother had a stroke years ago.","span":"Stroke"})");
    ASSERT_TRUE(line);
    EXPECT_EQ(*line, R"({"id":"n1","negated":false,"historical":true,"hypothetical":false,"experiencer":"other"})");
}

TEST(AssertLine, NamesTheFieldAtFault) {
    const auto field = [](const std::string& line) {
        const auto result = assert_line(shipped_reader(), line);
        return result ? std::string("none") : result.error().field;
    };
    EXPECT_EQ(field(R"({"sentence":"no fever","span":"fever"})"), "id");
    EXPECT_EQ(field(R"({"id":"1","span":"fever"})"), "sentence");
    EXPECT_EQ(field(R"({"id":"1","sentence":"no fever"})"), "span");
    EXPECT_EQ(field(R"({"id":"1","sentence":"no fever","span":"chills"})"), "span");
    EXPECT_EQ(field("no json"), "");
}

class KeenReader final : public SecondReader {
public:
    [[nodiscard]] std::vector<ConceptFinding> read(std::string_view, std::string_view question) const override {
        return {{question == "open" ? "wound_infected" : "no_such", Reader::semantic, 0.8, "it smells like the pond"}};
    }
};

TEST(Analyze, SaysWhatASecondReaderFoundAndByWhichExample) {
    const KeenReader keen;
    const auto line =
        analyze_line(shipped_reader(),
                     R"({"id":"a","call_type":"followup","question":"open","utterance":"Like the old pond."})", &keen);
    ASSERT_TRUE(line);
    EXPECT_NE(line->find(R"("reader":"semantic","nearest":"it smells like the pond")"), std::string::npos) << *line;
    EXPECT_NE(line->find(R"("rule":"W1")"), std::string::npos) << *line;
}

}  // namespace
}  // namespace carevoice::domain
