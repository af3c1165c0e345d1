// What a call leans on goes away, hangs or crawls for ten seconds in the middle of it, and comes back.
#include "cluster/findings.h"

#include <future>
#include <tuple>

namespace carevoice::tests {
namespace {

using simulator::CallEventKind;

constexpr std::chrono::seconds outage{8};

struct Part {
    std::string name;
    TcpProxy Cluster::*line;
    bool streams = true;  ///< matters to a call by stream, too
    milliseconds silence_max{4'000};
};

/// Open: a reply that cannot be brought to Twilio, or that waits for words, comes when the question's pause is over,
/// for a <Pause> that plays cannot be cut short (docs/faults.md).
constexpr milliseconds pause_of_a_question{9'000};

struct Trouble {
    std::string name;
    LineState state;
};

class Outage : public testing::TestWithParam<std::tuple<Part, Trouble>> {};

TEST_P(Outage, LosesNothingDoublesNothingAndIsNotHeard) {
    const auto& [part, trouble] = GetParam();
    Cluster cluster({.instances = 2});
    // One that ends with an emergency, and one that goes on.
    auto urgent = cluster.play({{"sc-06"}}, "gather", 101);
    std::future<Result<simulator::RunReport>> steady;
    if (part.streams) steady = cluster.play({{"sc-02"}}, "updates", 201);
    ASSERT_TRUE(cluster.network.line().wait_for(CallEventKind::patient_spoke, 2).has_value());
    TcpProxy& line = cluster.*part.line;
    line.set(trouble.state);
    const auto over = std::chrono::steady_clock::now() + outage;
    std::this_thread::sleep_until(over);
    line.set(LineState::clear);
    expect_passed(urgent.get(), cluster);
    if (part.streams) expect_passed(steady.get(), cluster);
    expect_whole_calls(cluster, part.streams ? 2 : 1);
    EXPECT_EQ(unsettled(cluster, std::chrono::seconds(100)), 0);
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM outbox WHERE state <> 'delivered'")), 0);
    EXPECT_LE(cluster.network.line().longest_silence(), part.silence_max) << cluster.network.line().where();
    expect_no_slot_leaked(cluster);
}

INSTANTIATE_TEST_SUITE_P(
    OfEachPart, Outage,
    testing::Combine(testing::Values(Part{"Redis", &Cluster::redis_line},
                                     Part{"MailServer", &Cluster::mail_line, false},
                                     Part{"Twilio", &Cluster::twilio_line, true, pause_of_a_question},
                                     Part{"WebhookTarget", &Cluster::webhook_line, false},
                                     Part{"Gemini", &Cluster::chat_line, false},
                                     Part{"SpeechServer", &Cluster::speech_line, true, pause_of_a_question}),
                     testing::Values(Trouble{"Down", LineState::dead}, Trouble{"Slow", LineState::slow},
                                     Trouble{"HalfOpen", LineState::silent})),
    [](const auto& info) { return std::get<0>(info.param).name + std::get<1>(info.param).name; });

/// Names that nobody knows: mail server, webhook target, Gemini. The call goes on, SMS and the wall have the alerts,
/// the rest waits for better days.
TEST(OutageOfNames, CallsGoOnAndAlertsTakeTheOtherWays) {
    Cluster cluster({.instances = 2,
                     .settings = {{"SMTP_HOST", "mail.invalid"},
                                  {"ALERT_WEBHOOK_URLS", "http://hooks.invalid/alerts"},
                                  {"GEMINI_API_BASE_URL", "http://gemini.invalid"}}});
    auto urgent = cluster.play({{"sc-06"}}, "gather", 101);
    auto steady = cluster.play({{"sc-02"}}, "updates", 201);
    expect_passed(urgent.get(), cluster);
    expect_passed(steady.get(), cluster);
    expect_whole_calls(cluster, 2);
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM outbox WHERE channel IN ('in_app', 'sms') AND is_backup = 0 AND "
                                 "state <> 'delivered'")),
              0);
    EXPECT_GT(number(cluster.sql("SELECT count(*) FROM outbox WHERE channel = 'email' AND attempts > 0 AND state IN "
                                 "('queued', 'leased')")),
              0);
    EXPECT_LE(cluster.network.line().longest_silence(), milliseconds(4'000)) << cluster.network.line().where();
}

}  // namespace
}  // namespace carevoice::tests
