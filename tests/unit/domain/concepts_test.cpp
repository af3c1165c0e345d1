#include "domain/concepts.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace carevoice::domain {
namespace {

ConceptFinding semantic(std::string id) {
    return {std::move(id), Reader::semantic, 0.9, "an example"};
}

Understanding read_with(const std::string& question, const std::string& words, std::vector<ConceptFinding> findings) {
    UtteranceContext context;
    context.question = question;
    return shipped_reader().read(words, context, findings);
}

const RaisedAlert* alert_of(const Understanding& understood, AlertType type) {
    const auto found = std::ranges::find(understood.alerts, type, &RaisedAlert::type);
    return found == understood.alerts.end() ? nullptr : &*found;
}

TEST(ConceptBook, HoldsTheShippedConcepts) {
    const auto& concepts = shipped_reader().concepts();
    ASSERT_NE(concepts.find("chest_breath"), nullptr);
    EXPECT_EQ(concepts.find("chest_breath")->severity, Severity::critical);
    EXPECT_EQ(concepts.find("no_such"), nullptr);
    for (const auto& one : concepts.all()) EXPECT_EQ(one.type == AlertType::emergency, !one.check.empty()) << one.id;
}

TEST(ConceptBook, NamesTheEntryAtFault) {
    const auto fault = [](const std::string& entry) {
        const auto book = ConceptBook::load(R"({"concepts": [)" + entry + "]}");
        return book ? std::string() : book.error().detail;
    };
    const std::string rest = R"("type": "wound_problem", "severity": "high", "rule": "W1", "means": "pus")";
    EXPECT_EQ(fault(R"({"id": "a", )" + rest + "}"), "");
    EXPECT_NE(fault(R"({"id": "a", )" + rest + R"(}, {"id": "a", )" + rest + "}").find("taken"), std::string::npos);
    EXPECT_NE(fault(R"({"id": "a", "check": "Is it?", )" + rest + "}").find("check"), std::string::npos);
    EXPECT_NE(fault(R"({"id": "a", "type": "odd", "severity": "high", "rule": "W1", "means": "m"})").find("type"),
              std::string::npos);
    EXPECT_NE(fault(R"({"id": "a", "more": 1, )" + rest + "}"), "");
    EXPECT_NE(fault(""), "");
}

TEST(SecondOpinion, AddsWhatTheRulesDidNotSee) {
    const auto understood = read_with("open", "It is like the ocean in there all night.", {semantic("wound_infected")});
    const auto* alert = alert_of(understood, AlertType::wound_problem);
    ASSERT_NE(alert, nullptr);
    EXPECT_EQ(alert->severity, Severity::high);
    EXPECT_EQ(alert->evidence.reader, Reader::semantic);
    EXPECT_EQ(alert->evidence.basis, "an example");
    EXPECT_EQ(alert->evidence.rule, "W1");
    EXPECT_EQ(understood.to_check, "");
}

TEST(SecondOpinion, NeverLowersAndNeverRemoves) {
    const auto alone = read_with("wound", "There is green pus and it stinks.", {});
    const auto both = read_with("wound", "There is green pus and it stinks.", {semantic("wound_leak")});
    EXPECT_EQ(both.alerts, alone.alerts);
    const auto raised = read_with("wound", "It is a little red.", {semantic("wound_infected")});
    EXPECT_EQ(alert_of(raised, AlertType::wound_problem)->severity, Severity::high);
}

TEST(SecondOpinion, IsLeftOutWhenTheWordsAreDenied) {
    EXPECT_TRUE(read_with("breathing", "No chest pain at all.", {semantic("chest_breath")}).alerts.empty());
    EXPECT_TRUE(read_with("open", "[BLANK_AUDIO]", {semantic("chest_breath")}).alerts.empty());
}

TEST(SecondOpinion, IsLeftOutWhereTheRulesKnowBetter) {
    const auto has_emergency = [](const std::string& words, const char* id) {
        return alert_of(read_with("fever", words, {semantic(id)}), AlertType::emergency) != nullptr;
    };
    EXPECT_FALSE(has_emergency("One hundred and one point eight last night.", "septic"));
    EXPECT_TRUE(has_emergency("It is the same as with the goat back then.", "septic"));
    EXPECT_FALSE(has_emergency("I slipped by the sink. I didn't hit my head. I can stand on it.", "injured_fall"));
    EXPECT_FALSE(has_emergency("It's red and hot and there is thick pus on the gauze.", "heavy_bleeding"));
    EXPECT_TRUE(has_emergency("There is pus, and it soaked three dressings.", "heavy_bleeding"));
    EXPECT_TRUE(has_emergency("It looks like a butcher's shop in there.", "heavy_bleeding"));
    EXPECT_EQ(alert_of(read_with("pain_score", "It's a two.", {semantic("severe_pain")}), AlertType::high_pain),
              nullptr);
}

TEST(ConceptBook, WantsConditionsAndEntriesThatMakeSense) {
    const auto fault = [](const std::string& more) {
        const std::string book = R"({"concepts": [{"id": "a", "type": "wound_problem", "severity": "high", "rule": "W1",
            "means": "m", )" + more +
                                 "}]}";
        const auto reader =
            ClinicalReader::load(text_of_file("protocols/rules.json"), text_of_file("protocols/lexicon.json"), book);
        return reader ? std::string() : reader.error().detail;
    };
    EXPECT_EQ(fault(R"("unless": "temp <= 99")"), "");
    EXPECT_NE(fault(R"("unless": "temp <<")").find("unless"), std::string::npos);
    EXPECT_NE(fault(R"("denied_by": ["no_such_entry"])").find("no_such_entry"), std::string::npos);
}

TEST(SecondOpinion, WantsAnEmergencyCheckedThatOnlyItSaw) {
    EXPECT_EQ(
        read_with("open", "The old thing is at it again.", {semantic("one_leg"), semantic("chest_breath")}).to_check,
        "chest_breath");
    EXPECT_EQ(read_with("open", "I have crushing chest pain.", {semantic("chest_breath")}).to_check, "");
}

TEST(SecondOpinion, PassesOverConceptsThatItDoesNotKnow) {
    const auto understood = read_with("open", "Hello there.", {semantic("nonsense"), semantic("")});
    EXPECT_TRUE(understood.alerts.empty());
}

}  // namespace
}  // namespace carevoice::domain
