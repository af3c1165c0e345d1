#include "calls/reply_twiml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::HasSubstr;
using testing::Not;

CallSettings settings() {
    CallSettings made;
    made.public_origin = "https://voice.example.org";
    made.from_number = "+12125550100";
    return made;
}

domain::Move question() {
    domain::Move move;
    move.speak = "How is your pain, from 0 to 10?";
    move.expects = domain::AnswerKind::number;
    move.keys = 2;
    move.patience = milliseconds(7'500);
    return move;
}

std::string write(const domain::Move& move, Hearing hearing, std::string transfer = "") {
    static const CallSettings made = settings();
    const ReplyContext context{.settings = made,
                               .call_session_id = CallSessionId("s1"),
                               .hearing = hearing,
                               .stream_token = "secret-token",
                               .transfer_number = std::move(transfer)};
    return reply_twiml(move, context).value();
}

TEST(ReplyTwiml, StartsTheStreamBeforeTheFirstWords) {
    const auto twiml = write(question(), Hearing::start_stream);
    EXPECT_THAT(twiml, HasSubstr("wss://voice.example.org/api/v1/twilio/audio-stream/s1"));
    EXPECT_THAT(twiml, HasSubstr("secret-token"));
    EXPECT_LT(twiml.find("<Start>"), twiml.find("<Say"));
}

TEST(ReplyTwiml, ARunningStreamIsNotStartedAgain) {
    const auto twiml = write(question(), Hearing::stream_running);
    EXPECT_THAT(twiml, Not(HasSubstr("<Stream")));
    EXPECT_THAT(twiml, Not(HasSubstr("secret-token")));
}

TEST(ReplyTwiml, NeverLetsTheCallFallSilentOrEnd) {
    const auto twiml = write(question(), Hearing::stream_running);
    EXPECT_THAT(twiml, HasSubstr("<Pause length=\"8\""));
    EXPECT_THAT(twiml, HasSubstr("https://voice.example.org/api/v1/twilio/voice-webhook/s1</Redirect>"));
}

TEST(ReplyTwiml, GatherTakesSpeechAndKeysAndComesBack) {
    const auto twiml = write(question(), Hearing::gather);
    EXPECT_THAT(twiml, HasSubstr("<Gather"));
    EXPECT_THAT(twiml, HasSubstr("https://voice.example.org/api/v1/twilio/gather/s1"));
    EXPECT_THAT(twiml, HasSubstr("numDigits=\"2\""));
    EXPECT_THAT(twiml, HasSubstr("<Redirect"));
}

TEST(ReplyTwiml, EndsWithAHangUp) {
    auto move = question();
    move.end_call = true;
    const auto twiml = write(move, Hearing::gather);
    EXPECT_THAT(twiml, HasSubstr("<Hangup"));
    EXPECT_THAT(twiml, Not(HasSubstr("<Gather")));
}

TEST(ReplyTwiml, TransfersWhenThereIsSomebodyToTransferTo) {
    auto move = question();
    move.end_call = true;
    move.transfer_to_person = true;
    EXPECT_THAT(write(move, Hearing::stream_running, "+13125550111"), HasSubstr("<Number>+13125550111</Number>"));
    EXPECT_THAT(write(move, Hearing::stream_running), Not(HasSubstr("<Dial")));
}

TEST(ReplyTwiml, EscapesWords) {
    auto move = question();
    move.speak = "5 < 6 & \"more\"";
    EXPECT_THAT(write(move, Hearing::stream_running), HasSubstr("5 &lt; 6 &amp;"));
}

TEST(ReplyTwiml, PausesWhereTheWordsDo) {
    auto move = question();
    move.speak = "Thank you. How is your pain?";
    move.pauses = {10};
    EXPECT_THAT(write(move, Hearing::stream_running), HasSubstr("Thank you.<break time=\"350ms\""));
    EXPECT_THAT(write(move, Hearing::gather), HasSubstr(" How is your pain?"));
    move.pauses = {0, 5, 5, 400};
    const auto twiml = write(move, Hearing::stream_running);
    EXPECT_EQ(twiml.find("<break"), twiml.rfind("<break"));
}

TEST(ReplyTwiml, SpeaksSlowlyForWhoAskedForIt) {
    auto move = question();
    EXPECT_THAT(write(move, Hearing::gather), Not(HasSubstr("prosody")));
    move.slowly = true;
    EXPECT_THAT(write(move, Hearing::gather), HasSubstr("<prosody rate=\"80%\">How is your pain"));
    move.end_call = true;
    EXPECT_THAT(write(move, Hearing::gather), HasSubstr("<prosody"));
}

}  // namespace
}  // namespace carevoice::calls
