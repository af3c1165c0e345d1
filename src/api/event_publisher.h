// Tells every instance what happens in calls, through the session store, in the words of the HTTP API.
#pragma once

#include "async/blocking_pool.h"
#include "async/bounded_queue.h"
#include "calls/call_watcher.h"
#include "core/metrics.h"
#include "core/random.h"
#include "storage/session_store.h"

#include <boost/json/object.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace carevoice::api {

/// The topic of the session store that carries all of it. A message is "ID KIND CALL JSON".
inline constexpr const char* events_topic = "calls";
/// How often each instance says that it is there, so that all know how many they are and whether the store works.
inline constexpr milliseconds presence_every{2'000};

/// All outlive it.
struct EventPublisherDeps {
    storage::SessionStore& store;
    async::BlockingPool& pool;  ///< on which the store is asked
    Random& random;
    Metrics& metrics;
    /// Takes a message that the store did not: those who look at this instance still see it. Any thread.
    std::function<void(const std::string& message)> keep_here = {};
};

/// Thread-safe. At most a thousand messages wait; then the oldest are dropped and counted
/// (carevoice_events_dropped_total), for live events are worthless when late.
class EventPublisher final : public calls::CallWatcher {
public:
    explicit EventPublisher(EventPublisherDeps deps);

    void on_call(const domain::Call& call) override;
    void on_turns(const CallSessionId& call, const std::vector<domain::Turn>& turns) override;
    void on_partial(const calls::PartialSpeech& speech) override;
    void on_alert(const domain::Alert& alert) override;

    /// Sends, in order, until its group is stopped. Spawn once.
    async::Task<> run();

    /// Whether the store took the last message; at most one presence_every old, and a time-out.
    [[nodiscard]] bool is_connected() const noexcept { return connected_; }

private:
    void publish(std::string_view kind, const CallSessionId& call, const boost::json::object& data);
    std::string message(std::string_view kind, std::string_view call, std::string_view json);
    async::Task<> send(std::string message);

    EventPublisherDeps deps_;
    const std::string name_;  ///< of this process's life: ids begin with it
    std::atomic<std::uint64_t> last_{0};
    std::atomic<bool> connected_{true};
    async::BoundedQueue<std::string> queue_{1'000};
};

}  // namespace carevoice::api
