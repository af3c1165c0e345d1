#include "calls/call_service.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::HasSubstr;
using testing::Not;

const CallSessionId s1("s1");

/// Two instances behind one load balancer; the first is the house's own.
class CallOwners : public testing::Test {
protected:
    CallOwners() {
        house.service = house.make_service("http://a:8000");
        other = house.make_service("http://b:8000");
        house.initiate();
    }
    ~CallOwners() override { house.run(tests::CallHouse::end(*other)); }

    std::string voice(CallService& instance, std::string token) {
        return house.run(instance.voice(s1, house.webhook(), std::move(token))).value();
    }
    std::string gather(CallService& instance, std::string words) {
        auto hook = house.webhook();
        hook.speech_result = std::move(words);
        return house.run(instance.gather(s1, hook, "")).value();
    }
    std::optional<std::string> owner_seen_by(CallService& instance) {
        return house.run(instance.followed_elsewhere(s1));
    }
    std::string last_said() {
        const auto details = house.details();
        return details.turns.empty() ? std::string() : details.turns.back().text;
    }

    tests::CallHouse house;
    std::unique_ptr<CallService> other;
};

TEST_F(CallOwners, TheFirstToAnswerFollowsTheCall) {
    EXPECT_EQ(owner_seen_by(*other), std::nullopt) << "nobody does yet";
    voice(*house.service, "t1");
    EXPECT_EQ(owner_seen_by(*house.service), std::nullopt);
    EXPECT_EQ(owner_seen_by(*other), "http://a:8000");
}

TEST_F(CallOwners, AnUnknownCallIsFollowedByNobody) {
    EXPECT_EQ(house.run(other->followed_elsewhere(CallSessionId("nothing"))), std::nullopt);
}

TEST_F(CallOwners, AnotherInstanceGoesOnWithTheSameQuestion) {
    voice(*house.service, "t1");
    const auto question = last_said();
    const auto turns = house.details().turns.size();
    EXPECT_THAT(voice(*other, "t2"), HasSubstr("<Stream")) << "over a stream of its own";
    EXPECT_EQ(owner_seen_by(*house.service), std::nullopt) << "it believes so until it looks";
    EXPECT_EQ(house.details().turns.size(), turns);
    EXPECT_EQ(last_said(), question);
    gather(*other, "Ruth Albrecht, March fourteenth nineteen fifty-seven");
    EXPECT_GT(house.details().turns.size(), turns);
    EXPECT_EQ(house.details().call.owner, "http://b:8000");
}

TEST_F(CallOwners, TheOldOwnerStoresAndSaysNothingMore) {
    voice(*house.service, "t1");
    voice(*other, "t2");
    const auto turns = house.details().turns.size();
    const auto answer = gather(*house.service, "Ruth Albrecht, March fourteenth nineteen fifty-seven");
    EXPECT_THAT(answer, Not(HasSubstr("<Say")));
    EXPECT_THAT(answer, HasSubstr("<Redirect")) << "the call finds its present owner";
    EXPECT_EQ(house.details().turns.size(), turns);
}

TEST_F(CallOwners, TheOldOwnerNoticesAndLetsGo) {
    voice(*house.service, "t1");
    voice(*other, "t2");
    async::TaskGroup watch{"watch"};
    watch.spawn(house.context.get_executor(), house.service->watch_owners());
    EXPECT_TRUE(house.until([this] { return house.service->live_calls() == 0; }));
    EXPECT_EQ(other->live_calls(), 1U);
    EXPECT_EQ(owner_seen_by(*house.service), "http://b:8000");
    const auto end = [](async::TaskGroup& group) -> async::Task<int> {
        co_await group.stop();
        co_return 0;
    };
    house.run(end(watch));
}

TEST_F(CallOwners, AStreamThatEndsWithItsOwnerIsReplacedElsewhere) {
    voice(*house.service, "t1");
    ASSERT_FALSE(house.run(house.service->status(s1, house.webhook("in-progress"))).has_error());
    auto stopped = house.webhook();
    stopped.stream_event = "stream-stopped";
    ASSERT_FALSE(house.run(other->stream_status(s1, stopped)).has_error());
    EXPECT_TRUE(house.until([this] { return !house.telephony.updates.empty(); }));
    EXPECT_THAT(house.telephony.updates.back(), HasSubstr("<Stream"));
    EXPECT_THAT(house.telephony.updates.back(), HasSubstr("Riverside Hospital")) << "the pending question again";
    EXPECT_EQ(house.details().call.owner, "http://b:8000");
}

