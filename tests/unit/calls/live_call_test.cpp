#include "calls/live_call.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::CallHouse;

/// Everything the assistant said so far, in one text.
std::string said(const CallDetails& details) {
    std::string all;
    for (const auto& turn : details.turns)
        if (turn.speaker == domain::Speaker::assistant) all += turn.text + "\n";
    return all;
}

TEST(LiveCall, TheFirstAnswerGreetsAndOpensTheStream) {
    CallHouse house;
    house.initiate();
    const auto twiml = house.voice();
    EXPECT_THAT(twiml, HasSubstr("Riverside Hospital"));
    EXPECT_THAT(twiml, HasSubstr("<Stream"));
    EXPECT_THAT(twiml, Not(HasSubstr("knee")));
    EXPECT_EQ(house.details().turns.size(), 1U);
}

TEST(LiveCall, WithoutSpeechToTextItGathers) {
    CallHouse house(false);
    house.initiate();
    const auto twiml = house.voice();
    EXPECT_THAT(twiml, HasSubstr("<Gather"));
    EXPECT_THAT(twiml, Not(HasSubstr("<Stream")));
}

TEST(LiveCall, AnOverloadedRecogniserSendsNewCallsToGather) {
    CallHouse house;
    house.engine.jobs = 100;
    house.initiate();
    EXPECT_THAT(house.voice(), HasSubstr("<Gather"));
}

TEST(LiveCall, ARepeatedWebhookGetsTheSameAnswer) {
    CallHouse house;
    house.initiate();
    const auto first = house.voice("token-1");
    EXPECT_EQ(house.voice("token-1"), first);
    EXPECT_EQ(house.details().turns.size(), 1U);
}

TEST(LiveCall, AReplayedRedirectBeforeThePatienceIsOverSaysNothingNew) {
    CallHouse house;
    house.initiate();
    house.voice("token-1");
    const auto early = house.voice("token-2");
    EXPECT_THAT(early, HasSubstr("<Pause"));
    EXPECT_THAT(early, Not(HasSubstr("<Say")));
    EXPECT_EQ(house.details().turns.size(), 1U);
}

TEST(LiveCall, AnotherCallSidIsRefused) {
    CallHouse house;
    house.initiate();
    house.voice();
    auto forged = house.webhook();
    forged.call_sid = CallSid("CAffffffffffffffffffffffffffffffff");
    EXPECT_EQ(house.run(house.service->voice(CallSessionId("s1"), forged, "")).error().code, Errc::conflict);
}

TEST(LiveCall, AnotherCallsStatusAndVerdictChangeNothing) {
    CallHouse house;
    house.initiate();
    house.voice();
    auto foreign = house.webhook("completed");
    foreign.call_sid = CallSid("CAffffffffffffffffffffffffffffffff");
    foreign.answered_by = "machine_end_beep";
    EXPECT_EQ(house.run(house.service->status(CallSessionId("s1"), foreign)).error().code, Errc::conflict);
    EXPECT_EQ(house.run(house.service->machine_verdict(CallSessionId("s1"), foreign)).error().code, Errc::conflict);
    const auto details = house.details();
    EXPECT_FALSE(domain::is_final(details.call.status));
    EXPECT_FALSE(details.call.answered_by.has_value());
    EXPECT_TRUE(house.telephony.updates.empty());
    EXPECT_TRUE(house.database->calls().events(CallSessionId("s1")).value().empty());
}

TEST(LiveCall, AWebhookForAnUnknownCallIsNotFound) {
    CallHouse house;
    EXPECT_EQ(house.run(house.service->voice(CallSessionId("nope"), house.webhook(), "")).error().code,
              Errc::not_found);
}

TEST(LiveCall, AGatheredAnswerIsUnderstoodAndStoredBeforeTheReply) {
    CallHouse house(false);
    house.initiate();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, fifty-seven.");
    const auto details = house.details();
    ASSERT_GE(details.turns.size(), 3U);
    EXPECT_EQ(details.turns[1].speaker, domain::Speaker::patient);
    EXPECT_EQ(details.facts.at("identity_verified"), domain::FactValue(true));
}

