// The outbox in SQL.
#pragma once

#include "storage/outbox.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlOutbox final : public OutboxRepository {
public:
    explicit SqlOutbox(Connections& connections) : connections_(connections) {}

    Result<std::vector<OutboxItem>> claim(const std::string& worker, WallTime now, milliseconds lease,
                                          int limit) override;
    Result<bool> delivered(const NotificationId& id, const std::string& worker, const std::string& receipt,
                           WallTime now) override;
    Result<bool> failed(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime try_again_at, const std::optional<domain::Notification>& backup) override;
    Result<bool> buried(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime now) override;
    Result<> revive(const NotificationId& id, WallTime now) override;
    Result<OutboxItem> find(const NotificationId& id) override;
    Result<Page<OutboxItem>> list(const OutboxFilter& filter, const PageRequest& page) override;
    Result<OutboxCounts> counts(WallTime now) override;
    Result<std::vector<domain::Alert>> due_escalations(WallTime now, int limit) override;
    Result<bool> escalate(const AlertId& id, int level, const domain::AlertPlan& plan, WallTime now) override;

private:
    Connections& connections_;
};

/// Queues one notification inside the transaction of `session`; nothing when its id is there already.
void enqueue(soci::session& session, const domain::Notification& notification, WallTime now);
/// Takes back what escalations of the alert have queued and nobody has delivered yet.
void withdraw_escalations(soci::session& session, const AlertId& id, WallTime now);

}  // namespace carevoice::storage::sql
