// What hardly happened, what would follow, whose order it was, and how recent it is.
#include "domain/understanding.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace carevoice::domain {
namespace {

bool raises(AlertType type, const std::string& question, const std::string& utterance) {
    const Understanding heard = read(question, utterance);
    return std::ranges::any_of(heard.alerts, [&](const RaisedAlert& alert) { return alert.type == type; });
}

TEST(NearMisses, AreNoEvents) {
    EXPECT_FALSE(raises(AlertType::emergency, "mobility", "I almost fell and hit my head but my son caught me."));
    EXPECT_FALSE(raises(AlertType::emergency, "open", "I about passed out when I saw the bill."));
    EXPECT_TRUE(raises(AlertType::mobility_issue, "mobility", "I almost fell twice."));
    EXPECT_TRUE(raises(AlertType::emergency, "breathing", "I almost can't breathe."));
}

TEST(Consequences, OfAnIfAreSupposedToo) {
    EXPECT_FALSE(raises(AlertType::emergency, "mobility",
                        "If you took this walker away I'd be flat on the floor and couldn't get up."));
}

TEST(Orders, OfADoctorAreNoMissedDoses) {
    EXPECT_FALSE(raises(AlertType::medication_issue, "medication",
                        "I'm off the blood thinner, the doctor stopped it last week."));
    EXPECT_TRUE(raises(AlertType::medication_issue, "medication", "I'm off the blood thinner, it made me bruise."));
}

TEST(GraveFindings, OfTheLastDayStandThoughTheyPassed) {
    EXPECT_TRUE(raises(AlertType::emergency, "breathing", "I had some chest pain this morning but it's gone now."));
    EXPECT_FALSE(raises(AlertType::emergency, "breathing", "I had some chest pain last month but it's gone now."));
}

TEST(PartAnswers, NameWhichOfTheQuestionTheyMean) {
    EXPECT_TRUE(raises(AlertType::emergency, "breathing", "Yeah, the chest one."));
    EXPECT_TRUE(raises(AlertType::emergency, "breathing", "Yes, the calf."));
    EXPECT_FALSE(raises(AlertType::emergency, "wound", "Yes, the chest one is closed."));
}

TEST(Reasons, ThatAreDeniedAreNotThere) {
    EXPECT_FALSE(raises(AlertType::emergency, "mobility",
                        "I rest on the bench to pace myself, not because I'm short of breath."));
}

TEST(TwoNames, OfOneMedicineAreADoubleDose) {
    EXPECT_TRUE(raises(AlertType::medication_issue, "medication", "I take Eliquis and apixaban, both in the morning."));
    EXPECT_FALSE(raises(AlertType::medication_issue, "medication", "I take Eliquis and metoprolol in the morning."));
}

TEST(Bleeding, ThatGoesOnIsAnEmergencyOverSeveralSentences) {
    EXPECT_TRUE(raises(AlertType::emergency, "wound", "It's bleeding. I press and press. It won't stop."));
    EXPECT_TRUE(raises(AlertType::emergency, "wound", "It's bleeding again. I'm on my third towel."));
    EXPECT_FALSE(raises(AlertType::emergency, "wound", "It bled a little on Monday. It's dry now."));
}

}  // namespace
}  // namespace carevoice::domain
