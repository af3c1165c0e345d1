#include "storage/postgres/postgres_dialect.h"
#include "storage/repositories.h"
#include "storage/sql/alerts.h"
#include "storage/sql/analytics.h"
#include "storage/sql/call_plan.h"
#include "storage/sql/calls.h"
#include "storage/sql/connections.h"
#include "storage/sql/conversations.h"
#include "storage/sql/migrations.h"
#include "storage/sql/outbox.h"
#include "storage/sql/patients.h"
#include "storage/sql/recordings.h"
#include "storage/sqlite/sqlite_dialect.h"

namespace carevoice::storage {

namespace {

constexpr std::size_t connections_max = 256;
constexpr milliseconds patience_min{100};

class SqlDatabase final : public Database {
public:
    explicit SqlDatabase(std::unique_ptr<sql::Connections> connections) : connections_(std::move(connections)) {}

    PatientRepository& patients() override { return patients_; }
    CallRepository& calls() override { return calls_; }
    CallPlanRepository& call_plan() override { return call_plan_; }
    ConversationRepository& conversations() override { return conversations_; }
    AlertRepository& alerts() override { return alerts_; }
    OutboxRepository& outbox() override { return outbox_; }
    RecordingRepository& recordings() override { return recordings_; }
    AnalyticsRepository& analytics() override { return analytics_; }
    Result<> ping() override { return connections_->probe(); }

private:
    std::unique_ptr<sql::Connections> connections_;
    sql::SqlPatients patients_{*connections_};
    sql::SqlCalls calls_{*connections_};
    sql::SqlCallPlan call_plan_{*connections_};
    sql::SqlConversations conversations_{*connections_};
    sql::SqlAlerts alerts_{*connections_};
    sql::SqlOutbox outbox_{*connections_};
    sql::SqlRecordings recordings_{*connections_};
    sql::SqlAnalytics analytics_{*connections_};
};

}  // namespace

namespace {

struct Opened {
    std::unique_ptr<const sql::Dialect> dialect;
    bool shareable = true;  ///< false: what is in it belongs to its one connection
};

Result<Opened> choose_dialect(const std::string& url, milliseconds patience) {
    if (postgres::is_postgres_url(url)) {
        auto connection = postgres::connection_url(url);
        if (!connection) return connection.error();
        return Opened{.dialect = std::make_unique<const postgres::PostgresDialect>(std::move(*connection), patience)};
    }
    auto path = sqlite::path_of_url(url);
    if (!path) return path.error();
    auto dialect = std::make_unique<const sqlite::SqliteDialect>(std::move(*path), patience);
    const bool shareable = !dialect->in_memory();
    return Opened{.dialect = std::move(dialect), .shareable = shareable};
}

Metrics& nobody() {
    static NoMetrics metrics;
    return metrics;
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& url, const DatabaseOptions& options) {
    if (options.connections < 1 || options.connections > connections_max) {
        return Error{.code = Errc::invalid_input, .detail = "connections is 1 to 256", .field = "connections"};
    }
    if (options.patience < patience_min) {
        return Error{.code = Errc::invalid_input, .detail = "patience is at least 100 ms", .field = "patience"};
    }
    auto chosen = choose_dialect(url, options.patience);
    if (!chosen) return chosen.error();
    const sql::PoolOptions pool{.connections = chosen->shareable ? options.connections : 1,
                                .patience = options.patience};
    Metrics& metrics = options.metrics != nullptr ? *options.metrics : nobody();
    auto opened = sql::Connections::open(std::move(chosen->dialect), pool, metrics);
    if (!opened) return opened.error();
    if (const auto migrated = sql::migrate(**opened); !migrated) return migrated.error();
    return std::make_unique<SqlDatabase>(std::move(*opened));
}

Result<std::unique_ptr<Database>> open_database(const std::string& url, std::size_t connections) {
    return open_database(url, DatabaseOptions{.connections = connections});
}

Result<MigrationState> migration_state(const std::string& url) {
    const auto chosen = choose_dialect(url, DatabaseOptions{}.patience);
    if (!chosen) return chosen.error();
    return sql::look_at_migrations(*chosen->dialect);
}

}  // namespace carevoice::storage
