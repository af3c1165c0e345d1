// Two weights in one answer, as people tell them.
#include "domain/clinical/numbers.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace carevoice::domain {
namespace {

bool raises_concern(const std::string& question, const std::string& utterance) {
    const Understanding heard = read(question, utterance);
    return std::ranges::any_of(heard.alerts,
                               [](const RaisedAlert& alert) { return alert.type == AlertType::patient_concern; });
}

TEST(Weight, ThatRoseTooFastRaisesAConcern) {
    EXPECT_TRUE(raises_concern("weight", "A hundred ninety yesterday, a hundred ninety-four today."));
    EXPECT_TRUE(raises_concern("weight", "185 today, 181 yesterday."));
    EXPECT_TRUE(raises_concern("weight", "Two oh four yesterday and two oh eight today."));
    EXPECT_TRUE(raises_concern("weight", "I was one eighty-two last week and now I'm one eighty-eight."));
    EXPECT_TRUE(raises_concern("weight", "This morning one sixty-nine, Monday it was one sixty-two."));
}

TEST(Weight, ThatStaysOrFallsRaisesNone) {
    EXPECT_FALSE(raises_concern("weight", "It was 180 yesterday and 180 today."));
    EXPECT_FALSE(raises_concern("weight", "180 yesterday, 182 today."));
    EXPECT_FALSE(raises_concern("weight", "190 last week, 186 today."));
    EXPECT_FALSE(raises_concern("weight", "A hundred and seventy-four."));
    EXPECT_FALSE(raises_concern("mobility", "I walked 120 steps yesterday and 150 today."));
}

}  // namespace
}  // namespace carevoice::domain
