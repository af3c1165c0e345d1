// Figures over calls in SQL.
#pragma once

#include "storage/repositories.h"
#include "storage/sql/connections.h"

namespace carevoice::storage::sql {

class SqlAnalytics final : public AnalyticsRepository {
public:
    explicit SqlAnalytics(Connections& connections) : connections_(connections) {}

    Result<CallFigures> figures(std::optional<WallTime> from, std::optional<WallTime> to) override;

private:
    Connections& connections_;
};

}  // namespace carevoice::storage::sql
