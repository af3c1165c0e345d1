#include "storage/event_hub.h"

#include <algorithm>
#include <utility>

namespace carevoice::storage {

class EventHub::Subscription final : public EventSubscription {
public:
    Subscription(std::shared_ptr<Shared> shared, const std::string& topic, std::size_t queue_max)
        : shared_(std::move(shared)), queue_(std::make_shared<Queue>()) {
        queue_->most = std::max<std::size_t>(1, queue_max);
        const std::lock_guard lock(shared_->mutex);
        place_ = shared_->queues.emplace(topic, queue_);
    }
    ~Subscription() override {
        const std::lock_guard lock(shared_->mutex);
        shared_->queues.erase(place_);
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    Result<LiveEvent> next(Deadline deadline) override {
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait_until(lock, deadline.at(), [this] { return shared_->ended || !queue_->events.empty(); });
        if (shared_->ended) return Error{.code = Errc::cancelled, .detail = "live events have ended"};
        if (queue_->events.empty()) return Error{.code = Errc::timed_out, .detail = "no live event came"};
        LiveEvent event = std::move(queue_->events.front());
        queue_->events.pop_front();
        return event;
    }

private:
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<Queue> queue_;
    std::multimap<std::string, std::shared_ptr<Queue>>::iterator place_;
};

EventHub::~EventHub() {
    const std::lock_guard lock(shared_->mutex);
    shared_->ended = true;
    shared_->changed.notify_all();
}

std::unique_ptr<EventSubscription> EventHub::subscribe(const std::string& topic, std::size_t queue_max) {
    return std::make_unique<Subscription>(shared_, topic, queue_max);
}

void EventHub::deliver(const std::string& topic, const std::string& message) {
    const std::lock_guard lock(shared_->mutex);
    const auto [begin, end] = shared_->queues.equal_range(topic);
    for (auto one = begin; one != end; ++one) {
        Queue& queue = *one->second;
        queue.events.push_back({.message = message, .lost_some = std::exchange(queue.has_gap, false)});
        if (queue.events.size() <= queue.most) continue;
        queue.events.pop_front();
        queue.events.front().lost_some = true;
        shared_->metrics.add("carevoice_sessions_events_lost_total");
    }
    shared_->changed.notify_all();
}

void EventHub::note_gap() {
    const std::lock_guard lock(shared_->mutex);
    for (auto& [topic, queue] : shared_->queues) queue->has_gap = true;
}

}  // namespace carevoice::storage
