// Calls in which a second reader and a chat model help: what they add, and what they can never take away.
#include "calls/conversation.h"

#include "domain/dialogue/heard.h"
#include "domain/dialogue/summary.h"
#include "support/call_house.h"
#include "support/scripted_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace carevoice::calls {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::Assistance;
using tests::CallHouse;
using tests::ScriptedWriter;

/// Finds one concept in every utterance that holds a word.
class KeenReader final : public domain::SecondReader {
public:
    KeenReader(std::string word, std::string concept_id) : word_(std::move(word)), concept_id_(std::move(concept_id)) {}
    [[nodiscard]] std::vector<domain::ConceptFinding> read(std::string_view utterance,
                                                           std::string_view) const override {
        if (utterance.find(word_) == std::string_view::npos) return {};
        return {{concept_id_, domain::Reader::semantic, 0.9, "nearest"}};
    }

private:
    std::string word_;
    std::string concept_id_;
};

void start_verified(CallHouse& house) {
    house.engine.jobs = 0;
    house.initiate();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.");
    house.gather("Yes.");
}

const domain::Alert* alert_of(const CallDetails& details, domain::AlertType type) {
    const auto found = std::ranges::find(details.alerts, type, &domain::Alert::type);
    return found == details.alerts.end() ? nullptr : &*found;
}

std::string last_said(const CallDetails& details) {
    for (auto turn = details.turns.rbegin(); turn != details.turns.rend(); ++turn)
        if (turn->speaker == domain::Speaker::assistant) return turn->text;
    return {};
}

TEST(AssistedCall, ASecondReadersFindingIsStoredBeforeTheReply) {
    const KeenReader reader("gizmo", "wound_infected");
    CallHouse house(false, Assistance{.second_reader = &reader});
    start_verified(house);
    house.gather("A three, and the gizmo again.");
    const auto details = house.details();
    const auto* alert = alert_of(details, domain::AlertType::wound_problem);
    ASSERT_NE(alert, nullptr);
    EXPECT_EQ(alert->severity, domain::Severity::high);
    EXPECT_EQ(alert->evidence.front().reader, domain::Reader::semantic);
    EXPECT_EQ(alert->evidence.front().basis, "nearest");
}

TEST(AssistedCall, AnEmergencyOfTheSecondReaderIsAskedAboutAtOnce) {
    const KeenReader reader("gizmo", "chest_breath");
    CallHouse house(false, Assistance{.second_reader = &reader});
    start_verified(house);
    EXPECT_THAT(house.gather("The gizmo again."), HasSubstr("chest pain or trouble breathing"));
    ASSERT_NE(alert_of(house.details(), domain::AlertType::emergency), nullptr);
    EXPECT_THAT(house.gather("Yes, I do."), HasSubstr("call 911"));
}

TEST(AssistedCall, AModelsGoodWordsAreSpokenAndStored) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    writer.model.speak =
        "Thank you, a three. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    const auto twiml = house.gather("It is a three.");
    EXPECT_GT(writer.model.asked, 0);
    EXPECT_THAT(twiml, HasSubstr("Thank you, a three."));
    EXPECT_EQ(last_said(house.details()), writer.model.speak);
}

TEST(AssistedCall, AModelsBadWordsAreReplacedByOurs) {
    for (const char* bad : {"A three is perfectly normal. Any trouble breathing?", "Take two more pills tonight.",
                            "It sounds like an infection.", "<break/> Hi!", "What is your social security number?"}) {
        ScriptedWriter writer;
        CallHouse house(false, Assistance{.reply_writer = &writer.writer});
        start_verified(house);
        writer.model.speak = bad;
        EXPECT_THAT(house.gather("It is a three."), Not(HasSubstr(bad))) << bad;
        EXPECT_THAT(last_said(house.details()), HasSubstr("breath")) << bad;
    }
}

domain::Wording last_wording(const CallDetails& details) {
    return details.turns.back().wording.value_or(domain::Wording{});
}

TEST(AssistedCall, WhoWordedATurnAndHowLongTheModelTookIsStored) {
    using domain::Fallback;
    using domain::WordingSource;
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    EXPECT_EQ(house.details().turns.front().wording, domain::Wording{}) << "the greeting is fixed";
    EXPECT_FALSE(house.details().turns[1].wording) << "the patient's own words";
    writer.model.speak =
        "Thank you, a three. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    house.gather("It is a three.");
    EXPECT_EQ(last_wording(house.details()).source, WordingSource::model);
    EXPECT_TRUE(last_wording(house.details()).model_ms);
    writer.model.speak = "Take two more pills tonight.";
    house.gather("No, nothing like that.");
    EXPECT_EQ(last_wording(house.details()).fallback, Fallback::guard_rails);
    EXPECT_FALSE(last_wording(house.details()).breach.empty());
    writer.model.failure = Error{Errc::timed_out, "late"};
    house.gather("It looks clean and dry.");
    EXPECT_EQ(last_wording(house.details()).source, WordingSource::ours);
    EXPECT_EQ(last_wording(house.details()).fallback, Fallback::late);
}

