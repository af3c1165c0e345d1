#include "domain/understanding.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using Words = std::vector<std::string>;

std::optional<int> pain(const std::string& utterance) {
    const Facts facts = read("pain_score", utterance).facts;
    const auto found = facts.find("pain_score");
    return found == facts.end() ? std::nullopt : std::optional(static_cast<int>(std::get<double>(found->second)));
}

std::optional<double> temperature(const std::string& utterance) {
    const Facts facts = read("fever", utterance).facts;
    const auto found = facts.find("temperature_f");
    return found == facts.end() ? std::nullopt : std::optional(std::get<double>(found->second));
}

std::optional<Severity> severity(const Understanding& understood, AlertType type) {
    for (const RaisedAlert& alert : understood.alerts) {
        if (alert.type == type) return alert.severity;
    }
    return std::nullopt;
}

bool quiet(const std::string& question, const std::string& utterance) {
    return read(question, utterance).alerts.empty();
}

TEST(PainScore, ReadsNumbersHoweverTheyAreSaid) {
    EXPECT_EQ(pain("sevenish"), 7);
    EXPECT_EQ(pain("2 or 3"), 3);
    EXPECT_EQ(pain("between five and six"), 6);
    EXPECT_EQ(pain("seven point five"), 8);
    EXPECT_EQ(pain("fifteen out of ten"), 10);
    EXPECT_EQ(pain("sex out of ten"), 6);
    EXPECT_EQ(pain("I'm pain free"), 0);
}

TEST(PainScore, PrefersNowMovingAndTheLastWord) {
    EXPECT_EQ(pain("Oh, it was an eight this morning but after the pills it's a three."), 3);
    EXPECT_EQ(pain("three when I rest, six when I'm walking"), 6);
    EXPECT_EQ(pain("Four. No, make that a six."), 6);
    EXPECT_EQ(pain("Eight, no, seven."), 7);
    EXPECT_EQ(pain("My husband would say a ten but I'd say a six."), 6);
    EXPECT_EQ(pain("not a seven, more of a five"), 5);
}

TEST(PainScore, TimesDosesAndAgesAreNoScores) {
    EXPECT_EQ(pain("I take it at eight and at two"), std::nullopt);
    EXPECT_EQ(pain("Every four hours I take two of them."), std::nullopt);
    EXPECT_EQ(pain("went to bed at ten and woke up at four"), std::nullopt);
    EXPECT_EQ(pain("I'm seventy-two years old, honey, everything hurts. Call it a four."), 4);
}

TEST(Temperature, ReadsFahrenheitCelsiusAndSpelledDigits) {
    EXPECT_EQ(temperature("one oh one five"), 101.5);
    EXPECT_EQ(temperature("thirty nine"), 102.2);
    EXPECT_EQ(temperature("a hundred point four"), 100.4);
    EXPECT_EQ(temperature("ninety nine five"), 99.5);
    EXPECT_EQ(temperature("38 point 5"), 101.3);
}

TEST(Temperature, KeepsTheHighestThatIsCurrentAndTheirOwn) {
    EXPECT_EQ(temperature("a hundred and one last night, ninety nine this morning"), 101.0);
    EXPECT_EQ(temperature("It was 101 in the hospital but it's been normal since"), std::nullopt);
    EXPECT_EQ(temperature("My daughter had a fever of 102 but not me"), std::nullopt);
    EXPECT_EQ(temperature("I took two pills at eight"), std::nullopt);
}

TEST(Assertion, WhatIsDeniedPastSupposedOrAnothersRaisesNothing) {
    EXPECT_TRUE(quiet("wound", "It's not red, not swollen, not draining."));
    EXPECT_TRUE(quiet("wound", "it was red last week but it cleared up"));
    EXPECT_TRUE(quiet("breathing", "They told me to call if I have chest pain"));
    EXPECT_TRUE(quiet("wound", "my neighbor's cut got infected but mine's okay"));
    EXPECT_TRUE(quiet("mobility", "I fell down two years ago"));
    EXPECT_TRUE(quiet("wound", "they took the staples out on Monday and it looks good"));
}

TEST(Assertion, WhatComesOutOfTheWoundIsNotTheAnaesthesia) {
    EXPECT_FALSE(quiet("wound", "There is pus coming out of it."));
    EXPECT_FALSE(quiet("wound", "Yellow pus came out of it this morning."));
    EXPECT_FALSE(quiet("wound", "There is blood coming out of it."));
    EXPECT_TRUE(quiet("breathing", "My chest was tight when I came out of it in recovery, but that is gone."));
}

TEST(Assertion, ANoThatAnswersDeniesNothingAfterIt) {
    EXPECT_FALSE(quiet("breathing", "No. Well, my chest has been hurting a little"));
    EXPECT_FALSE(quiet("wound", "No drainage except some yellow thick stuff"));
    EXPECT_FALSE(quiet("breathing", "no shortness of breath but my heart flutters"));
}

