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

TEST(Identity, TellsWhoIntroducesThemselvesFromWhoIsSpokenOf) {
    auto patient = test::ruth();
    patient.caregiver = Caregiver{"Anna Albrecht", "+15550100300", true};
    EXPECT_TRUE(hear_identity("Hi, this is her daughter.", patient).introduced);
    EXPECT_TRUE(hear_identity("This is Anna speaking.", patient).introduced);
    EXPECT_TRUE(hear_identity("Ruth's not here.", patient).absent);
    EXPECT_FALSE(hear_identity("I sat with my friend and she said that I'm her best friend.", patient).introduced);
    EXPECT_TRUE(hear_identity("This is Ruth.", patient).self);
}

TEST(LastDigits, AreHeardInWordsAndFigures) {
    for (const auto* said : {"0142", "oh one four two", "zero one forty-two", "It's 555-010-0142.", "one, no, 0 1 4 2"})
        EXPECT_TRUE(hear_last_digits(said, "+15550100142")) << said;
    EXPECT_TRUE(hear_last_digits("twelve thirty-four", "+15550101234"));
    EXPECT_TRUE(hear_last_digits("two two hundred", "+15550102200"));
    for (const auto* said : {"", "42", "142", "10142", "01424", "one four two oh"})
        EXPECT_FALSE(hear_last_digits(said, "+15550100142")) << said;
    EXPECT_FALSE(hear_last_digits("1", "1"));
}

}  // namespace
}  // namespace carevoice::domain::dialogue
