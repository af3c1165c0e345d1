// What only a server can do: go away, hang, come back, refuse.
#include "support/postgres_server.h"

#include "contract/storage/store.h"
#include "support/counting_metrics.h"

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;
using tests::PostgresServer;

class PostgresOutages : public ::testing::Test {
protected:
    void SetUp() override {
        url_ = server_.create_database();
        auto opened = open_database(url_, {.connections = 4, .patience = 400ms, .metrics = &metrics_});
        ASSERT_TRUE(opened) << opened.error().detail;
        database_ = std::move(*opened);
        ASSERT_TRUE(database_->patients().insert(plain_patient("p1")));
        ASSERT_TRUE(database_->calls().insert(plain_call("c1", "p1")));
    }
    void TearDown() override {
        database_.reset();
        server_.drop_database(url_);
    }

    Result<domain::Patient> ask() { return database_->patients().find(PatientId("p1")); }

    /// Has the server act in the middle of each COMMIT that changes `table`.
    void at_commit_of(const std::string& table, const std::string& action) {
        server_.sql("CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + action +
                        " RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER act AFTER INSERT OR UPDATE ON " + table +
                        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION act()",
                    url_);
    }

    /// The server takes connections again, and we notice within the pause between two attempts.
    void expect_healed() {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (!ask() && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(10ms);
        EXPECT_TRUE(ask());
        EXPECT_TRUE(database_->ping());
    }

    PostgresServer& server_ = PostgresServer::shared();
    std::string url_;
    tests::CountingMetrics metrics_;
    std::unique_ptr<Database> database_;
};

TEST_F(PostgresOutages, ThatAreOverBeforeTheNextQuestionGoUnnoticed) {
    server_.stop();
    server_.start();
    in_parallel(8, [&](int index) {
        const auto found = ask();
        EXPECT_TRUE(found) << found.error().detail;
        EXPECT_TRUE(database_->patients().insert(plain_patient("q" + std::to_string(index))));
    });
    EXPECT_GE(metrics_.value("carevoice_database_reconnects_total"), 1);
    EXPECT_EQ(metrics_.value("carevoice_database_errors_total{code=unavailable}"), 0);
    EXPECT_EQ(metrics_.value("carevoice_database_connections_in_use"), 0);
    EXPECT_EQ(metrics_.value("carevoice_database_waiting"), 0);
}

TEST_F(PostgresOutages, AreUnavailableAtOnceAndHeal) {
    server_.stop();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(code_of(ask()), Errc::unavailable);
    EXPECT_EQ(code_of(database_->ping()), Errc::unavailable);
    EXPECT_EQ(code_of(open_database(url_, 1)), Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_GE(metrics_.value("carevoice_database_errors_total{code=unavailable}"), 100);
    server_.start();
    expect_healed();
}

TEST_F(PostgresOutages, ThatHangInsteadOfEndingAreUnavailableInTimeAndHeal) {
    server_.pause();
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(code_of(ask()), Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    server_.resume();
    expect_healed();
}

TEST_F(PostgresOutages, InTheMiddleOfATransactionUndoAllOfIt) {
    const CallSessionId id("c1");
    const auto changed = database_->calls().update(id, [&](domain::Call& call) {
        call.summary = "half";
        server_.stop();
    });
    EXPECT_EQ(code_of(changed), Errc::unavailable);
    server_.start();
    expect_healed();
    EXPECT_EQ(database_->calls().find(id)->summary, "");
}

TEST_F(PostgresOutages, OfOneRowThatAnotherKeepsAreUnavailable) {
    const CallSessionId id("c1");
    auto other = open_database(url_, {.connections = 1, .patience = 200ms});
    ASSERT_TRUE(other);
    Errc met = Errc::internal;
    ASSERT_TRUE(database_->calls().update(id, [&](domain::Call& call) {
        met = code_of((*other)->calls().update(id, [](domain::Call&) {}));
        call.summary = "kept";
    }));
    EXPECT_EQ(met, Errc::unavailable);
    EXPECT_TRUE((*other)->calls().update(id, [](domain::Call&) {}));
    EXPECT_EQ(database_->calls().find(id)->summary, "kept");
}

TEST_F(PostgresOutages, WhileItCommitsAreTimedOutAndTheRecordIsSentAgainWithoutHarm) {
    at_commit_of("turns", "PERFORM pg_terminate_backend(pg_backend_pid());");
    const CallSessionId id("c1");
    TurnRecord record{.call_session_id = id, .turns = {patient_turn("it hurts")}, .now = at(1), .key = "k1"};
    EXPECT_EQ(code_of(database_->conversations().record(record, alert_ids())), Errc::timed_out);
    server_.sql("DROP TRIGGER act ON turns", url_);
    for (int i = 0; i < 2; ++i) {
        const auto stored = database_->conversations().record(record, alert_ids());
        ASSERT_TRUE(stored) << stored.error().detail;
        EXPECT_EQ(stored->sequences, (std::vector<std::int64_t>{1}));
    }
    EXPECT_EQ(database_->conversations().turns(id)->size(), 1U);
}

TEST_F(PostgresOutages, OfOneTransactionInTheWayOfAnotherAreOvercome) {
    server_.sql("CREATE SEQUENCE tries", url_);
    at_commit_of("calls", "IF nextval('tries') < 4 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END IF;");
    int runs = 0;
    const auto written = database_->calls().update(
        CallSessionId("c1"), [&](domain::Call& call) { call.prior_pain_scores.push_back(++runs); });
    ASSERT_TRUE(written) << written.error().detail;
    EXPECT_EQ(runs, 4);
    EXPECT_EQ(database_->calls().find(CallSessionId("c1"))->prior_pain_scores, (std::vector<int>{4}));
}

TEST_F(PostgresOutages, OfAServerThatIsTooSlowAreUnavailableInTime) {
    at_commit_of("calls", "PERFORM pg_sleep(60);");
    const auto began = std::chrono::steady_clock::now();
    const auto changed = database_->calls().update(CallSessionId("c1"), [](domain::Call&) {});
    EXPECT_TRUE(code_of(changed) == Errc::unavailable || code_of(changed) == Errc::timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_TRUE(ask());
}

TEST(PostgresDeadlocks, BetweenOptOutsAndErasingDoNotHappen) {
    auto& server = PostgresServer::shared();
    const std::string url = server.create_database();
    {
        // The machine may be busy.
        const auto opened = open_database(url, {.connections = 4, .patience = 20s});
        ASSERT_TRUE(opened);
        ASSERT_TRUE((*opened)->patients().insert(plain_patient("p1")));
        for (const char* id : {"c1", "c2"}) ASSERT_TRUE((*opened)->calls().insert(plain_call(id, "p1")));
        in_parallel(4, [&](int index) {
            for (int i = 0; i < 10; ++i) {
                TurnRecord record{.call_session_id = CallSessionId(index % 2 == 0 ? "c1" : "c2"), .now = at(i)};
                record.opt_out = true;
                const auto recorded = (*opened)->conversations().record(record, alert_ids());
                EXPECT_TRUE(recorded || recorded.error().code == Errc::not_found) << recorded.error().detail;
            }
            if (index != 3) return;
            const auto erased = (*opened)->patients().erase(PatientId("p1"));
            EXPECT_TRUE(erased) << erased.error().detail;
        });
        EXPECT_EQ(code_of((*opened)->patients().find(PatientId("p1"))), Errc::not_found);
    }
    server.drop_database(url);
}

TEST(PostgresUrls, ThatLeadNowhereSayWhyWithoutRepeatingThemselves) {
    auto& server = PostgresServer::shared();
    const std::string url = server.create_database();
    const auto refused = [](const std::string& wrong, Errc code, const std::string& reason) {
        const auto opened = open_database(wrong, 1);
        EXPECT_EQ(code_of(opened), code) << reason;
        EXPECT_NE(opened.error().detail.find(reason), std::string::npos) << opened.error().detail;
        EXPECT_EQ(opened.error().detail.find("Secret"), std::string::npos) << opened.error().detail;
        EXPECT_EQ(code_of(migration_state(wrong)), code);
    };
    const std::string rest = url.substr(url.find('?'));
    refused("postgresql:///Secret" + rest, Errc::unavailable, "no such database");
    refused("postgresql:///x?user=Secret" + rest.substr(rest.find('&')), Errc::unavailable, "does not know this user");
    refused("postgresql:///x?user=u&password=Secret&host=/Secret", Errc::unavailable, "nothing listens");
    refused("postgresql://u:Secret@127.0.0.1:1/x", Errc::unavailable, "nothing listens");
    server.sql("CREATE DATABASE old TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
    refused("postgresql:///old" + rest, Errc::invalid_input, "UTF8");
    server.sql("DROP DATABASE old");
    server.drop_database(url);
}

TEST(PostgresUrls, MayHoldAnyCharacterAndSettingsOfTheirOwn) {
    auto& server = PostgresServer::shared();
    const std::string url = server.create_database();
    server.sql("CREATE ROLE \"o'b \"\"x\"\" =&%\" LOGIN SUPERUSER");
    const std::string name = url.substr(14, url.find('?') - 14);
    const std::string host = url.substr(url.find("host="));
    const auto opened =
        open_database("postgres:///" + name + "?user=o%27b%20%22x%22%20%3D%26%25&password=%22%20%27%5C&" + host +
                          "&application_name=ours&connect_timeout=5",
                      2);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE((*opened)->ping());
    // What the role made goes with the role.
    server.sql("DROP OWNED BY \"o'b \"\"x\"\" =&%\" CASCADE; DROP ROLE \"o'b \"\"x\"\" =&%\"", url);
    server.drop_database(url);
}

}  // namespace
}  // namespace carevoice::storage::testing
