// Many instances, one owner for each live call.
#include "calls/call_service.h"
#include "core/log.h"

#include <boost/asio/co_spawn.hpp>

namespace carevoice::calls {

namespace {

constexpr milliseconds owners_tick{1'000};

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

}  // namespace carevoice::calls
