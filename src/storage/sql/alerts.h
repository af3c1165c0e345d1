// Alerts and their evidence in SQL.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"
#include "storage/sql/query.h"

#include <functional>

namespace carevoice::storage::sql {

class SqlAlerts final : public AlertRepository {
public:
    explicit SqlAlerts(Connections& connections) : connections_(connections) {}

    Result<domain::Alert> find(const AlertId& id) override;
    Result<Page<domain::Alert>> list(const AlertFilter& filter, const PageRequest& page) override;
    Result<domain::Alert> set_status(const AlertId& id, domain::AlertStatus status, WallTime now, const std::string& by,
                                     const std::string& note) override;
    Result<domain::Alert> add_note(const AlertId& id, WallTime now, const std::string& by,
                                   const std::string& note) override;

private:
    Connections& connections_;
};

/// Takes the alerts of `record` into those of `call`, with what its plan says, inside the transaction of `session`,
/// whose owner has locked the call. Returns those that were new or rose, as they are now. corrupt.
Result<std::vector<domain::Alert>> absorb_alerts(soci::session& session, const Dialect& dialect,
                                                 const domain::Call& call, const TurnRecord& record,
                                                 const std::function<AlertId()>& new_alert_id);

/// The alerts of the call whose types `raised` names.
Result<std::vector<domain::Alert>> load_alerts_like(soci::session& session, const CallSessionId& id,
                                                    const std::vector<domain::RaisedAlert>& raised);

/// The alert, and, with Dialect::for_update() as `lock`, nobody else can change it until the transaction of `session`
/// ends. not_found, corrupt.
Result<domain::Alert> load_alert(soci::session& session, const AlertId& id, std::string_view lock);
/// Writes every column of an alert that exists, leaving its evidence.
void write_alert(soci::session& session, const domain::Alert& alert);
/// All alerts that `conditions` select, with their evidence; `bind` sets its parameters.
Result<std::vector<domain::Alert>> select_alerts(soci::session& session, const std::string& conditions,
                                                 const std::function<void(Query&)>& bind);

}  // namespace carevoice::storage::sql
