// Notifications that wait for delivery, and alerts that wait for a person. A notification is written in the transaction
// of the alert that causes it (TurnRecord::plan) and is then delivered at least once: by whichever instance claims it,
// again when that instance dies before it says how it went. Blocking and thread-safe as all repositories; one contract
// suite holds every database to this text.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"
#include "domain/notification.h"
#include "storage/page.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::storage {

/// withdrawn: an escalation that somebody forestalled by acknowledging the alert.
enum class DeliveryState { queued, leased, delivered, dead, withdrawn };
std::string_view to_string(DeliveryState state) noexcept;
std::optional<DeliveryState> parse_delivery_state(std::string_view text) noexcept;

struct OutboxItem {
    domain::Notification notification;
    DeliveryState state = DeliveryState::queued;
    int attempts = 0;            ///< claims so far: one that ended with its worker's death counts too
    WallTime next_attempt_at{};  ///< of a leased one: when its lease ends
    std::string last_error;      ///< why the last attempt failed; holds no patient data
    std::string receipt;         ///< the receiver's own id of the message ("SM…"), empty when it gives none
    WallTime created_at{};
    std::optional<WallTime> settled_at;  ///< delivered, dead or withdrawn
};

struct OutboxFilter {
    std::optional<DeliveryState> state;
    std::optional<AlertId> alert_id;
};

struct OutboxCounts {
    std::int64_t queued = 0;  ///< those leased among them
    std::int64_t dead = 0;
    milliseconds oldest_due{0};  ///< how long the one that is due longest has waited; 0 when none is due
};

class OutboxRepository {
public:
    virtual ~OutboxRepository() = default;
    /// Leases up to `limit` due items to `worker` until `now` + `lease`: the most severe first, then the longest due.
    /// No item is leased to two workers at once; an expired lease may be claimed again.
    virtual Result<std::vector<OutboxItem>> claim(const std::string& worker, WallTime now, milliseconds lease,
                                                  int limit) = 0;

    // How it went. False, and nothing is changed, when the lease is no longer the worker's. What was withdrawn on its
    // way may still turn out to be delivered.
    virtual Result<bool> delivered(const NotificationId& id, const std::string& worker, const std::string& receipt,
                                   WallTime now) = 0;
    /// `backup`, when given, is queued in the same transaction, once.
    virtual Result<bool> failed(const NotificationId& id, const std::string& worker, const std::string& error,
                                WallTime try_again_at, const std::optional<domain::Notification>& backup) = 0;
    /// Parked as a dead letter until a person asks for another attempt.
    virtual Result<bool> buried(const NotificationId& id, const std::string& worker, const std::string& error,
                                WallTime now) = 0;

    /// A dead letter tries again from its first attempt. not_found; conflict when it is not dead.
    virtual Result<> revive(const NotificationId& id, WallTime now) = 0;
    virtual Result<OutboxItem> find(const NotificationId& id) = 0;
    virtual Result<Page<OutboxItem>> list(const OutboxFilter& filter, const PageRequest& page) = 0;  ///< newest first
    virtual Result<OutboxCounts> counts(WallTime now) = 0;

    /// Alerts still open whose escalate_at has come, the most severe first.
    virtual Result<std::vector<domain::Alert>> due_escalations(WallTime now, int limit) = 0;
    /// Takes the alert to `level` and queues the plan's notifications, unless it is no longer open or another instance
    /// took it there first: then false, and nothing is changed.
    virtual Result<bool> escalate(const AlertId& id, int level, const domain::AlertPlan& plan, WallTime now) = 0;
};

}  // namespace carevoice::storage