TEST(AssistedCall, AModelsSentenceIsNeverHeardTwice) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    writer.model.speak =
        "Thank you for telling me. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    house.gather("It is a three.");
    ASSERT_EQ(last_said(house.details()), writer.model.speak);
    writer.model.speak = "Thank you for telling me. How does your incision look?";
    house.gather("No, nothing like that.");
    house.gather("It looks clean and dry.");
    std::vector<std::string> heard;
    for (const auto& turn : house.details().turns) {
        if (turn.speaker != domain::Speaker::assistant) continue;
        for (const auto& sentence : domain::dialogue::sentences_of(turn.text)) {
            EXPECT_EQ(std::ranges::count(heard, sentence), 0) << sentence;
            heard.push_back(sentence);
        }
    }
}

TEST(AssistedCall, AModelThatFailsCostsNothingButItsWords) {
    for (const auto code : {Errc::unavailable, Errc::rejected, Errc::corrupt, Errc::timed_out}) {
        ScriptedWriter writer;
        CallHouse house(false, Assistance{.reply_writer = &writer.writer});
        start_verified(house);
        writer.model.failure = Error{code, "no"};
        house.gather("It is a nine.");
        house.gather("Yes, a nine.");
        const auto details = house.details();
        ASSERT_NE(alert_of(details, domain::AlertType::high_pain), nullptr);
        EXPECT_EQ(alert_of(details, domain::AlertType::high_pain)->severity, domain::Severity::urgent);
        EXPECT_THAT(last_said(details), HasSubstr("breath"));
    }
}

TEST(AssistedCall, AModelMayAddAFindingWithThePatientsOwnWords) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    writer.model.body =
        R"({"speak": "Thank you.", "findings": [{"concept": "wound_infected", "quote": "the gizmo"},
            {"concept": "self_harm", "quote": "words nobody said"}, {"concept": "no_such", "quote": "the gizmo"}]})";
    house.gather("A three, and the gizmo again.");
    const auto details = house.details();
    const auto* alert = alert_of(details, domain::AlertType::wound_problem);
    ASSERT_NE(alert, nullptr);
    EXPECT_EQ(alert->evidence.front().reader, domain::Reader::model);
    EXPECT_EQ(alert->evidence.front().text, "the gizmo");
    EXPECT_EQ(alert_of(details, domain::AlertType::emergency), nullptr);
}

TEST(AssistedCall, AnEmergencyThatOnlyTheModelSawIsAskedAboutInsteadOfItsWords) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    writer.model.speak =
        "Thank you, a three. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    writer.model.body = R"({"speak": "Thank you.", "findings": [{"concept": "self_harm", "quote": "the gizmo"}]})";
    EXPECT_THAT(house.gather("A three, and the gizmo again."), HasSubstr("hurting yourself"));
    ASSERT_NE(alert_of(house.details(), domain::AlertType::emergency), nullptr);
}

TEST(AssistedCall, NoModelIsAskedForAnEmergencyOrBeforeIdentity) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    house.initiate();
    house.voice();
    house.gather("Hello?");
    house.gather("This is Ruth Albrecht, March fourteenth, nineteen fifty-seven.");
    EXPECT_EQ(writer.model.asked, 0);
    house.gather("Yes.");
    const int before = writer.model.asked;
    EXPECT_THAT(house.gather("I can't breathe, my chest is crushing."), HasSubstr("call 911"));
    EXPECT_EQ(writer.model.asked, before);
}

/// Plays a short call that raises an alert, to its end, with a model that says `arranged` of its summary.
std::string summary_with(const std::string& arranged) {
    ScriptedWriter writer;
    CallHouse house(false, Assistance{.summary_writer = &writer.summaries});
    start_verified(house);
    house.gather("It is a nine.");
    house.gather("Yes, a nine.");
    writer.model.speak = arranged;
    (void)house.run(house.service->status(CallSessionId("s1"), house.webhook("completed")));
    EXPECT_TRUE(house.until_no_call_lives());
    EXPECT_EQ(writer.model.asked, 1);
    return house.details().call.summary;
}

TEST(AssistedCall, ASummaryIsArrangedByTheModelOrLeftAsItIs) {
    const auto ours = summary_with("The patient feels fine.");
    EXPECT_THAT(ours, HasSubstr("Alert, urgent: high pain. \""));
    auto statements = domain::dialogue::statements_of(ours);
    ASSERT_GE(statements.size(), 4U);
    std::string marks = "[1] [2]";
    for (std::size_t i = statements.size(); i > 2; --i) marks += " [" + std::to_string(i) + "]";
    const auto arranged = summary_with(marks);
    EXPECT_NE(arranged, ours);
    for (const auto& statement : statements) EXPECT_THAT(arranged, HasSubstr(statement));
}

}  // namespace
}  // namespace carevoice::calls
