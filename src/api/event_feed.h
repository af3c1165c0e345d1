// Live events for those who look at this instance: a ring of the last ones, and a place in it for each reader.
#pragma once

#include "async/blocking_pool.h"
#include "async/task.h"
#include "core/ids.h"
#include "core/metrics.h"
#include "core/time.h"
#include "storage/session_store.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carevoice::api {

struct EventFeedLimits {
    std::size_t ring = 4'096;   ///< events that last
    std::size_t passing = 512;  ///< partial words: worthless once their turn is there
    std::size_t readers = 256;  ///< at once
    std::size_t batch = 128;    ///< events a reader gets at a time
};

/// Every instance hears the same events in the same order, so that a reader who lost one instance goes on at another by
/// the id of the last event it saw. Whoever cannot go on is told to `reload`: the lists of the API hold everything.
/// Thread-safe. Counts carevoice_event_readers, carevoice_events_heard_total, carevoice_event_readers_behind_total.
class EventFeed {
public:
    /// `metrics` outlives it.
    explicit EventFeed(Metrics& metrics, EventFeedLimits limits = {}) : metrics_(metrics), limits_(limits) {}
    ~EventFeed();
    EventFeed(const EventFeed&) = delete;
    EventFeed& operator=(const EventFeed&) = delete;

    /// Hears the store on `pool`, one of whose threads it keeps, until its group is stopped, which it notices within a
    /// quarter of a second. Spawn once.
    async::Task<> hear(storage::SessionStore& store, async::BlockingPool& pool);
    /// A message of an EventPublisher. One that is known already, or makes no sense, changes nothing.
    void take(std::string_view message);
    /// Some events passed unheard.
    void note_gap();
    /// Instances that said they are there within the last ten seconds in which anything was heard; at least 1.
    [[nodiscard]] std::size_t instances() const noexcept { return instances_; }

    class Reader;
    /// Events from now on: of all calls (without partial words), or of one call (with them). `last_event_id`: those
    /// after it, when it is still known. nullptr when there are too many readers.
    std::unique_ptr<Reader> read(std::optional<CallSessionId> call, std::string_view last_event_id);
    [[nodiscard]] bool has_room() const;

private:
    struct Event {
        std::uint64_t place;
        std::string id;                           ///< empty: cannot be gone on from
        std::string call;                         ///< empty: concerns everybody
        std::shared_ptr<const std::string> text;  ///< as an event stream has it
    };
    struct Waiting;

    void append(Event event);
    void note_presence(std::string_view message);
    void wake(const std::string& call, bool passing);

    Metrics& metrics_;
    const EventFeedLimits limits_;
    std::atomic<std::size_t> instances_{1};
    mutable std::mutex mutex_;
    std::uint64_t last_place_ = 0;
    std::uint64_t forgotten_ = 0;  ///< place of the last event that fell out of the ring
    std::deque<Event> ring_;
    std::deque<Event> passing_;
    std::unordered_map<std::string, std::uint64_t> places_;  ///< of the ring's events, by id
    std::map<std::string, SteadyTime, std::less<>> seen_;    ///< instances
    std::vector<Waiting*> readers_;
};

/// One reader, on one strand. The feed outlives it.
class EventFeed::Reader {
public:
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// What is new, ready to be written to an event stream. timed_out: nothing by the deadline. unavailable: the reader
    /// was too slow, and what it has not seen is gone. cancelled: its owner stopped.
    async::Task<Result<std::string>> next(Deadline deadline);

private:
    friend class EventFeed;
    Reader(EventFeed& feed, std::optional<CallSessionId> call, std::string_view last_event_id);
    /// Under the feed's mutex.
    std::string collect();

    EventFeed& feed_;
    std::unique_ptr<Waiting> waiting_;
    std::uint64_t seen_ = 0;  ///< place of the last event it has got
    std::string opening_;
};

}  // namespace carevoice::api
