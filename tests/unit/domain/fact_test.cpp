#include "domain/fact.h"

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using Words = std::vector<std::string>;

TEST(Facts, NewerValueWins) {
    Facts facts = {{"pain_score", 4.0}};
    merge(facts, {{"pain_score", 6.0}, {"falls", false}});
    EXPECT_EQ(std::get<double>(facts.at("pain_score")), 6.0);
    EXPECT_FALSE(std::get<bool>(facts.at("falls")));
}

TEST(Facts, ListsAreUnitedInOrderOfFirstMention) {
    Facts facts = {{"wound_signs", Words{"redness"}}};
    merge(facts, {{"wound_signs", Words{"odor", "redness"}}});
    EXPECT_EQ(std::get<Words>(facts.at("wound_signs")), Words({"redness", "odor"}));
}

TEST(Facts, AListReplacesWhatWasNone) {
    Facts facts = {{"meds_missed", std::string("some")}};
    merge(facts, {{"meds_missed", Words{"apixaban"}}});
    EXPECT_EQ(std::get<Words>(facts.at("meds_missed")), Words({"apixaban"}));
}

}  // namespace
}  // namespace carevoice::domain
