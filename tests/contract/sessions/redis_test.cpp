// What only a server can do: be shared, go away, hang, come back, refuse.
#include "contract/sessions/house.h"

#include "storage/redis/redis_target.h"

namespace carevoice::storage::testing {
namespace {

using namespace std::chrono_literals;

class RedisOutages : public SessionsTest {
protected:
    RedisOutages() { options_.patience = 300ms; }

    void expect_healed() {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (!sessions_->ping() && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(10ms);
        EXPECT_TRUE(sessions_->ping());
    }

    tests::RedisServer& server_ = tests::RedisServer::shared();
};
INSTANTIATE_TEST_SUITE_P(Stores, RedisOutages, ::testing::Values(Kind::redis), ::testing::PrintToStringParamName());

TEST_P(RedisOutages, LeaveWhatOneInstanceDoesVisibleToAnother) {
    const auto other = open_store();
    const auto heard = other->subscribe("calls", 5);
    ASSERT_TRUE(heard);
    EXPECT_TRUE(sessions_->take("k", 0.001, 1)->granted);
    ASSERT_TRUE(sessions_->publish("calls", "hello"));
    EXPECT_FALSE(other->take("k", 0.001, 1)->granted);
    EXPECT_EQ((*heard)->next(Deadline::in(10s))->message, "hello");
}

TEST_P(RedisOutages, ThatAreOverBeforeTheNextQuestionGoUnnoticed) {
    server_.stop();
    server_.start();
    EXPECT_TRUE(sessions_->take("k", 1, 1));
    EXPECT_TRUE(sessions_->publish("calls", "x"));
    EXPECT_EQ(metrics_.value("carevoice_sessions_errors_total{code=unavailable}"), 0);
    EXPECT_EQ(metrics_.value("carevoice_sessions_reconnects_total"), 1);
}

TEST_P(RedisOutages, AreUnavailableAtOnceAndHeal) {
    server_.stop();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(code_of(sessions_->ping()), Errc::unavailable);
        EXPECT_EQ(code_of(sessions_->take("k", 1, 1)), Errc::unavailable);
    }
    EXPECT_EQ(code_of(sessions_->subscribe("calls", 1)), Errc::unavailable);
    EXPECT_EQ(code_of(open_sessions(server_.url(), options_, clock_, metrics_)), Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    server_.start();
    expect_healed();
}

TEST_P(RedisOutages, ThatHangAreUnavailableInTimeAndHeal) {
    ASSERT_TRUE(sessions_->ping());
    server_.pause();
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(code_of(sessions_->take("k", 1, 1)), Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
    server_.resume();
    expect_healed();
}

TEST_P(RedisOutages, TellReadersOfEventsThatTheyMayHaveMissedSome) {
    const auto reader = sessions_->subscribe("calls", 100);
    ASSERT_TRUE(reader);
    server_.stop();
    server_.start();
    expect_healed();
    // Events reach the reader again some time after the store has healed.
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    Result<LiveEvent> event = Error{Errc::timed_out, "none yet"};
    while (!event && std::chrono::steady_clock::now() < give_up) {
        EXPECT_TRUE(sessions_->publish("calls", "after"));
        event = (*reader)->next(Deadline::in(20ms));
    }
    ASSERT_TRUE(event);
    EXPECT_EQ(event->message, "after");
    EXPECT_TRUE(event->lost_some);
}

TEST_P(RedisOutages, OfKeysThatAreNotOursAreErrors) {
    const std::string key = options_.prefix + ":rate:k";
    server_.command({"SET", key.c_str(), "nonsense"});
    EXPECT_FALSE(sessions_->take("k", 1, 1));
}

TEST_P(RedisOutages, OfPasswordsSayWhyWithoutRepeatingThem) {
    server_.command({"ACL", "SETUSER", "carevoice", "on", ">p@ss:w/rd", "~*", "&*", "+@all"});
    EXPECT_TRUE(
        open_sessions("unix://carevoice:p%40ss%3Aw%2Frd@" + server_.socket() + "?db=3", options_, clock_, metrics_));
    const auto refused = open_sessions("unix://carevoice:Secret@" + server_.socket(), options_, clock_, metrics_);
    EXPECT_EQ(code_of(refused), Errc::unavailable);
    EXPECT_NE(refused.error().detail.find("does not accept"), std::string::npos) << refused.error().detail;
    EXPECT_EQ(refused.error().detail.find("Secret"), std::string::npos);
}

TEST(RedisUrls, AreReadInAllTheirForms) {
    const auto full = redis::parse_redis_url("redis://us%65r:p%3A%40@[::1]:7000/5");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->host, "::1");
    EXPECT_EQ(full->port, 7'000);
    EXPECT_EQ(full->user, "user");
    EXPECT_EQ(full->password, "p:@");
    EXPECT_EQ(full->database, 5);
    EXPECT_EQ(redis::parse_redis_url("redis://cache")->port, 6'379);
    EXPECT_EQ(redis::parse_redis_url("redis://:pw@cache/")->password, "pw");
    EXPECT_EQ(redis::parse_redis_url("unix:///run/r.sock?db=2")->socket_path, "/run/r.sock");
    EXPECT_EQ(redis::parse_redis_url("unix:///run/r.sock?db=2")->database, 2);
}

TEST(RedisUrls, ThatAreBrokenAreRefusedWithoutRepeatingThem) {
    for (const char* url :
         {"redis://", "redis://Secret:70000", "redis://Secret:0", "redis://u:Secret%4@h", "redis://h/x",
          "rediss://Secret", "http://Secret", "unix://Secret", "unix:///Secret?x=1", "redis://h/-1"}) {
        const auto parsed = redis::parse_redis_url(url);
        EXPECT_EQ(code_of(parsed), Errc::invalid_input) << url;
        EXPECT_EQ(parsed.error().field, "url");
        EXPECT_EQ(parsed.error().detail.find("Secret"), std::string::npos) << url;
    }
}

}  // namespace
}  // namespace carevoice::storage::testing
