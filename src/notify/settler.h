// Tells the outbox how a delivery went. Internal to notify: the half of the dispatcher that decides what an outcome
// means for the item.
#pragma once

#include "core/metrics.h"
#include "core/random.h"
#include "notify/async_outbox.h"
#include "notify/back_off.h"
#include "notify/channel.h"
#include "notify/dispatcher.h"
#include "notify/lane.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::notify {

/// Why an item that was just claimed is parked without another try; nullopt: try it.
std::optional<std::string> reason_not_to_begin(const storage::OutboxItem& item, const BackOff& rule);

struct SettlerDeps {
    AsyncOutbox& outbox;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    std::function<void()> look_again;  ///< something was queued that is due
};

/// Not thread-safe: used on the dispatcher's strand. Each function returns once the outbox has taken the report, which
/// may be long when the database is away: until it is back, or until the lease is over once begin_stop() was called.
class Settler {
public:
    Settler(SettlerDeps deps, const DispatcherSettings& settings) : deps_(std::move(deps)), settings_(settings) {}

    void begin_stop() noexcept { is_stopping_ = true; }

    async::Task<> settle(Claimed claimed, Delivery delivery);
    /// This way will never work.
    async::Task<> refuse(Claimed claimed, Error error);
    /// It was not tried, for its target rests for `left`.
    async::Task<> rest(Claimed claimed, std::chrono::nanoseconds left);
    /// It was not tried, for no reason of its own.
    async::Task<> give_back(Claimed claimed);
    async::Task<> bury(Claimed claimed, std::string why);

    /// How long to leave the database alone after it was away `attempt` times in a row.
    [[nodiscard]] milliseconds database_wait(int attempt);

private:
    async::Task<> confirm(Claimed claimed, std::string receipt);
    async::Task<> try_again(Claimed claimed, std::string why, milliseconds not_before);
    async::Task<> queue_again(Claimed claimed, std::string why, WallTime at, std::optional<domain::Notification> backup,
                              std::string_view outcome);
    async::Task<Result<std::optional<domain::Notification>>> plan_backup(domain::Notification failed);
    template <class Report>
    async::Task<> tell(Claimed claimed, Report report, std::string_view outcome);
    void count(const Claimed& claimed, std::string_view outcome);

    SettlerDeps deps_;
    const DispatcherSettings& settings_;
    bool is_stopping_ = false;
};

}  // namespace carevoice::notify
