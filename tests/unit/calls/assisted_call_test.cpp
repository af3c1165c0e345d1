// Calls in which a second reader and a chat model help: what they add, and what they can never take away.
#include "calls/conversation.h"

#include "ai/guard_rails.h"
#include "ai/scrub.h"
#include "support/call_house.h"
#include "support/scripted_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace carevoice::calls {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::Assistance;
using tests::CallHouse;

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

/// A reply writer over a scripted model, and all that it needs.
struct Writer {
    std::string_view text(std::string_view name) { return find_embedded_resource(name).value(); }

    domain::ConceptBook concepts = domain::ConceptBook::load(text("protocols/concepts.json")).value();
    ai::GuardRails rails =
        ai::GuardRails::load(text("protocols/guard_rails.json"), text("protocols/lexicon.json")).value();
    ai::PromptWriter prompts{concepts, ai::Scrubber::load(text("protocols/lexicon.json")).value()};
    NoMetrics metrics;
    tests::ScriptedModel model;
    ai::ReplyWriter writer{model, rails, prompts, concepts, metrics};
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
    Writer writer;
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
        Writer writer;
        CallHouse house(false, Assistance{.reply_writer = &writer.writer});
        start_verified(house);
        writer.model.speak = bad;
        EXPECT_THAT(house.gather("It is a three."), Not(HasSubstr(bad))) << bad;
        EXPECT_THAT(last_said(house.details()), HasSubstr("breath")) << bad;
    }
}

TEST(AssistedCall, AModelThatFailsCostsNothingButItsWords) {
    for (const auto code : {Errc::unavailable, Errc::rejected, Errc::corrupt, Errc::timed_out}) {
        Writer writer;
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
    Writer writer;
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
    Writer writer;
    CallHouse house(false, Assistance{.reply_writer = &writer.writer});
    start_verified(house);
    writer.model.speak =
        "Thank you, a three. Do you have any shortness of breath, chest pain, or pain or swelling in one calf?";
    writer.model.body = R"({"speak": "Thank you.", "findings": [{"concept": "self_harm", "quote": "the gizmo"}]})";
    EXPECT_THAT(house.gather("A three, and the gizmo again."), HasSubstr("hurting yourself"));
    ASSERT_NE(alert_of(house.details(), domain::AlertType::emergency), nullptr);
}

TEST(AssistedCall, NoModelIsAskedForAnEmergencyOrBeforeIdentity) {
    Writer writer;
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

}  // namespace
}  // namespace carevoice::calls
