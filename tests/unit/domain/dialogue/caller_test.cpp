#include "domain/dialogue.h"

#include "core/text.h"
#include "unit/domain/dialogue_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::domain {
namespace {

using test::PlayedCall;
using ::testing::HasSubstr;
using ::testing::Not;

Patient with_caregiver(bool authorised) {
    auto patient = test::ruth();
    patient.caregiver = Caregiver{"Anna Albrecht", "+15550100300", authorised};
    return patient;
}

void expect_no_health_word(const std::string& said) {
    const auto lower = to_lower_ascii(said);
    for (const auto* word : {"knee", "surg", "operation", "replacement", "pain", "medicin", "wound", "recover"})
        EXPECT_THAT(lower, Not(HasSubstr(word)));
}

TEST(AuthorisedCaregiver, AnswersOnceThePatientIsIdentifiedTwice) {
    PlayedCall call(with_caregiver(true));
    call.start();
    EXPECT_THAT(call.say("She's asleep, this is her daughter.").speak, HasSubstr("your own name"));
    EXPECT_FALSE(call.last.move.end_call);
    EXPECT_FALSE(call.state.identity_verified);
    const auto& move = call.say("I'm Anna, and she is Ruth Albrecht, born March fourteenth, fifty-seven.");
    EXPECT_TRUE(call.state.identity_verified);
    EXPECT_TRUE(call.state.by_caregiver);
    EXPECT_THAT(move.speak, HasSubstr("Anna"));
    EXPECT_EQ(std::get<std::string>(call.state.facts.at("answered_by")), "caregiver");
    expect_no_health_word(call.said_before_identity);
}

TEST(AuthorisedCaregiver, IsNotTheOneOnRecordUnderAnotherName) {
    PlayedCall call(with_caregiver(true));
    call.start();
    call.say("This is her daughter.");
    call.say("I'm Gwendolyn, she is Ruth Pickett, born March fourteenth, fifty-seven.");
    EXPECT_FALSE(call.state.identity_verified);
    for (int i = 0; i < 4 && !call.last.move.end_call; ++i) call.say("I'm Gwendolyn.");
    EXPECT_TRUE(call.last.move.end_call);
    expect_no_health_word(call.said);
}

TEST(AuthorisedCaregiver, WhatTheySayOfHerIsThePatients) {
    PlayedCall call(with_caregiver(true));
    call.start();
    call.say("Hi, this is Anna, I'm her daughter. Ruth Albrecht, March fourteenth, fifty-seven.");
    ASSERT_TRUE(call.state.by_caregiver);
    call.say("Yes.");
    call.say("Mom has a fever of a hundred and two.");
    EXPECT_EQ(std::get<double>(call.state.facts.at("temperature_f")), 102.0);
    EXPECT_TRUE(std::ranges::any_of(call.alerts, [](const auto& a) { return a.type == AlertType::wound_problem; }));
    call.say("My mother can't breathe.");
    EXPECT_TRUE(call.state.emergency_spoken);
}

TEST(AuthorisedCaregiver, DecidesNothingForThePatientsRecord) {
    auto patient = with_caregiver(true);
    patient.consents = {true, true, true};
    PlayedCall call(patient);
    call.start();
    call.say("This is Anna, her daughter. Ruth Albrecht, March fourteenth, fifty-seven.");
    call.say("No, please don't record this.");
    ASSERT_TRUE(call.last.consents);
    EXPECT_EQ(*call.last.consents, (Consents{true, true, true}));
    EXPECT_FALSE(std::get<bool>(call.state.facts.at("consent")));
}

TEST(AuthorisedCaregiver, CannotEnrollSomebodyElse) {
    PlayedCall call(with_caregiver(true), CallType::enrollment);
    call.start();
    EXPECT_THAT(call.say("This is Anna, her daughter.").speak, HasSubstr("bring Ruth to the phone"));
}

TEST(UnauthorisedCaregiver, IsAskedToFetchThePatientAndHearsNothing) {
    PlayedCall call(with_caregiver(false));
    call.start();
    const auto& move = call.say("This is her daughter, can I help?");
    EXPECT_THAT(move.speak, HasSubstr("Ruth"));
    EXPECT_FALSE(move.end_call);
    EXPECT_GE(move.patience, std::chrono::seconds(20));
    EXPECT_THAT(call.say("Okay, hold on a second.").speak, Not(HasSubstr("date of birth")));
    call.say("Hello, this is Ruth.");
    EXPECT_THAT(call.last.move.speak, HasSubstr("date of birth"));
    call.say("March fourteenth, fifty-seven.");
    EXPECT_TRUE(call.state.identity_verified);
    EXPECT_FALSE(call.state.by_caregiver);
    expect_no_health_word(call.said_before_identity);
}

TEST(UnauthorisedCaregiver, IsNoProofOfThePatientHoweverMuchTheyKnow) {
    for (const auto& patient : {test::ruth(), with_caregiver(false)}) {
        PlayedCall call(patient);
        call.start();
        call.say("I'm her daughter Anna, she is Ruth Albrecht, born March fourteenth, fifty-seven.");
        call.say("I'm her daughter Anna. Ruth Albrecht, born March fourteenth, fifty-seven.");
        EXPECT_FALSE(call.state.identity_verified);
        EXPECT_TRUE(call.last.move.end_call);
        expect_no_health_word(call.said);
    }
}

TEST(UnauthorisedCaregiver, ReportsAnEmergencyAllTheSame) {
    PlayedCall call;
    call.start();
    EXPECT_THAT(call.say("I'm her daughter, she can't breathe and her lips are blue!").speak, HasSubstr("911"));
    EXPECT_TRUE(std::ranges::any_of(call.alerts, [](const auto& a) { return a.type == AlertType::emergency; }));
}

TEST(SomebodyTakesThePhone, AndMustGiveItBack) {
    PlayedCall call;
    call.start_verified();
    call.say("A three.");
    ASSERT_EQ(call.state.topic, "breathing");
    const auto& move = call.say("This is her husband. What do you want from my wife?");
    EXPECT_THAT(move.speak, HasSubstr("give Ruth the phone"));
    EXPECT_FALSE(call.state.identity_verified);
    expect_no_health_word(move.speak);
    call.say("It's me again, Ruth Albrecht.");
    call.say("March fourteenth, fifty-seven.");
    EXPECT_TRUE(call.state.identity_verified);
    EXPECT_EQ(call.state.topic, "breathing");
    EXPECT_LE(call.state.asked.at("breathing"), 3);
    EXPECT_EQ(std::get<double>(call.state.facts.at("pain_score")), 3.0);
}

TEST(SomebodyTakesThePhone, WhoMayAnswerGoesOn) {
    PlayedCall call(with_caregiver(true));
    call.start_verified();
    call.say("This is her daughter. She says it is a three.");
    EXPECT_TRUE(call.state.by_caregiver);
    EXPECT_EQ(call.state.topic, "breathing");
    EXPECT_EQ(std::get<double>(call.state.facts.at("pain_score")), 3.0);
}

TEST(PhoneDigits, StandForADateOfBirthThatIsRefused) {
    PlayedCall call;
    call.start();
    call.say("Yes, this is Ruth Albrecht.");
    EXPECT_THAT(call.say("I don't give that out on the phone.").speak, HasSubstr("last four digits"));
    call.say("Oh two hundred.");
    EXPECT_TRUE(call.state.identity_verified);
    EXPECT_FALSE(call.state.date_heard && call.said_before_identity.find("knee") != std::string::npos);
}

TEST(PhoneDigits, AreOfferedWhenTheDateFailed) {
    PlayedCall call;
    call.start();
    call.say("Ruth Albrecht.");
    EXPECT_THAT(call.say("April second, sixty-three.").speak, HasSubstr("last four digits"));
    EXPECT_EQ(call.last.move.keys, 8);
    for (const char key : std::string("020")) call.take(DialogueEventKind::key, std::string(1, key));
    EXPECT_FALSE(call.state.identity_verified);
    call.take(DialogueEventKind::key, "0");
    EXPECT_TRUE(call.state.identity_verified);
}

TEST(PhoneDigits, DoNotCountUnlessAskedForNorWhenTheyAreWrong) {
    PlayedCall unasked;
    unasked.start();
    unasked.say("Ruth Albrecht, zero two zero zero.");
    EXPECT_FALSE(unasked.state.identity_verified);
    PlayedCall wrong;
    wrong.start();
    wrong.say("Ruth Albrecht.");
    wrong.say("I'd rather not say.");
    wrong.say("One two three four.");
    EXPECT_FALSE(wrong.state.identity_verified);
    wrong.say("Five six seven eight.");
    EXPECT_TRUE(wrong.last.move.end_call);
    expect_no_health_word(wrong.said);
}

}  // namespace
}  // namespace carevoice::domain
