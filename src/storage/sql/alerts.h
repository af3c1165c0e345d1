// Alerts and their evidence in SQL.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlAlerts final : public AlertRepository {
public:
    explicit SqlAlerts(Connections& connections) : connections_(connections) {}

    Result<domain::Alert> find(const AlertId& id) override;
    Result<Page<domain::Alert>> list(const AlertFilter& filter, const PageRequest& page) override;
    Result<domain::Alert> set_status(const AlertId& id, domain::AlertStatus status, WallTime now) override;

private:
    Connections& connections_;
};

/// Takes what the rules raised into the alerts of `call`, inside the transaction of `session`, whose owner has locked
/// the call. Returns those that were new or rose, as they are now. corrupt.
Result<std::vector<domain::Alert>> absorb_alerts(soci::session& session, const Dialect& dialect,
                                                 const domain::Call& call,
                                                 const std::vector<domain::RaisedAlert>& raised, WallTime now,
                                                 const std::function<AlertId()>& new_alert_id);

}  // namespace carevoice::storage::sql
