// kill -9 of the instance that follows a call, in each stage of the call.
#include "cluster/findings.h"

#include <future>
#include <memory>

namespace carevoice::tests {
namespace {

using simulator::CallEventKind;

/// What a dying instance leaves in doubt on each channel at most (notify/lane.h).
constexpr long long deliveries_at_once = 4;

struct Stage {
    std::string name;
    std::string mode;
    CallEventKind when;
    int count = 1;  ///< of such events
};

void PrintTo(const Stage& stage, std::ostream* out) {
    *out << stage.name;
}

/// Whom the call is lost with: its owner, or before it has one the instance that asked Twilio for it.
std::size_t instance_of(Cluster& cluster, const std::string& call_sid) {
    if (const auto owner = cluster.owner_of(call_sid)) return *owner;
    for (std::size_t i = 0; i < cluster.size(); ++i)
        if (cluster.metric(i, R"(carevoice_calls_dialled_total{type="followup"})") > 0) return i;
    return 0;
}

/// After a kill: everything of the call is there, and was there once.
void expect_nothing_lost(Cluster& cluster, std::future<Result<simulator::RunReport>>& call) {
    expect_passed(call.get(), cluster);
    expect_whole_calls(cluster, 1);
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM turns a JOIN turns b ON a.call_session_id = b.call_session_id "
                                 "AND b.sequence = a.sequence + 1 AND a.words = b.words AND a.speaker = 'patient' AND "
                                 "b.speaker = 'patient'")),
              0);
    EXPECT_LE(cluster.network.line().longest_silence(), milliseconds(4'000)) << cluster.network.line().where();
}

/// Until our side has stored that it rings, with Twilio's SID.
void wait_until_ringing(Cluster& cluster) {
    while (number(cluster.sql("SELECT count(*) FROM calls WHERE status = 'ringing' AND call_sid IS NOT NULL")) == 0)
        std::this_thread::sleep_for(milliseconds(5));
}

class OwnerDeath : public testing::TestWithParam<Stage> {};

TEST_P(OwnerDeath, AnotherInstanceGoesOnWithTheSameQuestion) {
    const bool rings = GetParam().when == CallEventKind::ringing;
    Cluster cluster({.ring = milliseconds(rings ? 2'000 : 100)});
    auto call = cluster.play({{"sc-02"}}, GetParam().mode);
    const auto moment = cluster.network.line().wait_for(GetParam().when, GetParam().count);
    ASSERT_TRUE(moment.has_value()) << "the call never got there";
    if (rings) wait_until_ringing(cluster);
    cluster.kill(instance_of(cluster, moment->call_sid));
    expect_nothing_lost(cluster, call);
    expect_all_told(cluster, deliveries_at_once);
}

INSTANTIATE_TEST_SUITE_P(InEachStage, OwnerDeath,
                         testing::Values(Stage{"Ringing", "updates", CallEventKind::ringing},
                                         Stage{"Greeting", "updates", CallEventKind::voice_said},
                                         Stage{"PatientSpeaking", "updates", CallEventKind::patient_spoke, 3},
                                         Stage{"Replying", "updates", CallEventKind::reply_arrived, 3},
                                         Stage{"GreetingByGather", "gather", CallEventKind::voice_said},
                                         Stage{"PatientSpeakingToGather", "gather", CallEventKind::patient_spoke, 3}),
                         [](const testing::TestParamInfo<Stage>& info) { return info.param.name; });

/// Thinking lies between the patient's last word and our first: the owner dies while it waits for the words.
TEST(OwnerDeath, WhileItThinksTheQuestionIsAskedAgain) {
    Cluster cluster;
    std::promise<void> thinking;
    std::promise<void> dead;
    auto is_dead = dead.get_future().share();
    auto heard = std::make_shared<std::atomic<int>>(0);
    cluster.network.ears().observe([&thinking, is_dead, heard](const std::string&) {
        if (++*heard != 3) return;
        thinking.set_value();
        is_dead.wait_for(std::chrono::seconds(10));
    });
    auto call = cluster.play({{"sc-02"}}, "updates");
    ASSERT_EQ(thinking.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
    const auto first = cluster.network.line().wait_for(CallEventKind::answered);
    cluster.kill(instance_of(cluster, first->call_sid));
    dead.set_value();
    expect_nothing_lost(cluster, call);
    expect_all_told(cluster, deliveries_at_once);
}

/// The process stands still instead of dying: its machine hangs. When it comes back it notices that it lost the call.
TEST(OwnerDeath, AnOwnerThatHangsIsReplacedAndThenStops) {
    Cluster cluster;
    auto call = cluster.play({{"sc-02"}}, "gather");
    const auto moment = cluster.network.line().wait_for(CallEventKind::patient_spoke, 3);
    ASSERT_TRUE(moment.has_value());
    const auto owner = instance_of(cluster, moment->call_sid);
    cluster.instance(owner).pause();
    ASSERT_TRUE(cluster.network.line().wait_for(CallEventKind::patient_spoke, 6).has_value());
    cluster.instance(owner).resume();
    expect_nothing_lost(cluster, call);
    expect_all_told(cluster, deliveries_at_once);
    expect_no_slot_leaked(cluster);
    EXPECT_TRUE(cluster.is_running(owner));
}

/// Killed with alerts on their way: each arrives.
TEST(OwnerDeath, AlertsOnTheirWayArrive) {
    Cluster cluster;
    auto call = cluster.play({{"sc-06"}}, "gather");
    for (;;) {
        const auto alerts = number(cluster.sql("SELECT count(*) FROM outbox"));
        if (alerts > 0) break;
        ASSERT_NE(call.wait_for(milliseconds(1)), std::future_status::ready) << "no alert was raised";
    }
    const auto moment = cluster.network.line().wait_for(CallEventKind::answered);
    cluster.kill(instance_of(cluster, moment->call_sid));
    expect_passed(call.get(), cluster);
    expect_all_told(cluster, deliveries_at_once);
}

}  // namespace
}  // namespace carevoice::tests
