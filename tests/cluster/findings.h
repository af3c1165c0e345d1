// What has to hold in the database and in the world after calls, whatever happened in between.
#pragma once

#include "cluster/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <thread>

namespace carevoice::tests {

inline long long number(const PostgresServer::Rows& rows) {
    return rows.empty() ? 0 : std::stoll(rows[0][0]);
}

/// Waits until every notification is settled, for at most `patience`. Returns how many are not.
inline long long unsettled(Cluster& cluster, std::chrono::seconds patience = std::chrono::seconds(60)) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left = number(cluster.sql("SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased')"));
        if (left == 0 || std::chrono::steady_clock::now() > give_up) return left;
        std::this_thread::sleep_for(milliseconds(50));
    }
}

/// Every call has ended, with one summary and one transcript without holes, and was dialled once.
inline void expect_whole_calls(Cluster& cluster, std::size_t count) {
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM calls")), static_cast<long long>(count));
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM calls WHERE ended_at IS NULL OR summary = '' OR status NOT IN "
                                 "('completed', 'no_answer', 'busy')")),
              0);
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM (SELECT call_session_id FROM turns GROUP BY call_session_id "
                                 "HAVING max(sequence) <> count(*)) AS holes")),
              0);
    EXPECT_EQ(cluster.network.twilio().calls().size(), count) << "calls that Twilio knows";
}

/// Nothing that a patient said once stands there twice in a row.
inline void expect_nothing_said_twice(Cluster& cluster) {
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM turns a JOIN turns b ON a.call_session_id = b.call_session_id "
                                 "AND b.sequence = a.sequence + 1 AND a.speaker = b.speaker AND a.words = b.words")),
              0);
}

/// The Message-IDs of all mails.
inline std::multiset<std::string> message_ids(const Cluster& cluster) {
    std::multiset<std::string> ids;
    for (const auto& mail : cluster.mail_server.mails()) {
        const auto at = mail.bytes.find("Message-ID:");
        ids.insert(at == std::string::npos ? "" : mail.bytes.substr(at, mail.bytes.find('\r', at) - at));
    }
    return ids;
}

/// Each notification has arrived, and at most `in_doubt` of a channel once more: those that were under way when an
/// instance died. Their second copies show the same id.
inline void expect_all_told(Cluster& cluster, long long in_doubt) {
    EXPECT_EQ(unsettled(cluster, std::chrono::seconds(120)), 0);
    EXPECT_EQ(number(cluster.sql("SELECT count(*) FROM outbox WHERE state <> 'delivered'")), 0);
    const auto wanted = [&](const std::string& channel) {
        return number(cluster.sql("SELECT count(*) FROM outbox WHERE channel = '" + channel + "'"));
    };
    const auto between = [in_doubt](long long least) {
        return testing::AllOf(testing::Ge(least), testing::Le(least + in_doubt));
    };
    const auto mails = message_ids(cluster);
    EXPECT_THAT(static_cast<long long>(mails.size()), between(wanted("email")));
    EXPECT_EQ(static_cast<long long>(std::set(mails.begin(), mails.end()).size()), wanted("email"));
    EXPECT_THAT(static_cast<long long>(cluster.network.twilio().messages().size()), between(wanted("sms")));
    const auto hooks = cluster.network.alerts().received();
    EXPECT_EQ(static_cast<long long>(hooks.size()), wanted("webhook"));
    for (const auto& [key, times] : hooks) EXPECT_LE(times, 1 + in_doubt) << key;
}
inline void expect_all_told_once(Cluster& cluster) {
    expect_all_told(cluster, 0);
}

/// No instance believes that it still has a call or a database connection in use.
inline void expect_no_slot_leaked(Cluster& cluster) {
    EXPECT_EQ(cluster.left_of("carevoice_live_calls"), 0);
    EXPECT_EQ(cluster.left_of("carevoice_database_connections_in_use"), 0);
    EXPECT_EQ(cluster.left_of("carevoice_database_waiting"), 0);
}

/// The rules of deploy/ watch nothing that the instances do not serve.
inline void expect_watched_metrics_served(Cluster& cluster) {
    std::ifstream file(std::string(CAREVOICE_SOURCE_DIR) + "/deploy/prometheus/alerts.yml");
    const std::string rules(std::istreambuf_iterator<char>(file), {});
    std::string served;
    for (std::size_t i = 0; i < cluster.size(); ++i) served += cluster.metrics(i);
    const std::regex name("carevoice_[a-z_]+");
    ASSERT_NE(std::sregex_iterator(rules.begin(), rules.end(), name), std::sregex_iterator());
    for (auto found = std::sregex_iterator(rules.begin(), rules.end(), name); found != std::sregex_iterator(); ++found)
        EXPECT_THAT(served, testing::ContainsRegex("\n" + found->str() + "[{ ]"));
}

inline void expect_passed(const Result<simulator::RunReport>& report, const Cluster& cluster) {
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    for (const auto& scenario : report->scenarios)
        EXPECT_THAT(scenario.broken, testing::IsEmpty()) << scenario.id << " " << scenario.call_session_id;
    if (!report->passed() && report->scenarios.size() < 5) std::cerr << cluster.conversations();
}

}  // namespace carevoice::tests
