#include "simulator/twiml_document.h"

#include <gtest/gtest.h>

namespace carevoice::simulator {
namespace {

int refusal_of(std::string_view xml) {
    const auto verbs = parse_twiml(xml);
    return verbs ? 0 : verbs.error().provider_code;
}

TEST(TwimlDocument, ReadsVerbsInOrder) {
    const auto verbs = parse_twiml(R"(<?xml version="1.0" encoding="UTF-8"?><Response>
        <Say voice="Polly.Joanna">Tom &amp; Ann <break/>here</Say><Pause length="3"/><Redirect>/next</Redirect>
        <Gather input="speech dtmf" numDigits="2" timeout="7" speechTimeout="2"><Say>Pain?</Say></Gather><Hangup/>
        </Response>)");
    ASSERT_TRUE(verbs);
    ASSERT_EQ(verbs->size(), 5U);
    EXPECT_EQ(std::get<SayVerb>((*verbs)[0]).text, "Tom & Ann here");
    EXPECT_EQ(std::get<PauseVerb>((*verbs)[1]).length, milliseconds{3000});
    EXPECT_EQ(std::get<RedirectVerb>((*verbs)[2]).url, "/next");
    const auto& gather = std::get<GatherVerb>((*verbs)[3]);
    EXPECT_TRUE(gather.speech && gather.dtmf);
    EXPECT_EQ(gather.num_digits, 2);
    EXPECT_EQ(gather.timeout, milliseconds{7000});
    EXPECT_EQ(gather.speech_timeout, milliseconds{2000});
    EXPECT_EQ(gather.prompts.size(), 1U);
}

TEST(TwimlDocument, ReadsStreams) {
    const auto verbs = parse_twiml(R"(<Response><Start><Stream name="a" url="wss://x.example/audio">
        <Parameter name="token" value="t"/></Stream></Start><Stop><Stream name="a"/></Stop>
        <Connect action="/after"><Stream url="wss://x.example/audio"/></Connect></Response>)");
    ASSERT_TRUE(verbs);
    EXPECT_EQ(std::get<StartStreamVerb>((*verbs)[0]).stream.parameters.front().second, "t");
    EXPECT_EQ(std::get<StopStreamVerb>((*verbs)[1]).name, "a");
    EXPECT_EQ(std::get<ConnectStreamVerb>((*verbs)[2]).action, "/after");
}

TEST(TwimlDocument, RefusesWithTwiliosNumbers) {
    EXPECT_EQ(refusal_of(""), 11770);
    EXPECT_EQ(refusal_of("<Response><Say>a & b</Say"), 12100);
    EXPECT_EQ(refusal_of("<Answer/>"), 12101);
    EXPECT_EQ(refusal_of("<Response><Sing>la</Sing></Response>"), 12200);
    EXPECT_EQ(refusal_of("<Response><Pause length=\"0\"/></Response>"), 12200);
    EXPECT_EQ(refusal_of("<Response><Say></Say></Response>"), 13520);
    EXPECT_EQ(refusal_of("<Response><Start><Stream url=\"https://x\"/></Start></Response>"), 31922);
    EXPECT_EQ(refusal_of("<Response><Start><Stream url=\"wss://x/a?b=c\"/></Start></Response>"), 31920);
    EXPECT_EQ(refusal_of("<Response><Connect><Stream url=\"wss://x/a\" track=\"both_tracks\"/></Connect></Response>"),
              31941);
    EXPECT_EQ(refusal_of(std::string(70'000, ' ')), 11750);
}

TEST(TwimlDocument, ResolvesRelativeUrls) {
    EXPECT_EQ(resolve_url("http://h:1/a/b?x=1", ""), "http://h:1/a/b?x=1");
    EXPECT_EQ(resolve_url("http://h:1/a/b?x=1", "/c"), "http://h:1/c");
    EXPECT_EQ(resolve_url("http://h:1/a/b?x=1", "c"), "http://h:1/a/c");
    EXPECT_EQ(resolve_url("http://h:1/a/b", "https://o/c"), "https://o/c");
}

}  // namespace
}  // namespace carevoice::simulator
