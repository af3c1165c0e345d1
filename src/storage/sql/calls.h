// Calls and their events in SQL.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlCalls final : public CallRepository {
public:
    explicit SqlCalls(Connections& connections) : connections_(connections) {}

    Result<domain::Call> find(const CallSessionId& id) override;
    Result<domain::Call> find_by_sid(const CallSid& sid) override;
    Result<> insert(const domain::Call& call) override;
    Result<domain::Call> update(const CallSessionId& id, const std::function<void(domain::Call&)>& change) override;
    Result<Page<domain::Call>> list(const CallFilter& filter, const PageRequest& page) override;
    Result<std::vector<domain::Call>> list_unfinished() override;
    Result<bool> add_event(const CallEvent& event) override;
    Result<std::vector<CallEvent>> events(const CallSessionId& id) override;

private:
    Connections& connections_;
};

/// The call, which nobody else can change until the transaction of `session` ends. not_found, corrupt.
Result<domain::Call> find_locked(soci::session& session, const Dialect& dialect, const CallSessionId& id);
/// Writes every column of a call that exists.
void write_call(soci::session& session, const domain::Call& call);
/// ok when the call exists, not_found when not.
Result<> check_call_exists(soci::session& session, const CallSessionId& id);

/// "'completed', 'busy', …": the final states, as SQL.
const std::string& final_states();

}  // namespace carevoice::storage::sql
