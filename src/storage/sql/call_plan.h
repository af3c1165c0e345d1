// The call plan in SQL.
#pragma once

#include "storage/call_plan.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlCallPlan final : public CallPlanRepository {
public:
    explicit SqlCallPlan(Connections& connections) : connections_(connections) {}

    Result<std::vector<CallSessionId>> due(WallTime now, WallTime abandoned_before, int limit) override;
    Result<std::optional<WallTime>> next_due() override;
    Result<Claim> claim(const CallSessionId& id, WallTime now,
                        const std::function<DialDecision(const DialCandidate&)>& decide) override;
    Result<bool> never_made(const CallSessionId& id, WallTime dialled_at, std::optional<WallTime> at,
                            const std::string& why, WallTime now) override;
    Result<std::vector<domain::Call>> unknown(int limit) override;
    Result<std::int64_t> withdraw_opted_out(WallTime now) override;
    Result<std::vector<domain::Call>> unsettled(int limit) override;
    Result<std::vector<domain::Call>> attempts(const CallSessionId& first) override;
    Result<bool> settle(const CallSessionId& id, const std::optional<domain::Call>& next) override;
    Result<CallCosts> costs_since(WallTime from) override;

private:
    Connections& connections_;
};

}  // namespace carevoice::storage::sql
