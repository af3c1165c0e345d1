#include "app/shared_state.h"

#include <boost/asio/strand.hpp>

#include <utility>

namespace carevoice::app {

namespace {

/// The store answers in less than a millisecond, or not at all.
constexpr std::size_t asking_threads = 2;
constexpr std::size_t asking_queue_max = 256;

}  // namespace

SharedState::SharedState(std::unique_ptr<storage::SessionStore> store, SharedStateDeps deps)
    : store_(std::move(store)),
      asking_(asking_threads, asking_queue_max),
      hearing_(1, 1),
      feed_(deps.metrics),
      publisher_({.store = *store_,
                  .pool = asking_,
                  .random = deps.random,
                  .metrics = deps.metrics,
                  .keep_here = [this](const std::string& message) { feed_.take(message); }}) {}

Result<std::unique_ptr<SharedState>> SharedState::open(const Settings& settings, SharedStateDeps deps) {
    auto opened = storage::open_sessions(settings.redis_url, storage::SessionOptions{}, deps.clock, deps.metrics);
    if (opened.has_error()) return opened.error();
    std::unique_ptr<SharedState> state(new SharedState(std::move(*opened), deps));
    if (!settings.redis_url.empty()) {
        calls::SharedDialRateDeps rate{.store = *state->store_,
                                       .pool = state->asking_,
                                       .clock = deps.clock,
                                       .metrics = deps.metrics,
                                       .instances = [feed = &state->feed_] { return feed->instances(); }};
        state->rate_ = std::make_unique<calls::SharedDialRate>(settings.calls_per_second, std::move(rate));
    }
    return state;
}

void SharedState::start(const async::Executor& executor, async::TaskGroup& group) {
    group.spawn(async::asio::make_strand(executor), feed_.hear(*store_, hearing_));
    group.spawn(async::asio::make_strand(executor), publisher_.run());
}

std::function<bool()> SharedState::works() {
    if (!rate_) return {};
    return [this] { return publisher_.is_connected(); };
}

}  // namespace carevoice::app