TEST_F(CallOwners, AStreamThatEndsWithItsCallIsLeftAlone) {
    voice(*house.service, "t1");
    house.run(house.service->status(s1, house.webhook("completed"))).value();
    EXPECT_TRUE(house.until_no_call_lives());
    auto stopped = house.webhook();
    stopped.stream_event = "stream-stopped";
    ASSERT_FALSE(house.run(other->stream_status(s1, stopped)).has_error());
    EXPECT_EQ(other->live_calls(), 0U);
    EXPECT_TRUE(house.telephony.updates.empty());
}

TEST_F(CallOwners, TwoWebhooksAtOnceLoadACallOnce) {
    auto first =
        async::asio::co_spawn(house.context, house.service->voice(s1, house.webhook(), "t1"), async::asio::use_future);
    auto second =
        async::asio::co_spawn(house.context, house.service->voice(s1, house.webhook(), "t1"), async::asio::use_future);
    const auto ready = [](auto& future) {
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    ASSERT_TRUE(house.until([&] { return ready(first) && ready(second); }));
    EXPECT_EQ(house.details().call.owner_epoch, 1);
    EXPECT_EQ(house.details().turns.size(), 1U);
}

TEST_F(CallOwners, ARestartedInstanceOwnsItsCallsAgain) {
    voice(*house.service, "t1");
    house.run(tests::CallHouse::end(*house.service));
    house.service = house.make_service("http://a:8000");
    EXPECT_EQ(owner_seen_by(*house.service), std::nullopt);
    EXPECT_THAT(voice(*house.service, "t2"), HasSubstr("Riverside Hospital"));
    gather(*house.service, "Ruth Albrecht, March fourteenth nineteen fifty-seven");
    EXPECT_EQ(house.details().call.owner_epoch, 2);
    EXPECT_GT(house.details().turns.size(), 2U) << "its records are not taken for those of the life before";
}

TEST_F(CallOwners, OneThatStopsGivesItsCallsFree) {
    voice(*house.service, "t1");
    const auto question = last_said();
    house.run(tests::CallHouse::end(*house.service));
    EXPECT_EQ(house.details().call.owner, "");
    EXPECT_EQ(owner_seen_by(*other), std::nullopt) << "nobody is asked in vain";
    EXPECT_THAT(voice(*other, "t2"), HasSubstr("<Stream"));
    EXPECT_EQ(last_said(), question);
    EXPECT_EQ(house.details().call.owner, "http://b:8000");
}

TEST_F(CallOwners, OneThatStopsLeavesCallsAloneThatOthersTook) {
    voice(*house.service, "t1");
    voice(*other, "t2");
    house.run(tests::CallHouse::end(*house.service));
    EXPECT_EQ(house.details().call.owner, "http://b:8000");
    house.service = house.make_service("http://a:8000");
}

TEST_F(CallOwners, WhileDrainingNoCallIsBegun) {
    house.service->drain();
    EXPECT_TRUE(house.service->is_draining());
    InitiateRequest request;
    request.patient_id = PatientId("ruth");
    request.call_session_id = CallSessionId("s2");
    EXPECT_EQ(house.run(house.service->initiate(request)).error().code, Errc::unavailable);
    EXPECT_TRUE(house.run(other->initiate(request)).has_value());
}

TEST_F(CallOwners, WhileDrainingWhatIsDueIsLeftToOthers) {
    InitiateRequest request;
    request.patient_id = PatientId("ruth");
    request.call_session_id = CallSessionId("s2");
    request.scheduled_at = house.clock.wall + std::chrono::hours(1);
    ASSERT_TRUE(house.run(house.service->initiate(request)).has_value());
    house.clock.wall += std::chrono::hours(2);
    house.run(house.service->status(s1, house.webhook("completed"))).value();
    const auto dialled = house.telephony.created.size();
    house.service->drain();
    house.run(house.service->look_at_schedule());
    EXPECT_EQ(house.telephony.created.size(), dialled);
    house.run(other->look_at_schedule());
    EXPECT_EQ(house.telephony.created.size(), dialled + 1);
}

TEST_F(CallOwners, WhileDrainingLiveCallsGoOnAndNewAnswersAreSentToOthers) {
    house.service->drain();
    for (const auto* token : {"t1", "t2"}) {
        const auto answer = voice(*house.service, token);
        EXPECT_THAT(answer, HasSubstr("<Redirect"));
        EXPECT_THAT(answer, Not(HasSubstr("Riverside Hospital")));
    }
    EXPECT_THAT(voice(*house.service, "t3"), HasSubstr("Riverside Hospital"))
        << "a patient is not kept waiting for others who do not come";
    EXPECT_EQ(house.service->live_calls(), 1U);
    gather(*house.service, "Ruth Albrecht, March fourteenth nineteen fifty-seven");
    EXPECT_GT(house.details().turns.size(), 2U);
}

}  // namespace
}  // namespace carevoice::calls
