#include "domain/dialogue.h"

#include "core/text.h"
#include "unit/domain/dialogue_fixture.h"

#include <algorithm>
#include <set>

namespace carevoice::domain::test {
namespace {

using Kind = DialogueEventKind;

bool contains(std::string_view text, std::string_view piece) {
    return to_lower_ascii(text).find(to_lower_ascii(piece)) != std::string::npos;
}

bool has_alert(const PlayedCall& call, AlertType type) {
    return std::ranges::any_of(call.alerts, [&](const RaisedAlert& alert) { return alert.type == type; });
}

TEST(DialogueLoad, RefusesBrokenFilesByName) {
    for (const auto* name : {"followup.json", "enrollment.json", "education.json", "wording.json"}) {
        for (const std::string_view broken : {"", "[]", "{", R"({"version":1})", R"({"version":1,"surprise":true})"}) {
            auto files = protocol_files();
            files[name] = broken;
            const auto loaded = Dialogue::load(files, real_reader());
            ASSERT_FALSE(loaded);
            EXPECT_EQ(loaded.error().code, Errc::corrupt);
            EXPECT_TRUE(contains(loaded.error().detail, name)) << loaded.error().detail;
        }
        auto files = protocol_files();
        files.erase(name);
        EXPECT_FALSE(Dialogue::load(files, real_reader()));
    }
}

TEST(DialogueLoad, FindsAMisspeltMember) {
    auto files = protocol_files();
    std::string spoiled(files["followup.json"]);
    spoiled.replace(spoiled.find("\"patience_ms\""), 13, "\"patience_sm\"");
    files["followup.json"] = spoiled;
    const auto loaded = Dialogue::load(files, real_reader());
    ASSERT_FALSE(loaded);
    EXPECT_TRUE(contains(loaded.error().detail, "patience_sm")) << loaded.error().detail;
}

TEST(Opening, GreetsWithoutAWordOfHealth) {
    PlayedCall call;
    const auto& move = call.start();
    EXPECT_TRUE(contains(move.speak, "Riverside Hospital"));
    EXPECT_TRUE(contains(move.speak, "automated"));
    EXPECT_TRUE(contains(move.speak, "Ruth"));
    EXPECT_FALSE(contains(move.speak, "Albrecht"));
    EXPECT_EQ(move.topic, "identity");
}

TEST(Identity, IsGivenInPiecesAndRememberedBetweenTries) {
    PlayedCall call;
    call.start();
    EXPECT_TRUE(contains(call.say("Yes, speaking.").speak, "date of birth"));
    const auto& second = call.say("My birthday is March fourteenth, fifty-seven.");
    EXPECT_TRUE(contains(second.speak, "name"));
    EXPECT_FALSE(contains(second.speak, "knee"));
    EXPECT_EQ(call.say("Ruth Albrecht").topic, "consent");
    EXPECT_TRUE(contains(call.said, "knee"));
}

TEST(Identity, FailsPolitelyWithoutHealthContent) {
    PlayedCall call;
    call.start();
    call.say("Yes.");
    call.say("Ruth Albrecht, April second, sixty-three.");
    call.say("April second, sixty-three.");
    EXPECT_TRUE(call.last.move.end_call);
    EXPECT_FALSE(call.state.identity_verified);
    for (const auto* word : {"knee", "surg", "operation", "pain", "medic"}) EXPECT_FALSE(contains(call.said, word));
    EXPECT_TRUE(call.state.outcome == CallOutcome::partial || call.state.outcome == CallOutcome::wrong_person);
}

TEST(Identity, HelloIsToldWhoCallsAndStillHasTwoTries) {
    PlayedCall call;
    call.start();
    EXPECT_TRUE(contains(call.say("Hello?").speak, "May I speak with Ruth"));
    EXPECT_TRUE(contains(call.say("Who is this?").speak, "Riverside Hospital"));
    call.say("Yes, speaking.");
    call.say("mumble mumble");
    EXPECT_EQ(call.say("Ruth Albrecht, three fourteen fifty-seven.").topic, "consent");
}

TEST(Identity, MayBeKeyed) {
    PlayedCall call;
    call.start();
    call.say("Ruth Albrecht here.");
    const auto& move = call.say("mumble");
    EXPECT_EQ(move.keys, 8);
    for (const char key : std::string("0314195")) call.take(Kind::key, std::string(1, key));
    EXPECT_EQ(call.take(Kind::key, "7").topic, "consent");
}

TEST(Identity, AnotherPersonHearsNothingAndIsThanked) {
    PlayedCall call;
    call.start();
    EXPECT_TRUE(call.say("She's not home right now, this is her husband.").end_call);
    EXPECT_EQ(call.state.outcome, CallOutcome::call_later);
    EXPECT_FALSE(contains(call.said, "knee"));
}

TEST(Machine, GetsOneMessageAfterTheBeep) {
    PlayedCall call;
    call.start();
    const auto& waiting = call.say("Hi, you've reached Ruth. Leave a message after the beep.");
    EXPECT_TRUE(waiting.speak.empty());
    EXPECT_FALSE(waiting.end_call);
    const auto& message = call.take(Kind::machine, "beep");
    EXPECT_TRUE(message.end_call);
    EXPECT_TRUE(contains(message.speak, "call us back"));
    EXPECT_TRUE(contains(message.speak, "five five five"));
    EXPECT_FALSE(contains(message.speak, "Albrecht"));
    EXPECT_EQ(call.state.outcome, CallOutcome::voicemail);
}

TEST(Machine, WithoutABeepGetsTheMessageAfterSilence) {
    PlayedCall call;
    call.take(Kind::machine, "");
    EXPECT_TRUE(contains(call.take(Kind::silence).speak, "call us back"));
}

TEST(Wishes, StopCallingIsHonouredAtOnce) {
    PlayedCall call;
    call.start_verified();
    const auto& move = call.say("Stop calling me.");
    EXPECT_TRUE(move.end_call);
    EXPECT_TRUE(call.opted_out);
    ASSERT_TRUE(call.last.consents);
    EXPECT_FALSE(call.last.consents->calls);
    EXPECT_TRUE(contains(move.speak, "will not call you again"));
    EXPECT_EQ(call.state.outcome, CallOutcome::refused);
}

TEST(Wishes, RepeatSaysTheSameAgainAndNotForEver) {
    PlayedCall call;
    call.start_verified();
    const auto question = call.state.last_spoken;
    EXPECT_FALSE(question.empty());
    EXPECT_TRUE(contains(call.say("Could you repeat that?").speak, question));
    for (int i = 0; i < 30 && !call.last.move.end_call; ++i) call.say("Could you repeat that?");
    EXPECT_LE(call.state.asked["pain_score"], 3);
}

TEST(Wishes, APersonIsPromised) {
    PlayedCall call;
    call.start_verified();
    call.say("I want to talk to a real person.");
    EXPECT_TRUE(call.state.nurse_call_promised);
    EXPECT_TRUE(has_alert(call, AlertType::patient_concern));
    EXPECT_FALSE(call.last.move.end_call);
}

TEST(Consent, RefusedMeansUnrecordedNotOver) {
    PlayedCall call;
    call.start();
    call.say("Ruth Albrecht, March fourteenth, fifty-seven.");
    const auto& move = call.say("I'd rather not be recorded, thanks.");
    ASSERT_TRUE(call.last.consents);
    EXPECT_FALSE(call.last.consents->recording);
    EXPECT_FALSE(move.end_call);
    EXPECT_EQ(move.topic, "pain_score");
    EXPECT_TRUE(contains(move.speak, "911"));
}

TEST(PainScore, HighIsReadBackAndMayBeCorrected) {
    PlayedCall call;
    call.start_verified();
    EXPECT_TRUE(contains(call.say("It's an eight.").speak, "eight out of ten"));
    EXPECT_EQ(call.last.move.expects, AnswerKind::yes_no);
    call.say("No, a three.");
    EXPECT_EQ(std::get<double>(call.state.facts.at("pain_score")), 3.0);
    EXPECT_EQ(call.last.move.topic, "breathing");
}

TEST(PainScore, ConfirmedByYesTellsTheTeam) {
    PlayedCall call;
    call.start_verified();
    call.say("eight");
    const auto& move = call.say("Yes.");
    EXPECT_TRUE(contains(move.speak, "surgical team"));
    EXPECT_TRUE(has_alert(call, AlertType::high_pain));
}

TEST(PainScore, MayBeKeyed) {
    PlayedCall call;
    call.start_verified();
    call.take(Kind::key, "3");
    EXPECT_EQ(std::get<double>(call.state.facts.at("pain_score")), 3.0);
}

TEST(Topics, AreAskedInOtherWordsAndThenLeft) {
    PlayedCall call;
    call.start_verified();
    std::set<std::string> questions{call.last.move.speak};
    EXPECT_TRUE(questions.insert(call.say("mm the the").speak).second);
    EXPECT_TRUE(questions.insert(call.say("mm").speak).second);
    EXPECT_TRUE(contains(call.last.move.speak, "press"));
    call.say("uh");
    EXPECT_EQ(call.last.move.topic, "breathing");
}

TEST(Silence, IsAskedAboutTwiceThenTheCallEndsKindly) {
    PlayedCall call;
    call.start_verified();
    EXPECT_TRUE(contains(call.take(Kind::silence).speak, "still there"));
    EXPECT_TRUE(contains(call.take(Kind::silence).speak, "still there"));
    EXPECT_TRUE(call.take(Kind::silence).end_call);
    EXPECT_TRUE(contains(call.last.move.speak, "nurse will call you"));
    EXPECT_TRUE(has_alert(call, AlertType::patient_concern));
    EXPECT_EQ(call.state.outcome, CallOutcome::partial);
}

TEST(Emergency, IsAnsweredInTheSameTurn) {
    PlayedCall call;
    call.start_verified();
    const auto& move = call.say("I can't breathe. I can't catch my breath.");
    EXPECT_TRUE(contains(move.speak, "call 911"));
    EXPECT_TRUE(move.transfer_to_person);
    EXPECT_TRUE(has_alert(call, AlertType::emergency));
    EXPECT_EQ(call.state.outcome, CallOutcome::escalated);
}

TEST(Emergency, BeforeIdentityHidesTheOperation) {
    PlayedCall call;
    call.start();
    const auto& move = call.say("I can't breathe, help me.");
    EXPECT_TRUE(contains(move.speak, "911"));
    EXPECT_FALSE(contains(move.speak, "surg"));
}

TEST(Emergency, SomebodyInDespairIsNotHungUpOn) {
    PlayedCall call;
    call.start_verified();
    const auto& move = call.say("I just want to die, I can't do this anymore.");
    EXPECT_TRUE(contains(move.speak, "988"));
    EXPECT_FALSE(move.end_call);
    EXPECT_FALSE(call.say("I don't know.").end_call);
    for (int i = 0; i < 5 && !call.last.move.end_call; ++i) call.take(Kind::silence);
    EXPECT_TRUE(call.last.move.end_call);
    EXPECT_EQ(call.state.outcome, CallOutcome::escalated);
}

TEST(Emergency, AFallOnTheHeadIsOneEvenWhenAskedFor) {
    PlayedCall call;
    call.start_verified();
    for (const auto* answer : {"two", "No, none of that.", "Better.", "Dry and closed, no redness.", "No fever.",
                               "I slipped in the kitchen last night and fell."})
        call.say(answer);
    ASSERT_EQ(call.last.move.topic, "fall_head");
    const auto& move = call.say("Yes.");
    EXPECT_TRUE(contains(move.speak, "do not try to stand"));
    EXPECT_EQ(call.state.outcome, CallOutcome::escalated);
}

TEST(Closing, SendsSomebodyWithAHighAlertToTheTelephoneToday) {
    PlayedCall call;
    call.start_verified();
    for (const auto* answer :
         {"two", "No, none of that.", "Better.", "There's thick yellow pus coming out.", "No fever.",
          "Walking with the walker, no falls.", "I take everything.", "Went yesterday.", "No.", "No."})
        call.say(answer);
    EXPECT_TRUE(call.last.move.end_call);
    EXPECT_EQ(call.state.outcome, CallOutcome::completed);
    EXPECT_TRUE(contains(call.last.move.speak, "today"));
    EXPECT_TRUE(contains(call.said, "surgical team"));
    for (const auto* word : {"infect", "normal", "worry"}) EXPECT_FALSE(contains(call.turns.back(), word));
}

TEST(Closing, TimeRunsOutWithoutAWordOfHealthToAStranger) {
    PlayedCall call;
    call.start();
    const auto& move = call.take(Kind::time_is_up);
    EXPECT_TRUE(move.end_call);
    for (const auto* word : {"nurse", "surg", "knee"}) EXPECT_FALSE(contains(move.speak, word));
}

TEST(ClosedQuestion, YesWithoutDetailsIsToldToTheTeam) {
    PlayedCall call;
    call.start_verified();
    for (const auto* answer : {"two", "No, none of that.", "Better.", "mm", "mm"}) call.say(answer);
    ASSERT_EQ(call.last.move.topic, "wound");
    ASSERT_TRUE(contains(call.last.move.speak, "yes or no"));
    call.say("Yes.");
    EXPECT_TRUE(has_alert(call, AlertType::wound_problem));
    EXPECT_EQ(call.last.move.topic, "fever");
}

TEST(Overheard, WordsAreReadButAnswerNothing) {
    PlayedCall call;
    call.start_verified();
    call.say("three");
    ASSERT_EQ(call.last.move.topic, "breathing");
    const auto asked = call.state.asked;
    DialogueEvent event;
    event.text = "mm-hm okay";
    event.overheard = true;
    const auto step = real_dialogue().step(call.state, event, call.context);
    EXPECT_TRUE(step.move.speak.empty());
    EXPECT_EQ(step.move.topic, "breathing");
    EXPECT_EQ(call.state.asked, asked);
}

TEST(Hostile, EndlessTextIsOnlyHeardInPart) {
    PlayedCall call;
    call.start_verified();
    std::string text;
    while (text.size() < 200'000) text += "seven eleven nineteen fifty ";
    call.say(text);
    EXPECT_TRUE(dialogue_state_from_json(to_json(call.state)));
    EXPECT_LT(to_json(call.state).size(), 20'000U);
}

TEST(HangUp, InTheMiddleIsDropped) {
    PlayedCall call;
    call.start_verified();
    call.say("three");
    call.take(Kind::hung_up);
    EXPECT_EQ(call.state.outcome, CallOutcome::dropped);
    EXPECT_TRUE(call.last.move.speak.empty());
}

TEST(DialogueStateJson, RefusesWhatIsNoState) {
    for (const auto* text :
         {"", "null", "[]", "{}", R"({"phase":"nowhere"})", R"({"phase":"ended","asked":{"a":"b"}})",
          R"({"phase":"ended","topics":[{"topic":"a","state":"odd"}]})", R"({"phase":"ended","x":1})"}) {
        const auto state = dialogue_state_from_json(text);
        ASSERT_FALSE(state) << text;
        EXPECT_EQ(state.error().code, Errc::corrupt);
    }
}

TEST(Summary, SaysWhatCountsFirst) {
    PlayedCall call;
    call.start_verified();
    call.say("nine");
    call.say("Yes.");
    Alert alert;
    alert.type = AlertType::high_pain;
    alert.severity = Severity::urgent;
    alert.evidence = {call.alerts.front().evidence};
    const auto summary = real_dialogue().summarise(call.state, {alert}, call.context);
    EXPECT_TRUE(contains(summary, "urgent: high pain"));
    EXPECT_TRUE(contains(summary, "pain score: 9"));
    EXPECT_TRUE(contains(summary, "\"nine\""));
}

TEST(Utterances, TheEndOfALongOneIsNotLost) {
    for (const std::size_t sentences : {100U, 400U, 2000U}) {
        PlayedCall call;
        call.start_verified();
        std::string story;
        for (std::size_t i = 0; i < sentences; ++i) story += "My daughter came by and we sat in the garden. ";
        call.say(story + "And now my chest hurts and I can't breathe.");
        EXPECT_TRUE(call.state.emergency_spoken) << sentences;
    }
}

}  // namespace
}  // namespace carevoice::domain::test
