#include "speech/listener.h"

#include "unit/speech/listener_fixture.h"

#include <gmock/gmock.h>

namespace carevoice::speech {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing_support::FakeEngine;
using testing_support::ListenerTest;

TEST_F(ListenerTest, HearsAnAnswer) {
    start();
    be_silent(500);
    speak(600);
    EXPECT_TRUE(listener_->speaking());
    be_silent(1'000);
    EXPECT_FALSE(listener_->speaking());
    ASSERT_EQ(heard_.size(), 2U);
    EXPECT_NEAR(static_cast<double>(std::get<SpeechStarted>(heard_[0]).audio_ms), 500, 40);
    const auto utterance = std::get<Utterance>(heard_[1]);
    EXPECT_EQ(utterance.text, "Yes.");
    EXPECT_DOUBLE_EQ(utterance.confidence, 0.9);
    EXPECT_NEAR(static_cast<double>(utterance.start_ms), 500, 40);
    EXPECT_NEAR(static_cast<double>(utterance.end_ms), 1'100, 40);
    EXPECT_FALSE(utterance.cut_off || utterance.failed);
    EXPECT_NE(utterance.speech_ended, SteadyTime{});
    ASSERT_EQ(engine_.clips.size(), 1U) << "one speculative decode is enough";
    EXPECT_NEAR(static_cast<double>(engine_.clips[0]), 400 + 600 + 200, 60) << "with the pre-roll";
    EXPECT_EQ(listener_->audio_ms(), 2'100);
}

TEST_F(ListenerTest, WaitsAsLongAsTheWordsSuggest) {
    start();
    for (const auto& [text, wait] : std::vector<std::pair<std::string, double>>{{"Yes.", 300},
                                                                                {"It hurts when I bend it.", 500},
                                                                                {"It hurts and", 1'500},
                                                                                {"", 1'000},
                                                                                {"Hold on.", 3'500}}) {
        engine_.always(text);
        heard_.clear();
        speak(500);
        be_silent(5'000);
        ASSERT_EQ(utterances().size(), 1U) << text;
        EXPECT_NEAR(static_cast<double>(last_time() - utterances()[0].end_ms), wait, 40) << text;
    }
}

TEST_F(ListenerTest, RedFlagWordsDoNotWait) {
    engine_.always("I have chest pain and");
    start();
    speak(500);
    be_silent(1'000);
    ASSERT_EQ(utterances().size(), 1U);
    EXPECT_NEAR(static_cast<double>(last_time() - utterances()[0].end_ms), 200, 40);
}

TEST_F(ListenerTest, SpeechInTheWaitIsMergedAndDecodedAgain) {
    engine_.answer = [](std::size_t number) { return FakeEngine::said(number == 1 ? "It hurts" : "It hurts a lot."); };
    start();
    be_silent(500);
    speak(600);
    be_silent(400);
    speak(600);
    be_silent(1'000);
    EXPECT_THAT(texts(), ElementsAre("It hurts a lot."));
    ASSERT_EQ(engine_.clips.size(), 2U);
    EXPECT_NEAR(static_cast<double>(engine_.clips[1]), 400 + 600 + 400 + 600 + 200, 60);
    EXPECT_NEAR(static_cast<double>(utterances()[0].end_ms), 2'100, 40);
}

TEST_F(ListenerTest, AClickInThePauseDoesNotThrowTheAnswerAway) {
    engine_.always("It is better than it was.");
    start();
    speak(600);
    be_silent(300);
    speak(20);
    be_silent(600);
    EXPECT_THAT(texts(), ElementsAre("It is better than it was."));
    EXPECT_EQ(engine_.clips.size(), 1U);
}

TEST_F(ListenerTest, NeverHasTwoDecodesUnderWay) {
    engine_.hold = true;
    start();
    for (int i = 0; i < 4; ++i) {
        speak(300);
        be_silent(250);
    }
    EXPECT_EQ(engine_.clips.size(), 4U);
    EXPECT_EQ(engine_.most_live, 1U);
    engine_.release();
    settle();
    be_silent(300);
    EXPECT_THAT(texts(), ElementsAre("Yes."));
}

TEST_F(ListenerTest, ASlowDecodeIsReleasedWhenItComes) {
    engine_.hold = true;
    start();
    speak(500);
    be_silent(2'000);
    EXPECT_TRUE(utterances().empty());
    EXPECT_TRUE(listener_->speaking());
    engine_.release();
    settle();
    EXPECT_THAT(texts(), ElementsAre("Yes.")) << "without waiting for another frame";
}

TEST_F(ListenerTest, IgnoresClicksAndHearsALoneNo) {
    engine_.always("No.");
    start();
    be_silent(300);
    speak(40);
    be_silent(1'000);
    EXPECT_TRUE(heard_.empty());
    speak(120);
    be_silent(1'000);
    EXPECT_THAT(texts(), ElementsAre("No."));
}

TEST_F(ListenerTest, BorrowsADetectorOnlyWhileThereIsSomethingToHear) {
    start();
    be_silent(60'000);
    EXPECT_EQ(detectors_.borrowed, 0);
    speak(500);
    EXPECT_EQ(detectors_.out, 1);
    be_silent(2'000);
    EXPECT_EQ(detectors_.out, 0);
}

TEST_F(ListenerTest, TheEnergyGateDecidesWhenAllDetectorsAreOut) {
    detectors_.exhausted = true;
    start();
    be_silent(500);
    speak(600);
    be_silent(1'000);
    EXPECT_THAT(texts(), ElementsAre("Yes."));
}

TEST_F(ListenerTest, TakesFramesOfAnyLength) {
    for (const std::size_t frame : {std::size_t{7}, std::size_t{160}, std::size_t{1'111}}) {
        frame_ = frame;
        heard_.clear();
        start();
        be_silent(500);
        speak(600);
        be_silent(1'000);
        ASSERT_THAT(texts(), ElementsAre("Yes.")) << frame;
        EXPECT_NEAR(static_cast<double>(utterances()[0].end_ms), 1'100, 40) << frame;
        drive(listener_->stop());
    }
}

TEST_F(ListenerTest, ReportsPartialsOfLongSpeech) {
    engine_.always("It started on Monday.");
    start();
    speak(7'000);
    const auto partials = all<PartialText>();
    ASSERT_EQ(partials.size(), 2U) << "after 4 s and 6 s";
    EXPECT_EQ(partials[0].text, "It started on Monday.");
    EXPECT_EQ(partials[0].start_ms, std::get<SpeechStarted>(heard_[0]).audio_ms);
    be_silent(1'000);
    EXPECT_EQ(utterances().size(), 1U);
}

TEST_F(ListenerTest, ARedFlagInAPartialEndsTheTurnAndKeepsTheRest) {
    engine_.answer = [](std::size_t number) {
        return FakeEngine::said(number == 1 ? "My chest hurts so much." : "And my arm too.");
    };
    start();
    speak(4'100);
    ASSERT_THAT(texts(), ElementsAre("My chest hurts so much."));
    EXPECT_NEAR(static_cast<double>(utterances()[0].end_ms), 4'000, 60);
    speak(1'000);
    be_silent(1'000);
    EXPECT_THAT(texts(), ElementsAre("My chest hurts so much.", "And my arm too."));
    EXPECT_NEAR(static_cast<double>(utterances()[1].start_ms), 4'000, 60);
    EXPECT_NEAR(static_cast<double>(engine_.clips.back()), 1'100 + 200, 80);
}

TEST_F(ListenerTest, CutsEndlessSpeech) {
    engine_.answer = [](std::size_t number) { return FakeEngine::said("Part " + std::to_string(number) + " of it."); };
    options_.partial_every = 60s;
    start();
    speak(60'000);
    be_silent(1'000);
    EXPECT_EQ(utterances().size(), 3U);
    for (const std::size_t clip : engine_.clips) EXPECT_LE(clip, 25'100U);
    std::int64_t end = 0;
    for (const auto& utterance : utterances()) {
        EXPECT_GE(utterance.start_ms, end);
        EXPECT_LE(utterance.start_ms - end, 150);
        end = utterance.end_ms;
    }
}

TEST_F(ListenerTest, KeepsTheOrderOfSpeech) {
    engine_.answer = [](std::size_t number) { return FakeEngine::said("Answer " + std::to_string(number) + "."); };
    options_.utterance_max = 3s;
    engine_.hold = true;
    start();
    speak(3'500);  // is cut while its decode is held
    engine_.hold = false;
    be_silent(2'000);
    EXPECT_TRUE(utterances().empty());
    engine_.release();
    settle();
    EXPECT_THAT(texts(), ElementsAre("Answer 1.", "Answer 2."));
}

TEST_F(ListenerTest, MissingAudioIsSilence) {
    start();
    be_silent(400);
    speak(600);
    const std::vector<std::uint8_t> frame(160, audio::mulaw_silence);
    listener_->accept(frame, 5'000);
    settle();
    ASSERT_THAT(texts(), ElementsAre("Yes."));
    EXPECT_NEAR(static_cast<double>(utterances()[0].end_ms), 1'000, 40);
    EXPECT_EQ(listener_->audio_ms(), 6'020);
    listener_->accept(frame, 1'000'000'000'000ULL);  // a day at most
    speak(600);
    be_silent(1'000);
    EXPECT_EQ(utterances().size(), 2U);
}

TEST_F(ListenerTest, AGapWithinAnUtteranceIsShortForTheDecoder) {
    engine_.always("Let me think.");
    start();
    be_silent(400);
    speak(600);
    const std::vector<std::uint8_t> frame(160, audio::mulaw_silence);
    listener_->accept(frame, 3'000);
    settle();
    EXPECT_TRUE(utterances().empty()) << "thinking takes 3.5 s";
    speak(600);
    be_silent(5'000);
    ASSERT_EQ(utterances().size(), 1U);
    EXPECT_NEAR(static_cast<double>(utterances()[0].end_ms), 400 + 600 + 3'000 + 20 + 600, 50);
    EXPECT_NEAR(static_cast<double>(engine_.clips.back()), 400 + 600 + 1'000 + 20 + 600 + 200, 80);
}

TEST_F(ListenerTest, ReportsAnEngineThatFails) {
    engine_.answer = [](std::size_t) -> Result<Transcription> { return Error{Errc::timed_out, "too slow"}; };
    start();
    speak(600);
    be_silent(2'000);
    ASSERT_EQ(utterances().size(), 1U);
    EXPECT_TRUE(utterances()[0].failed);
    EXPECT_EQ(utterances()[0].text, "");
}

TEST_F(ListenerTest, TriesAgainWhenTheEnginesQueueIsFull) {
    engine_.answer = [](std::size_t number) -> Result<Transcription> {
        if (number == 1) return Error{Errc::unavailable, "the queue is full"};
        return FakeEngine::said("Yes.");
    };
    start();
    speak(600);
    be_silent(2'000);
    drive(listener_->settled());
    EXPECT_THAT(texts(), ElementsAre("Yes."));
}

TEST_F(ListenerTest, FinishTranscribesWhatWasSaidInMidSentence) {
    engine_.always("I was about to");
    engine_.hold = true;
    start();
    be_silent(300);
    speak(700);
    auto finished = testing_support::asio::co_spawn(context_, listener_->finish(), testing_support::asio::use_future);
    settle();
    EXPECT_TRUE(utterances().empty());
    engine_.release();
    settle();
    finished.get();
    ASSERT_THAT(texts(), ElementsAre("I was about to"));
    EXPECT_TRUE(utterances()[0].cut_off);
    speak(700);
    EXPECT_EQ(engine_.clips.size(), 1U) << "what comes later is ignored";
}

TEST_F(ListenerTest, FinishKeepsASpeculativeResultAndEndsAtOnceInSilence) {
    engine_.always("It hurts a little bit today");
    start();
    speak(700);
    be_silent(400);
    drive(listener_->finish());
    ASSERT_THAT(texts(), ElementsAre("It hurts a little bit today"));
    EXPECT_FALSE(utterances()[0].cut_off);
    EXPECT_EQ(engine_.clips.size(), 1U);
    drive(listener_->finish());
    EXPECT_EQ(utterances().size(), 1U);
}

TEST_F(ListenerTest, FinishBelievesAShortWord) {
    start();
    be_silent(300);
    speak(90);
    drive(listener_->finish());
    EXPECT_EQ(utterances().size(), 1U);
}

TEST_F(ListenerTest, StopDropsWhatIsPending) {
    engine_.hold = true;
    start();
    speak(700);
    be_silent(500);
    drive(listener_->stop());
    EXPECT_TRUE(utterances().empty());
    EXPECT_FALSE(listener_->speaking());
}

TEST_F(ListenerTest, AStreamThatStallsInMidUtteranceCountsAsSilent) {
    options_.stall_after = 5ms;
    start();
    speak(600);
    context_.restart();
    context_.run();  // ends with the stall watch, once the utterance is over
    EXPECT_THAT(texts(), ElementsAre("Yes."));
    EXPECT_LE(listener_->audio_ms(), 600) << "the audio clock does not run meanwhile";
}

TEST_F(ListenerTest, UsesTheExpectationAndPromptOfTheQuestion) {
    engine_.always("Ruth Albrecht.");
    start();
    listener_->expect(Expectation::name_and_date, "Ruth Albrecht");
    speak(600);
    be_silent(1'200);
    EXPECT_TRUE(utterances().empty()) << "the date of birth is to come";
    be_silent(500);
    EXPECT_THAT(texts(), ElementsAre("Ruth Albrecht."));
    EXPECT_EQ(engine_.prompts.back(), "Ruth Albrecht");
    listener_->expect(Expectation::yes_no, "");
    speak(600);
    be_silent(600);
    EXPECT_EQ(engine_.prompts.back(), "");
}

}  // namespace
}  // namespace carevoice::speech
