#include "domain/dialogue/preferences.h"

#include <gtest/gtest.h>

namespace carevoice::domain::dialogue {
namespace {

using Texts = std::vector<std::string>;

std::string text(const Facts& facts, const std::string& name) {
    return facts.contains(name) ? std::get<std::string>(facts.at(name)) : std::string("?");
}

TEST(PreferredTime, HearsHoursAndDays) {
    for (const auto* said :
         {"Mornings, between nine and eleven, not Sundays.", "Nine to eleven in the morning, any day but Sunday.",
          "9:00 to 11:00 AM, except Sundays"}) {
        const auto facts = hear_preference("preferred_time", said, std::nullopt);
        ASSERT_TRUE(facts) << said;
        EXPECT_EQ(text(*facts, "preferred_start"), "09:00") << said;
        EXPECT_EQ(text(*facts, "preferred_end"), "11:00") << said;
        EXPECT_EQ(std::get<Texts>(facts->at("excluded_days")), Texts{"Sunday"}) << said;
    }
    const auto afternoon = hear_preference("preferred_time", "Two to four in the afternoon.", std::nullopt);
    EXPECT_EQ(text(*afternoon, "preferred_start"), "14:00");
    EXPECT_EQ(text(*afternoon, "preferred_end"), "16:00");
    const auto later = hear_preference("preferred_time", "any time after three", std::nullopt);
    EXPECT_EQ(text(*later, "preferred_start"), "15:00");
    EXPECT_EQ(text(*hear_preference("preferred_time", "mornings", std::nullopt), "preferred_end"), "12:00");
    EXPECT_FALSE(hear_preference("preferred_time", "what did you say?", std::nullopt));
}

TEST(CaregiverAnswer, HearsNameRelationNumberAndPermission) {
    for (const auto* said :
         {"My son Paul, five five five, oh one four two. You can talk to him.",
          "Paul, my son, 555-0142, yes you may speak with him.", "My son Paul, 5550142. You can talk to him."}) {
        const auto facts = hear_preference("caregiver", said, std::nullopt);
        ASSERT_TRUE(facts) << said;
        EXPECT_EQ(text(*facts, "caregiver_name"), "Paul") << said;
        EXPECT_EQ(text(*facts, "caregiver_relation"), "son") << said;
        EXPECT_EQ(text(*facts, "caregiver_phone"), "555-0142") << said;
        EXPECT_TRUE(std::get<bool>(facts->at("caregiver_may_discuss"))) << said;
    }
    const auto secret = hear_preference("caregiver", "My wife Ann, but don't talk to her about it.", std::nullopt);
    EXPECT_FALSE(std::get<bool>(secret->at("caregiver_may_discuss")));
    const auto nobody = hear_preference("caregiver", "No, nobody.", false);
    EXPECT_EQ(*nobody, (Facts{{"caregiver_present", false}}));
    EXPECT_EQ(*hear_preference("caregiver", "Yes.", true), (Facts{{"caregiver_present", true}}));
    EXPECT_FALSE(hear_preference("caregiver", "hmm", std::nullopt));
}

TEST(OtherPreferences, AreHeard) {
    EXPECT_EQ(text(*hear_preference("language", "English is fine.", std::nullopt), "language"), "en");
    EXPECT_EQ(text(*hear_preference("language", "Spanish, please.", std::nullopt), "language"), "es");
    EXPECT_FALSE(hear_preference("language", "what?", std::nullopt));
    EXPECT_TRUE(
        std::get<bool>(hear_preference("voicemail_ok", "A message is fine.", std::nullopt)->at("voicemail_ok")));
    EXPECT_FALSE(std::get<bool>(
        hear_preference("voicemail_ok", "Please don't leave messages.", std::nullopt)->at("voicemail_ok")));
    EXPECT_FALSE(hear_preference("pain_score", "seven", std::nullopt));
}

TEST(PreferredTime, HearsDaysAloneAndInLists) {
    const auto two = hear_preference("preferred_time", "Tuesdays and Thursdays.", std::nullopt);
    ASSERT_TRUE(two);
    EXPECT_EQ(std::get<Texts>(two->at("preferred_days")), (Texts{"Tuesday", "Thursday"}));
    EXPECT_EQ(text(*two, "preferred_start"), "08:00");
    const auto without = hear_preference("preferred_time", "Mornings, but not on Saturdays or Sundays.", std::nullopt);
    EXPECT_EQ(std::get<Texts>(without->at("excluded_days")), (Texts{"Saturday", "Sunday"}));
    EXPECT_FALSE(without->contains("preferred_days"));
}

TEST(PreferredTime, TakesNoPhoneNumberForAnHour) {
    const auto facts = hear_preference("preferred_time", "Mornings, and call me on 555-0177.", std::nullopt);
    EXPECT_EQ(text(*facts, "preferred_start"), "08:00");
    EXPECT_EQ(text(*facts, "preferred_end"), "12:00");
}

TEST(Asides, AreHeardAtAnyQuestion) {
    const auto facts = hear_asides("preferred_time", "Mornings, on 555-0177, I'm hard of hearing.");
    EXPECT_EQ(text(facts, "best_phone"), "555-0177");
    EXPECT_TRUE(std::get<bool>(facts.at("hearing_difficulty")));
    EXPECT_EQ(text(hear_asides("language", "Could you text me instead?"), "preferred_way"), "text message");
    EXPECT_TRUE(hear_asides("caregiver", "My son, 555-0142").empty());
    EXPECT_TRUE(hear_asides("language", "English.").empty());
}

TEST(Corrections, ChangeOnlyWhatIsNamed) {
    const auto later = hear_corrections("No, make it afternoons, and don't leave messages.", false);
    EXPECT_EQ(text(later, "preferred_start"), "12:00");
    EXPECT_FALSE(std::get<bool>(later.at("voicemail_ok")));
    EXPECT_FALSE(later.contains("language"));
    EXPECT_EQ(text(hear_corrections("Actually I would rather have Spanish.", std::nullopt), "language"), "es");
    for (const auto* nothing : {"No questions.", "No, you explained it well.", "No.", "No, that is all fine.",
                                "Will the nurse see my messages?"})
        EXPECT_TRUE(
            hear_corrections(nothing, std::string_view(nothing).starts_with("No") ? std::optional(false) : std::nullopt)
                .empty())
            << nothing;
}

}  // namespace
}  // namespace carevoice::domain::dialogue
