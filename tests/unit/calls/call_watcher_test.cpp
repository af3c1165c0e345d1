#include "calls/call_watcher.h"

#include "support/call_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::calls {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::SizeIs;

/// Writes down what it is told.
class Notes final : public CallWatcher {
public:
    void on_call(const domain::Call& call) override {
        if (statuses.empty() || statuses.back() != call.status) statuses.push_back(call.status);
        last = call;
    }
    void on_turns(const CallSessionId&, const std::vector<domain::Turn>& told) override {
        turns.insert(turns.end(), told.begin(), told.end());
    }
    void on_partial(const PartialSpeech&) override {}
    void on_alert(const domain::Alert& alert) override { alerts.push_back(alert); }

    std::vector<domain::CallStatus> statuses;
    domain::Call last;
    std::vector<domain::Turn> turns;
    std::vector<domain::Alert> alerts;
};

TEST(CallWatcher, SeesACallFromItsFirstToItsLastMoment) {
    using domain::CallStatus;
    Notes notes;
    tests::CallHouse house(true, {.watcher = &notes});
    house.initiate();
    house.voice();
    house.run(house.service->status(CallSessionId("s1"), house.webhook("in-progress"))).value();
    house.run(house.service->status(CallSessionId("s1"), house.webhook("completed"))).value();
    ASSERT_TRUE(house.until_no_call_lives());
    EXPECT_THAT(notes.statuses, testing::IsSupersetOf({CallStatus::queued, CallStatus::in_progress}));
    EXPECT_EQ(notes.last.status, CallStatus::completed);
    EXPECT_NE(notes.last.outcome, domain::CallOutcome::none);
}

TEST(CallWatcher, SeesWhatIsStoredAsItIsStored) {
    Notes notes;
    tests::CallHouse house(true, {.watcher = &notes});
    house.initiate();
    house.voice();
    house.gather("Ruth Albrecht, March fourteenth nineteen fifty-seven");
    house.gather("I have terrible chest pain and I cannot breathe");
    const auto details = house.details();
    ASSERT_THAT(notes.turns, SizeIs(details.turns.size()));
    for (std::size_t i = 0; i < details.turns.size(); ++i) {
        EXPECT_EQ(notes.turns[i].sequence, details.turns[i].sequence);
        EXPECT_EQ(notes.turns[i].text, details.turns[i].text);
    }
    ASSERT_FALSE(details.alerts.empty());
    EXPECT_THAT(notes.alerts, Contains(testing::Field(&domain::Alert::id, details.alerts.front().id)));
}

}  // namespace
}  // namespace carevoice::calls