TEST(LiveCall, AMachineHearsNoHealthWord) {
    CallHouse house;
    house.initiate();
    house.voice();
    auto verdict = house.webhook();
    verdict.answered_by = "machine_end_beep";
    ASSERT_TRUE(house.run(house.service->machine_verdict(CallSessionId("s1"), verdict)).has_value());
    ASSERT_TRUE(house.until([&house] { return !house.telephony.updates.empty(); }));
    const auto details = house.details();
    for (const auto* word : {"knee", "surgery", "pain", "Albrecht", "operation"})
        EXPECT_THAT(said(details), Not(HasSubstr(word)));
    EXPECT_THAT(house.telephony.updates.back(), HasSubstr("<Hangup"));
}

TEST(LiveCall, CompletedEndsItWithAnOutcomeAndASummary) {
    CallHouse house(false);
    house.initiate();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, fifty-seven.");
    ASSERT_TRUE(house.run(house.service->status(CallSessionId("s1"), house.webhook("completed"))).has_value());
    ASSERT_TRUE(house.until_no_call_lives());
    const auto details = house.details();
    EXPECT_EQ(details.call.status, domain::CallStatus::completed);
    EXPECT_NE(details.call.outcome, domain::CallOutcome::none);
    EXPECT_FALSE(details.call.summary.empty());
    EXPECT_EQ(house.service->live_calls(), 0U);
}

TEST(LiveCall, ABusyLineHasAnOutcomeWithoutAConversation) {
    CallHouse house;
    house.initiate();
    ASSERT_TRUE(house.run(house.service->status(CallSessionId("s1"), house.webhook("busy"))).has_value());
    ASSERT_TRUE(house.until_no_call_lives());
    EXPECT_EQ(house.details().call.outcome, domain::CallOutcome::no_answer);
    EXPECT_EQ(house.service->live_calls(), 0U);
}

TEST(LiveCall, StatusCallbacksComeLateTwiceAndOutOfOrder) {
    CallHouse house;
    house.initiate();
    for (const auto* status : {"in-progress", "ringing", "completed", "initiated", "completed", "in-progress"})
        ASSERT_TRUE(house.run(house.service->status(CallSessionId("s1"), house.webhook(status))).has_value());
    ASSERT_TRUE(house.until_no_call_lives());
    EXPECT_EQ(house.details().call.status, domain::CallStatus::completed);
    EXPECT_EQ(house.service->live_calls(), 0U);
}

TEST(LiveCall, AnotherInstanceGoesOnWithTheSameQuestion) {
    CallHouse house(false);
    house.initiate();
    house.voice();
    house.gather("This is Ruth Albrecht, March fourteenth, fifty-seven.");
    const auto topic = house.details().call.current_topic;
    // A second service over the same database, as after a crash.
    calls::CallSettings settings;
    settings.public_origin = "https://voice.example.org";
    settings.from_number = "+12125550100";
    CallService other(CallServiceDeps{.executor = house.context.get_executor(),
                                      .settings = settings,
                                      .conversation = {.dialogue = house.dialogue,
                                                       .store = house.store,
                                                       .clock = house.clock,
                                                       .random = house.random,
                                                       .metrics = house.metrics},
                                      .telephony = house.telephony,
                                      .engine = nullptr,
                                      .detectors = *house.detectors});
    const auto twiml = house.run(other.voice(CallSessionId("s1"), house.webhook(), "")).value();
    EXPECT_THAT(twiml, HasSubstr("<Gather"));
    EXPECT_EQ(house.details().call.current_topic, topic);
    auto stop = [](CallService& service) -> async::Task<int> {
        co_await service.stop();
        co_return 0;
    };
    house.run(stop(other));
}

}  // namespace
}  // namespace carevoice::calls
