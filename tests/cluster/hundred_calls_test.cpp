// A hundred calls on three instances, with callbacks that come twice, late and in the wrong order, to any instance.
#include "cluster/findings.h"

namespace carevoice::tests {
namespace {

TEST(Cluster, OneCallOfEachKindGoesAsItShould) {
    Cluster cluster;
    auto gathered = cluster.play({{"sc-02"}}, "gather", 101);
    auto streamed = cluster.play({{"sc-02"}}, "updates", 201);
    expect_passed(gathered.get(), cluster);
    expect_passed(streamed.get(), cluster);
    expect_whole_calls(cluster, 2);
    expect_nothing_said_twice(cluster);
    expect_all_told_once(cluster);
    expect_no_slot_leaked(cluster);
    EXPECT_LE(cluster.network.line().longest_silence(), milliseconds(4'000)) << cluster.network.line().where();
}

TEST(Cluster, DISABLED_AHundredCallsLeaveOneTranscriptOneSummaryAndOneAlertPerFinding) {
    Cluster cluster;
    simulator::Faults faults;
    faults.callback_doubled = 0.3;
    faults.callback_reordered = 0.2;
    faults.callback_late = 0.2;
    cluster.network.twilio().set_faults(faults);
    // In five waves: the next one is dialled when all telephones of the one before were answered.
    std::vector<std::future<Result<simulator::RunReport>>> waves;
    for (int wave = 1; wave <= 5; ++wave) {
        waves.push_back(cluster.play({{"sc-01", 2}, {"sc-02", 4}, {"sc-03", 3}, {"sc-04", 3}}, "gather", wave * 1'000));
        waves.push_back(cluster.play({{"sc-01", 2}, {"sc-02", 4}, {"sc-04", 2}}, "updates", wave * 1'000 + 500));
        ASSERT_TRUE(cluster.network.line().wait_for(simulator::CallEventKind::answered, wave * 20).has_value());
    }
    for (auto& wave : waves) expect_passed(wave.get(), cluster);
    expect_whole_calls(cluster, 100);
    expect_nothing_said_twice(cluster);
    expect_all_told_once(cluster);
    expect_no_slot_leaked(cluster);
    EXPECT_LE(cluster.network.line().longest_silence(), milliseconds(4'000)) << cluster.network.line().where();
    expect_watched_metrics_served(cluster);
    for (std::size_t i = 0; i < cluster.size(); ++i) EXPECT_TRUE(cluster.is_running(i));
}

}  // namespace
}  // namespace carevoice::tests
