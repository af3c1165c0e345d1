#include "ai/semantic_reader.h"

#include "core/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace carevoice::ai {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

const std::filesystem::path folder = std::filesystem::path(CAREVOICE_MODELS_DIR) / "sentence-encoder";

std::string_view shipped_heads() {
    return find_embedded_resource("protocols/semantic_reader.json").value();
}

const SemanticReader& reader() {
    static const auto shipped = SemanticReader::load(folder, shipped_heads()).value();
    return *shipped;
}

std::vector<std::string> concepts_in(const std::string& utterance, const std::string& question) {
    std::vector<std::string> ids;
    for (const auto& finding : reader().read(utterance, question)) ids.push_back(finding.concept_id);
    return ids;
}

TEST(SemanticReader, SeesWhatNoLexiconLists) {
    EXPECT_THAT(concepts_in("It's like a big old hog sat down on my breastbone and won't get off.", "open"),
                Contains("chest_breath"));
    EXPECT_THAT(concepts_in("The bandage is sopping again, third one since lunch, and it keeps on coming.", "wound"),
                Contains("heavy_bleeding"));
    EXPECT_THAT(concepts_in("My left calf is hot and twice the size of the other one.", "open"), Contains("one_leg"));
}

TEST(SemanticReader, StaysQuietOnQuietUtterances) {
    for (const char* quiet :
         {"Yes.", "No, nothing like that.", "About a three.", "Fine, thank you.", "I am doing well, walking every day.",
          "Tuesday mornings are best.", "My name is Ruth Albrecht.", "The incision looks dry and clean.",
          "No fever, ninety-eight four.", "I take them all as the label says."}) {
        EXPECT_THAT(concepts_in(quiet, "open"), IsEmpty()) << quiet;
    }
}

TEST(SemanticReader, NamesTheNearestExampleAndItsCertainty) {
    const auto findings = reader().read("My left calf is hot and twice the size of the other one.", "open");
    const auto found = std::ranges::find(findings, "one_leg", &domain::ConceptFinding::concept_id);
    ASSERT_NE(found, findings.end());
    EXPECT_FALSE(found->basis.empty());
    EXPECT_GT(found->certainty, 0.2);
    EXPECT_LE(found->certainty, 1.0);
    EXPECT_EQ(found->reader, domain::Reader::semantic);
}

TEST(SemanticReader, LeavesTeachBackAlone) {
    EXPECT_THAT(concepts_in("My left calf is hot and twice the size of the other one.", "teachback_red_flags"),
                IsEmpty());
}

TEST(SemanticReader, FindsItInTheMiddleOfALongStory) {
    std::string story;
    for (int i = 0; i < 40; ++i) story += "My daughter came by and we had soup and talked about the garden. ";
    const std::string before = story;
    story += "My left calf is hot and twice the size of the other one. ";
    story += before.substr(0, 600);
    EXPECT_THAT(concepts_in(story, "open"), Contains("one_leg"));
}

TEST(SemanticReader, TakesAnyBytes) {
    EXPECT_THAT(concepts_in("", "open"), IsEmpty());
    EXPECT_THAT(concepts_in("   ", ""), IsEmpty());
    (void)concepts_in(std::string(100'000, 'x'), "open");
    (void)concepts_in("\xFF\xFE\x80", "\xFF");
}

TEST(SemanticReader, RefusesDamagedHeads) {
    EXPECT_EQ(SemanticReader::load("/nowhere", shipped_heads()).error().code, Errc::not_found);
    const auto fault = [](std::string_view text) {
        const auto loaded = load_semantic_heads(text);
        return loaded ? std::string() : loaded.error().detail;
    };
    EXPECT_NE(fault(""), "");
    EXPECT_NE(fault("{}"), "");
    EXPECT_EQ(fault(R"({"adapters": [], "heads": [], "examples": []})"), "");
    EXPECT_NE(fault(R"({"adapters": [], "heads": [{"concept": "a"}], "examples": []})").find("heads[0]"),
              std::string::npos);
    EXPECT_NE(fault(R"({"adapters": [{"tensor": "t", "rank": 1e9, "rows": 1, "columns": 1}], "heads": [],
                        "examples": []})")
                  .find("rank"),
              std::string::npos);
    std::string cut(shipped_heads());
    EXPECT_NE(fault(std::string_view(cut).substr(0, cut.size() / 2)), "");
}

}  // namespace
}  // namespace carevoice::ai
