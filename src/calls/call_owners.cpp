// Many instances, one owner for each live call.
#include "calls/call_service.h"
#include "core/log.h"

#include <boost/asio/co_spawn.hpp>

namespace carevoice::calls {

namespace {

constexpr milliseconds owners_tick{1'000};
/// A load balancer finds another instance within so many pauses of a second; a patient is not kept waiting for longer.
constexpr int sent_on_max = 2;

}  // namespace

async::Task<std::optional<std::string>> CallService::followed_elsewhere(CallSessionId id) {
    if (deps_.settings.instance_origin.empty() || find_live(id)) co_return std::nullopt;
    const auto call = co_await find(std::move(id));
    const bool elsewhere = call.has_value() && !domain::is_final(call->status) && !call->owner.empty() &&
                           call->owner != deps_.settings.instance_origin;
    co_return elsewhere ? std::optional(call->owner) : std::nullopt;
}

async::Task<> CallService::let_go(LivePtr call) {
    log(LogLevel::warning, "another instance follows this call now", {{"call", call->id().str()}});
    deps_.conversation.metrics.add("carevoice_calls_lost_to_others_total");
    {
        const std::lock_guard lock(mutex_);
        const auto found = live_.find(call->id());
        if (found != live_.end() && found->second == call) live_.erase(found);
        deps_.conversation.metrics.set("carevoice_live_calls", static_cast<double>(live_.size()));
    }
    auto work = call->let_go();
    co_await async::asio::co_spawn(call->strand(), std::move(work), async::asio::use_awaitable);
}

async::Task<> CallService::watch_owners() {
    for (;;) {
        if (const auto slept = co_await async::sleep_for(owners_tick); slept.has_error()) co_return;
        if (live_calls() == 0) continue;
        auto question = [](storage::Database& database) { return database.calls().list_unfinished(); };
        const auto unfinished = co_await deps_.conversation.store.ask(std::move(question));
        if (unfinished.has_error()) continue;
        for (const auto& row : *unfinished)
            if (auto followed = find_live(row.call_session_id); followed && followed->owner_epoch() < row.owner_epoch)
                tasks_.spawn(followed->strand(), let_go(std::move(followed)));
    }
}

// ---- Going down

void CallService::drain() {
    if (draining_.exchange(true)) return;
    scheduler_.stop_dialling();
    log(LogLevel::info, "draining: no call is begun here any more",
        {{"live_calls", static_cast<std::int64_t>(live_calls())}});
}

std::string CallService::dial_hold() const {
    return is_draining() ? "this instance is going down" : scheduler_.hold();
}

void CallService::tell_watcher(const domain::Call& call) const {
    if (deps_.conversation.watcher != nullptr) deps_.conversation.watcher->on_call(call);
}

std::optional<std::string> CallService::send_on(const CallSessionId& id) {
    if (!draining_ || deps_.settings.instance_origin.empty()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (live_.contains(id) || ++sent_on_[id] > sent_on_max) return std::nullopt;
    const ReplyContext context{.settings = deps_.settings,
                               .call_session_id = id,
                               .hearing = Hearing::stream_running,
                               .stream_token = {},
                               .transfer_number = {}};
    return holding_twiml(context, 1);
}

async::Task<> CallService::hand_over(LivePtr call) {
    auto work = call->let_go();
    co_await async::asio::co_spawn(call->strand(), std::move(work), async::asio::use_awaitable);
    auto give_free = [self = deps_.settings.instance_origin, epoch = call->owner_epoch()](domain::Call& stored) {
        if (stored.owner == self && stored.owner_epoch == epoch) stored.owner.clear();
    };
    const auto given_free = co_await update(call->id(), std::move(give_free));
    if (given_free.has_error())
        log(LogLevel::warning, "a call is not given free: the next instance asks for it in vain first",
            {{"call", call->id().str()}, {"code", to_string(given_free.error().code)}});
}

async::Task<> CallService::stop() {
    drain();
    // A webhook that comes nevertheless is refused, and whoever passed it on takes the call.
    stopping_ = true;
    co_await tasks_.wait_empty();
    std::vector<LivePtr> unfinished;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, call] : live_) unfinished.push_back(call);
        live_.clear();
    }
    for (auto& call : unfinished) tasks_.spawn(call->strand(), hand_over(std::move(call)));
    co_await tasks_.wait_empty();
    co_await tasks_.stop();
}

}  // namespace carevoice::calls
