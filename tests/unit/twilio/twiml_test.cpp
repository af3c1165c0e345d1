#include "twilio/twiml.h"

#include "core/text.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

namespace carevoice::twilio {
namespace {

/// Parses the document back, as Twilio does.
pugi::xml_node response_of(pugi::xml_document& document, const TwiML& twiml) {
    const std::string text = twiml.xml().value();
    EXPECT_TRUE(text.starts_with(R"(<?xml version="1.0" encoding="UTF-8"?>)")) << text.substr(0, 60);
    const auto parsed = document.load_string(text.c_str());
    EXPECT_TRUE(parsed) << parsed.description();
    return document.child("Response");
}

TEST(TwiMLTest, SaysWithTheVoiceThenGoesOn) {
    TwiML twiml;
    twiml.say("Hello.").pause(2).redirect("https://voice.example.org/a?b=1&c=2").hangup();
    EXPECT_EQ(twiml.xml().value(),
              R"(<?xml version="1.0" encoding="UTF-8"?><Response>)"
              R"(<Say voice="Polly.Joanna-Neural" language="en-US">Hello.</Say><Pause length="2"/>)"
              R"(<Redirect method="POST">https://voice.example.org/a?b=1&amp;c=2</Redirect><Hangup/></Response>)");
}

TEST(TwiMLTest, EscapesWhateverIsSaid) {
    const std::string hostile = R"(5 < 6 & "7" > 'x' </Say><Hangup/> ]]> <!-- é 漢 -->)";
    TwiML twiml;
    twiml.say(hostile).gather({.action_url = hostile, .hints = hostile}, hostile);
    pugi::xml_document document;
    const auto response = response_of(document, twiml);
    EXPECT_EQ(response.child("Say").text().get(), hostile);
    EXPECT_EQ(response.child("Gather").attribute("action").value(), hostile);
    EXPECT_FALSE(response.child("Hangup"));
}

TEST(TwiMLTest, LeavesOutWhatXmlCannotCarry) {
    TwiML twiml({.voice = "", .language = ""});
    twiml.say(std::string("a\x01\x1F\0b\xFF\xC3\xEF\xBF\xBEz\x7F é", 15));
    pugi::xml_document document;
    EXPECT_STREQ(response_of(document, twiml).child("Say").text().get(), "abz é");
}

TEST(TwiMLTest, SaysNothingForBlankText) {
    TwiML twiml;
    twiml.say("").say(" \n\t ").say("\x01");
    pugi::xml_document document;
    EXPECT_FALSE(response_of(document, twiml).first_child());
}

TEST(TwiMLTest, CutsLongTextAtSentences) {
    std::string text;
    while (text.size() < 10'000) text += "This is sentence number " + std::to_string(text.size()) + ". ";
    TwiML twiml;
    twiml.say(text);
    pugi::xml_document document;
    std::string joined;
    int verbs = 0;
    for (const auto say : response_of(document, twiml).children("Say")) {
        const std::string piece = say.text().get();
        EXPECT_LE(piece.size(), 4'096U);
        EXPECT_TRUE(piece.ends_with('.'));
        joined += piece + " ";
        ++verbs;
    }
    EXPECT_EQ(verbs, 3);
    EXPECT_EQ(joined, text);
}

TEST(TwiMLTest, CutsTextWithoutSentencesBetweenWordsOrCharacters) {
    for (const std::string& unit : {std::string("word "), std::string("é"), std::string("漢"), std::string("x")}) {
        std::string text;
        while (text.size() < 9'000) text += unit;
        TwiML twiml;
        twiml.say(text);
        pugi::xml_document document;
        std::size_t kept = 0;
        for (const auto say : response_of(document, twiml).children("Say")) {
            const std::string_view piece = say.text().get();
            EXPECT_LE(piece.size(), 4'096U);
            EXPECT_TRUE(is_valid_utf8(piece));
            kept += count_characters(piece) + (unit == "word " ? 1 : 0);
        }
        EXPECT_EQ(kept, count_characters(text));
    }
}

TEST(TwiMLTest, StartsAndStopsAOneWayStream) {
    TwiML twiml;
    twiml
        .start_stream("wss://voice.example.org/s/1", "patient-audio", {{"token", "a\"b"}, {"id", "42"}},
                      "https://voice.example.org/status")
        .stop_stream("patient-audio");
    pugi::xml_document document;
    const auto response = response_of(document, twiml);
    const auto stream = response.child("Start").child("Stream");
    EXPECT_STREQ(stream.attribute("url").value(), "wss://voice.example.org/s/1");
    EXPECT_STREQ(stream.attribute("name").value(), "patient-audio");
    EXPECT_STREQ(stream.attribute("track").value(), "inbound_track");
    EXPECT_STREQ(stream.attribute("statusCallback").value(), "https://voice.example.org/status");
    EXPECT_STREQ(stream.child("Parameter").attribute("name").value(), "token");
    EXPECT_STREQ(stream.child("Parameter").attribute("value").value(), "a\"b");
    EXPECT_STREQ(response.child("Stop").child("Stream").attribute("name").value(), "patient-audio");
}

TEST(TwiMLTest, ConnectsATwoWayStream) {
    TwiML twiml;
    twiml.connect_stream("wss://voice.example.org/s/1", {}, "").hangup();
    EXPECT_EQ(twiml.xml().value(), R"(<?xml version="1.0" encoding="UTF-8"?><Response><Connect>)"
                                   R"(<Stream url="wss://voice.example.org/s/1" track="inbound_track"/></Connect>)"
                                   R"(<Hangup/></Response>)");
}

TEST(TwiMLTest, RefusesStreamsThatTwilioWouldDrop) {
    EXPECT_EQ(TwiML().connect_stream("wss://x/s?token=1", {}, "").xml().error().code, Errc::invalid_input);
    EXPECT_EQ(TwiML().connect_stream("wss://x/s", {{"n", std::string(499, 'x')}}, "").xml().error().code,
              Errc::too_large);
    EXPECT_TRUE(TwiML().connect_stream("wss://x/s", {{"n", std::string(498, 'x')}}, "").xml().has_value());
}

TEST(TwiMLTest, GathersSpeechAndKeys) {
    TwiML twiml;
    twiml.gather({.action_url = "https://voice.example.org/g", .num_digits = 2, .hints = " pain,, no pain ,x"},
                 "How much pain?");
    pugi::xml_document document;
    const auto gather = response_of(document, twiml).child("Gather");
    EXPECT_STREQ(gather.attribute("input").value(), "dtmf speech");
    EXPECT_STREQ(gather.attribute("timeout").value(), "5");
    EXPECT_STREQ(gather.attribute("speechTimeout").value(), "auto");
    EXPECT_STREQ(gather.attribute("numDigits").value(), "2");
    EXPECT_STREQ(gather.attribute("hints").value(), "pain,no pain,x");
    EXPECT_STREQ(gather.child("Say").text().get(), "How much pain?");
    TwiML keys;
    keys.gather({.action_url = "https://voice.example.org/g", .speech = false}, "");
    EXPECT_EQ(keys.xml().value().find("speech"), std::string::npos);
    EXPECT_TRUE(TwiML().gather({.speech = false, .dtmf = false}, "x").xml().has_error());
}

TEST(TwiMLTest, KeepsHintsWithinTwiliosLimits) {
    std::string hints = std::string(101, 'x');
    for (int i = 0; i < 600; ++i) hints += ",w" + std::to_string(i);
    TwiML twiml;
    twiml.gather({.action_url = "https://voice.example.org/g", .hints = hints}, "");
    pugi::xml_document document;
    const std::string kept = response_of(document, twiml).child("Gather").attribute("hints").value();
    EXPECT_TRUE(kept.starts_with("w0,w1,"));
    EXPECT_TRUE(kept.ends_with(",w499"));
}

TEST(TwiMLTest, Dials) {
    TwiML twiml;
    twiml.dial("+14155550123", "+12125550100", 20);
    EXPECT_NE(
        twiml.xml().value().find(R"(<Dial callerId="+12125550100" timeout="20"><Number>+14155550123</Number></Dial>)"),
        std::string::npos);
}

TEST(TwiMLTest, RefusesDocumentsOver64Kilobytes) {
    TwiML twiml;
    twiml.say(std::string(60'000, 'x'));
    EXPECT_TRUE(twiml.xml().has_value());
    twiml.say(std::string(6'000, 'x'));
    EXPECT_EQ(twiml.xml().error().code, Errc::too_large);
}

TEST(TwimlDelivery, IsLeftOutForVoicesWithoutSsmlAndWhereOffsetsDoNotHold) {
    const Delivery slow{.pauses = {3}, .slowly = true};
    EXPECT_EQ(TwiML({.voice = "alice", .language = ""}).say("one two", slow).xml().value().find("<break"),
              std::string::npos);
    EXPECT_EQ(TwiML().say("\x01one two", slow).xml().value().find("<break"), std::string::npos);
    EXPECT_NE(TwiML().say("one two", slow).xml().value().find("one<break"), std::string::npos);
}

}  // namespace
}  // namespace carevoice::twilio