TEST(Assertion, ADenialMisheardOverThePhoneIsStillADenial) {
    EXPECT_TRUE(read("mobility", "I do my laps with a walker, have it fallen.").alerts.empty());
    EXPECT_FALSE(read("mobility", "I have fallen.").alerts.empty());
    EXPECT_TRUE(read("breathing", "No chest pain, breathing spine, legs are fine.").alerts.empty());
}

TEST(Emergency, IsFoundInEverydayWords) {
    for (const char* words :
         {"I feel like an elephant is sitting on my chest", "can't breathe lying flat", "my lips are turning blue",
          "spitting up blood", "my leg is swollen and red down by the calf", "she's confused and slurring her words",
          "I have a charley horse in my calf that won't quit"}) {
        EXPECT_TRUE(severity(read("breathing", words), AlertType::emergency)) << words;
    }
    EXPECT_EQ(severity(read("concerns", "I'd be better off dead"), AlertType::emergency), Severity::critical);
}

TEST(Emergency, ABareYesToTheBreathingQuestionCounts) {
    const Understanding understood = read("breathing", "Mm-hm.");
    EXPECT_TRUE(severity(understood, AlertType::emergency));
    EXPECT_TRUE(understood.unclear);
    EXPECT_EQ(understood.yes_no, true);
}

TEST(Alerts, CarryRuleVersionOffsetAndTheWordsAsHeard) {
    UtteranceContext context;
    context.question = "wound";
    context.audio_ms = 4200;
    const Understanding understood = shipped_reader().read("Well, there's Thick, YELLOW puss on it.", context);
    ASSERT_EQ(understood.alerts.size(), 1U);
    EXPECT_EQ(understood.alerts[0].evidence, (Evidence{"Thick, YELLOW puss", 4200, "W1", 2}));
}

TEST(Alerts, AScoreRisingOverTwoCallsIsWorthALook) {
    UtteranceContext context;
    context.question = "pain_score";
    context.prior_pain_scores = {3, 4};
    EXPECT_EQ(severity(shipped_reader().read("a five", context), AlertType::high_pain), Severity::moderate);
    context.prior_pain_scores = {5, 4};
    EXPECT_TRUE(shipped_reader().read("a five", context).alerts.empty());
}

TEST(Alerts, ThePatientsOwnMedicinesCount) {
    UtteranceContext context;
    context.question = "medication";
    context.medications = {"Apixaban"};
    const Understanding ibuprofen = shipped_reader().read("I took some Advil for the swelling", context);
    EXPECT_EQ(severity(ibuprofen, AlertType::medication_issue), Severity::moderate);
    const Understanding stopped = shipped_reader().read("I stopped the blood thinner on Friday", context);
    EXPECT_EQ(std::get<Words>(stopped.facts.at("meds_missed")), Words{"apixaban"});
}

TEST(Wishes, AreHeard) {
    EXPECT_EQ(read("wound", "Could you repeat the question?").wish, Wish::repeat);
    EXPECT_EQ(read("wound", "Slow down please").wish, Wish::slower);
    EXPECT_EQ(read("identity", "Who is this?").wish, Wish::who_is_this);
    EXPECT_EQ(read("wound", "I want a real person right now").wish, Wish::talk_to_person);
    EXPECT_EQ(read("wound", "Can you call me back later?").wish, Wish::call_later);
    EXPECT_EQ(read("consent", "No! Take me off the list, quit calling.").wish, Wish::stop_calling);
    EXPECT_EQ(read("identity", "No, nobody by that name. Wrong number.").wish, Wish::wrong_person);
    EXPECT_EQ(read("wound", "It's dry.").wish, Wish::none);
}

TEST(Consent, IsTrueOrFalseOnlyWhenClear) {
    EXPECT_EQ(read("consent", "No, that's fine, go ahead.").consent, true);
    EXPECT_EQ(read("consent", "I don't mind").consent, true);
    EXPECT_EQ(read("consent", "yeah no I don't want that").consent, false);
    EXPECT_EQ(read("consent", "maybe").consent, std::nullopt);
    EXPECT_EQ(read("consent", "why do you need to record it?").consent, std::nullopt);
    EXPECT_EQ(read("wound", "Yes.").consent, std::nullopt);
}

TEST(Unclear, NoSpeechIsNoAnswer) {
    for (const char* words :
         {"", "[BLANK_AUDIO]", "(music)", "Thank you for watching.", "the the the the", "...", "um"}) {
        const Understanding understood = read("wound", words);
        EXPECT_TRUE(understood.unclear) << words;
        EXPECT_TRUE(understood.alerts.empty()) << words;
    }
    EXPECT_TRUE(read("concerns", "I don't want to talk about it.").declined);
}

TEST(Reader, SurvivesHostileText) {
    std::string wall;
    for (int i = 0; i < 3000; ++i) wall += "calf swollen not chest pain 7 out of ten ";
    EXPECT_FALSE(read("open", wall).alerts.empty());
    read("pain_score", std::string(20'000, '7'));
    read("fever", std::string(20'000, '\xff'));
    read("fever", std::string("a\0b[(*<", 7));
}

}  // namespace
}  // namespace carevoice::domain
