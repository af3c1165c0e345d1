#include "api/event_feed.h"

#include "api/event_publisher.h"
#include "async/task_group.h"
#include "support/redis_server.h"
#include "support/run_coroutine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>

namespace carevoice::api {
namespace {

namespace asio = async::asio;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string next(EventFeed::Reader& reader) {
    auto news = tests::run(reader.next(Deadline::in(10s)));
    EXPECT_TRUE(news.has_value()) << news.error().detail;
    return news.has_value() ? *news : std::string();
}

Errc failure(EventFeed::Reader& reader) {
    return tests::run(reader.next(Deadline::in(1ms))).error().code;
}

class EventFeeds : public testing::Test {
protected:
    NoMetrics metrics;
    EventFeed feed{metrics, {.ring = 8, .passing = 4, .readers = 3, .batch = 16}};
};

TEST_F(EventFeeds, BeginWithAWordToLoadWhatIsThere) {
    feed.take("a.1 call s1 {}");
    const auto reader = feed.read(std::nullopt, "");
    const auto first = next(*reader);
    EXPECT_THAT(first, HasSubstr("id: a.1\nevent: reload\ndata: {}\n\n")) << "to be gone on from";
    feed.take(R"(a.2 turn s1 {"text":"yes"})");
    EXPECT_EQ(next(*reader), "id: a.2\nevent: turn\ndata: {\"text\":\"yes\"}\n\n");
    EXPECT_EQ(failure(*reader), Errc::timed_out);
}

TEST_F(EventFeeds, GoOnAfterTheLastEventThatWasSeen) {
    for (const auto* text : {"a.1 call s1 {}", "b.1 turn s1 {}", "a.2 alert s2 {}"}) feed.take(text);
    const auto text = next(*feed.read(std::nullopt, "b.1"));
    EXPECT_THAT(text, HasSubstr("a.2"));
    EXPECT_THAT(text, Not(HasSubstr("b.1")));
    EXPECT_THAT(text, Not(HasSubstr("reload")));
}

TEST_F(EventFeeds, SayWhenTheyCannotGoOn) {
    for (int i = 1; i <= 20; ++i) feed.take("a." + std::to_string(i) + " call s1 {}");
    EXPECT_THAT(next(*feed.read(std::nullopt, "a.3")), HasSubstr("id: a.20\nevent: reload\n"));
    EXPECT_THAT(next(*feed.read(std::nullopt, "\n\nnonsense")), HasSubstr("event: reload\n"));
}

TEST_F(EventFeeds, ShowOneCallWithItsPartialWordsAndAllWithout) {
    const auto all = feed.read(std::nullopt, "");
    const auto one = feed.read(CallSessionId("s1"), "");
    next(*all);
    next(*one);
    for (const auto* text : {"a.1 partial s1 {1}", "a.2 turn s1 {2}", "a.3 turn s2 {3}", "a.4 partial s2 {4}"})
        feed.take(text);
    EXPECT_EQ(next(*one), "event: partial\ndata: {1}\n\nid: a.2\nevent: turn\ndata: {2}\n\n");
    EXPECT_EQ(next(*all), "id: a.2\nevent: turn\ndata: {2}\n\nid: a.3\nevent: turn\ndata: {3}\n\n");
}

TEST_F(EventFeeds, WakeAReaderWhoWaits) {
    const auto reader = feed.read(CallSessionId("s1"), "");
    next(*reader);
    std::jthread later([this] {
        std::this_thread::yield();
        feed.take("a.1 partial s1 {1}");
    });
    EXPECT_EQ(next(*reader), "event: partial\ndata: {1}\n\n");
}

TEST_F(EventFeeds, LetGoOfAReaderWhoIsTooSlow) {
    const auto reader = feed.read(std::nullopt, "");
    next(*reader);
    for (int i = 1; i <= 9; ++i) feed.take("a." + std::to_string(i) + " call s1 {}");
    EXPECT_EQ(failure(*reader), Errc::unavailable);
}

TEST_F(EventFeeds, TellEverybodyToLoadAfterAGap) {
    feed.take("a.1 call s1 {}");
    const auto reader = feed.read(CallSessionId("s7"), "");
    next(*reader);
    feed.note_gap();
    EXPECT_EQ(next(*reader), "event: reload\ndata: {}\n\n");
    EXPECT_THAT(next(*feed.read(std::nullopt, "a.1")), HasSubstr("event: reload\n"));
}

TEST_F(EventFeeds, TakeAMessageOnceAndNonsenseNever) {
    const auto reader = feed.read(std::nullopt, "");
    next(*reader);
    for (const auto* text : {"a.1 call s1 {}", "a.1 call s1 {}", "", "call", "a.2 call", " call s1 {}",
                             "a.3 call s1 {}\nevent: alert\ndata: {}", "a\x01.4 call s1 {}", "a.5 presence - {}"})
        feed.take(text);
    EXPECT_EQ(next(*reader), "id: a.1\nevent: call\ndata: {}\n\n");
    EXPECT_EQ(failure(*reader), Errc::timed_out);
}

TEST_F(EventFeeds, HaveRoomForSoManyReaders) {
    std::vector<std::unique_ptr<EventFeed::Reader>> readers;
    for (int i = 0; i < 3; ++i) readers.push_back(feed.read(std::nullopt, ""));
    EXPECT_FALSE(feed.has_room());
    EXPECT_EQ(feed.read(std::nullopt, ""), nullptr);
    readers.pop_back();
    EXPECT_TRUE(feed.has_room());
}

/// One process with all that carries events, on a thread of its own.
class Instance {
public:
    explicit Instance(const std::string& redis_url)
        : store_(storage::open_sessions(redis_url, {.patience = 300ms}, clock_, metrics_).value()),
          publisher({.store = *store_,
                     .pool = asking_,
                     .random = random_,
                     .metrics = metrics_,
                     .keep_here = [this](const std::string& message) { feed.take(message); }}) {
        tasks_.spawn(asio::make_strand(context_), feed.hear(*store_, hearing_));
        tasks_.spawn(asio::make_strand(context_), publisher.run());
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~Instance() {
        asio::co_spawn(asio::make_strand(context_), tasks_.stop(), asio::use_future).get();
        work_.reset();
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    void tell(const std::string& id) {
        domain::Call call;
        call.call_session_id = CallSessionId(id);
        publisher.on_call(call);
    }

private:
    SystemClock clock_;
    SystemRandom random_;
    NoMetrics metrics_;
    std::unique_ptr<storage::SessionStore> store_;
    async::BlockingPool asking_{1, 64};
    async::BlockingPool hearing_{1, 1};
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};

public:
    EventFeed feed{metrics_};
    EventPublisher publisher;

private:
    async::TaskGroup tasks_{"instance"};
    std::jthread thread_;
};

/// Reads until `mark` has come.
std::string read_until(EventFeed::Reader& reader, const std::string& mark) {
    std::string text;
    while (text.find(mark) == std::string::npos) {
        const auto news = next(reader);
        if (news.empty()) break;
        text += news;
    }
    return text;
}

std::string last_id_of(const std::string& text) {
    const auto at = text.rfind("id: ") + 4;
    return text.substr(at, text.find('\n', at) - at);
}

void wait_until_both_know_both(Instance& one, Instance& other) {
    while (one.feed.instances() < 2 || other.feed.instances() < 2) std::this_thread::sleep_for(5ms);
}

TEST(EventFeedsOfTwoInstances, AreOneAndAReaderGoesOnAtTheOther) {
    tests::RedisServer server;
    Instance one(server.url());
    Instance other(server.url());
    wait_until_both_know_both(one, other);
    auto reader = one.feed.read(std::nullopt, "");
    const auto there = other.feed.read(std::nullopt, "");
    one.tell("c1");
    other.tell("c2");
    const auto both = [](EventFeed::Reader& from) {
        auto seen = read_until(from, "\"c1\"");
        return seen.find("\"c2\"") == std::string::npos ? seen + read_until(from, "\"c2\"") : seen;
    };
    const auto seen = both(*reader);
    EXPECT_EQ(last_id_of(both(*there)), last_id_of(seen)) << "in the same order";
    reader.reset();

    one.tell("c3");
    const auto resumed = other.feed.read(std::nullopt, last_id_of(seen));
    const auto rest = read_until(*resumed, "\"c3\"");
    EXPECT_THAT(rest, Not(HasSubstr("reload")));
    EXPECT_THAT(rest, Not(HasSubstr("\"c1\"")));
    EXPECT_THAT(rest, Not(HasSubstr("\"c2\"")));
}

TEST(EventFeedsOfTwoInstances, ShowTheirOwnWhileRedisIsAwayAndAllToLoadWhenItIsBack) {
    tests::RedisServer server;
    Instance one(server.url());
    Instance other(server.url());
    wait_until_both_know_both(one, other);
    const auto reader = one.feed.read(std::nullopt, "");
    next(*reader);
    server.stop();
    one.tell("c1");
    read_until(*reader, "\"c1\"");
    EXPECT_FALSE(one.publisher.is_connected());
    EXPECT_EQ(one.feed.instances(), 2U) << "the share of the rate stays what it was";
    other.tell("c2");
    server.start();
    const auto after = read_until(*reader, "reload");
    EXPECT_THAT(after, Not(HasSubstr("\"c2\"")));
    while (!one.publisher.is_connected() || !other.publisher.is_connected()) std::this_thread::sleep_for(5ms);
    other.tell("c3");
    read_until(*reader, "\"c3\"");
}

}  // namespace
}  // namespace carevoice::api
