#include "api/event_feed.h"

#include "api/event_publisher.h"
#include "core/log.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cassert>

namespace carevoice::api {

namespace asio = async::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t heard_max = 4'096;
constexpr milliseconds listening_step = 250ms;
constexpr milliseconds subscribe_again = 1s;
constexpr milliseconds presence_age_max = 5 * presence_every;

/// "ID KIND CALL JSON"; an empty id when it is none.
struct Message {
    std::string_view id;
    std::string_view kind;
    std::string_view call;
    std::string_view json;
};

Message parse(std::string_view text) {
    std::array<std::string_view, 3> words;
    for (auto& word : words) {
        const auto space = text.find(' ');
        if (space == std::string_view::npos || space == 0) return {};
        word = text.substr(0, space);
        text.remove_prefix(space + 1);
    }
    // One event is one line: whoever writes to the store cannot make up others.
    if (text.find_first_of("\r\n") != std::string_view::npos) return {};
    return {.id = words[0], .kind = words[1], .call = words[2], .json = text};
}

std::string stream_text(std::string_view id, std::string_view kind, std::string_view json) {
    std::string text;
    if (!id.empty()) text.append("id: ").append(id).append("\n");
    text.append("event: ").append(kind).append("\ndata: ").append(json).append("\n\n");
    return text;
}

bool is_plain(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

struct EventFeed::Waiting {
    std::string call;  ///< empty: all
    std::shared_ptr<asio::steady_timer> timer;
};

EventFeed::~EventFeed() {
    assert(readers_.empty());
}

// ---- Hearing

async::Task<> EventFeed::hear(storage::SessionStore& store, async::BlockingPool& pool) {
    std::shared_ptr<storage::EventSubscription> heard;
    for (;;) {
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        if (!heard) {
            auto subscribe = [&store]() { return store.subscribe(events_topic, heard_max); };
            auto subscribed = co_await pool.run(std::move(subscribe));
            if (subscribed.has_value()) {
                heard = std::move(*subscribed);
            } else if (const auto slept = co_await async::sleep_for(subscribe_again); slept.has_error()) {
                co_return;
            }
            continue;
        }
        auto listen = [heard]() { return heard->next(Deadline::in(listening_step)); };
        const auto event = co_await pool.run(std::move(listen));
        if (event.has_value()) {
            if (event->lost_some) note_gap();
            note_presence(event->message);
            take(event->message);
        } else if (event.error().code == Errc::cancelled) {
            co_return;
        }
    }
}

void EventFeed::take(std::string_view text) {
    const auto message = parse(text);
    if (!is_plain(message.id) || !is_plain(message.kind)) return;
    if (message.kind == "presence") return;
    const std::lock_guard lock(mutex_);
    const bool passing = message.kind == "partial";
    std::string id(message.id);
    if (places_.contains(id)) return;
    metrics_.add("carevoice_events_heard_total");
    auto line = std::make_shared<const std::string>(
        stream_text(passing ? std::string_view() : message.id, message.kind, message.json));
    Event event{
        .place = ++last_place_, .id = std::move(id), .call = std::string(message.call), .text = std::move(line)};
    wake(event.call, passing);
    if (!passing) return append(std::move(event));
    passing_.push_back(std::move(event));
    if (passing_.size() > limits_.passing) passing_.pop_front();
}

void EventFeed::append(Event event) {
    if (!event.id.empty()) places_.emplace(event.id, event.place);
    ring_.push_back(std::move(event));
    if (ring_.size() <= limits_.ring) return;
    forgotten_ = ring_.front().place;
    places_.erase(ring_.front().id);
    ring_.pop_front();
}

void EventFeed::note_gap() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    for (auto& [name, at] : seen_) at = now;
    // Nobody may go on from before the gap, here or at an instance that heard what we did not.
    ring_.clear();
    places_.clear();
    append({.place = ++last_place_,
            .id = {},
            .call = {},
            .text = std::make_shared<const std::string>(stream_text({}, "reload", "{}"))});
    wake({}, false);
}

void EventFeed::note_presence(std::string_view text) {
    const auto publisher = text.substr(0, text.find_first_of(". "));
    if (!is_plain(publisher)) return;
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const auto known = seen_.find(publisher);
    if (known != seen_.end())
        known->second = now;
    else
        seen_.emplace(publisher, now);
    std::erase_if(seen_, [now](const auto& one) { return now - one.second > presence_age_max; });
    instances_ = seen_.size();
}

void EventFeed::wake(const std::string& call, bool passing) {
    for (const auto* reader : readers_) {
        const bool wants = reader->call.empty() ? !passing : call.empty() || reader->call == call;
        // Posted, so that it runs after the reader has begun to wait.
        if (wants && reader->timer)
            asio::post(reader->timer->get_executor(), [timer = reader->timer] { timer->cancel(); });
    }
}

// ---- Readers

bool EventFeed::has_room() const {
    const std::lock_guard lock(mutex_);
    return readers_.size() < limits_.readers;
}

std::unique_ptr<EventFeed::Reader> EventFeed::read(std::optional<CallSessionId> call, std::string_view last_event_id) {
    const std::lock_guard lock(mutex_);
    if (readers_.size() >= limits_.readers) return nullptr;
    std::unique_ptr<Reader> reader(new Reader(*this, std::move(call), last_event_id));
    readers_.push_back(reader->waiting_.get());
    metrics_.set("carevoice_event_readers", static_cast<double>(readers_.size()));
    return reader;
}

EventFeed::Reader::Reader(EventFeed& feed, std::optional<CallSessionId> call, std::string_view last_event_id)
    : feed_(feed), waiting_(std::make_unique<Waiting>()) {
    if (call) waiting_->call = call->str();
    const auto known = feed.places_.find(std::string(last_event_id));
    opening_ = "retry: 1000\n\n";
    if (known != feed.places_.end()) {
        seen_ = known->second;
        return;
    }
    seen_ = feed.last_place_;
    opening_ += stream_text(feed.ring_.empty() ? std::string_view() : feed.ring_.back().id, "reload", "{}");
}

EventFeed::Reader::~Reader() {
    const std::lock_guard lock(feed_.mutex_);
    std::erase(feed_.readers_, waiting_.get());
    feed_.metrics_.set("carevoice_event_readers", static_cast<double>(feed_.readers_.size()));
}

std::string EventFeed::Reader::collect() {
    std::string text = std::exchange(opening_, {});
    const auto is_new = [this](const Event& event) { return event.place > seen_; };
    auto lasting = std::ranges::find_if(feed_.ring_, is_new);
    auto passing = waiting_->call.empty() ? feed_.passing_.end() : std::ranges::find_if(feed_.passing_, is_new);
    for (std::size_t taken = 0; taken < feed_.limits_.batch;) {
        const bool has_lasting = lasting != feed_.ring_.end();
        const bool has_passing = passing != feed_.passing_.end();
        if (!has_lasting && !has_passing) break;
        const bool is_passing = has_passing && (!has_lasting || passing->place < lasting->place);
        const auto& event = is_passing ? *passing++ : *lasting++;
        seen_ = event.place;
        if (!waiting_->call.empty() && !event.call.empty() && event.call != waiting_->call) continue;
        text += *event.text;
        ++taken;
    }
    return text;
}

async::Task<Result<std::string>> EventFeed::Reader::next(Deadline deadline) {
    for (;;) {
        const auto executor = co_await asio::this_coro::executor;
        std::shared_ptr<asio::steady_timer> timer;
        {
            const std::lock_guard lock(feed_.mutex_);
            if (seen_ < feed_.forgotten_) {
                feed_.metrics_.add("carevoice_event_readers_behind_total");
                co_return Error{Errc::unavailable, "too slow: some events are gone"};
            }
            if (auto text = collect(); !text.empty()) co_return text;
            if (deadline.passed(std::chrono::steady_clock::now()))
                co_return Error{Errc::timed_out, "nothing happened in time"};
            timer = waiting_->timer = std::make_shared<asio::steady_timer>(executor, deadline.at());
        }
        co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
        {
            const std::lock_guard lock(feed_.mutex_);
            waiting_->timer.reset();
        }
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            co_return Error{Errc::cancelled, "stopped while waiting"};
    }
}

}  // namespace carevoice::api
