// Turns and facts of calls in SQL, and the one transaction in which a turn is remembered.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlConversations final : public ConversationRepository {
public:
    explicit SqlConversations(Connections& connections) : connections_(connections) {}

    Result<TurnStored> record(const TurnRecord& record, const std::function<AlertId()>& new_alert_id) override;
    Result<std::vector<domain::Turn>> turns(const CallSessionId& id) override;
    Result<domain::Facts> facts(const CallSessionId& id) override;

private:
    Connections& connections_;
};

}  // namespace carevoice::storage::sql
