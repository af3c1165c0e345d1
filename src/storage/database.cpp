#include "storage/repositories.h"
#include "storage/sql/alerts.h"
#include "storage/sql/analytics.h"
#include "storage/sql/calls.h"
#include "storage/sql/connections.h"
#include "storage/sql/conversations.h"
#include "storage/sql/migrations.h"
#include "storage/sql/patients.h"
#include "storage/sqlite/sqlite_dialect.h"

namespace carevoice::storage {

namespace {

constexpr std::size_t connections_max = 256;

class SqlDatabase final : public Database {
public:
    explicit SqlDatabase(std::unique_ptr<sql::Connections> connections) : connections_(std::move(connections)) {}

    PatientRepository& patients() override { return patients_; }
    CallRepository& calls() override { return calls_; }
    ConversationRepository& conversations() override { return conversations_; }
    AlertRepository& alerts() override { return alerts_; }
    AnalyticsRepository& analytics() override { return analytics_; }
    Result<> ping() override { return connections_->probe(); }

private:
    std::unique_ptr<sql::Connections> connections_;
    sql::SqlPatients patients_{*connections_};
    sql::SqlCalls calls_{*connections_};
    sql::SqlConversations conversations_{*connections_};
    sql::SqlAlerts alerts_{*connections_};
    sql::SqlAnalytics analytics_{*connections_};
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& url, std::size_t connections) {
    if (connections < 1 || connections > connections_max) {
        return Error{.code = Errc::invalid_input, .detail = "connections is 1 to 256", .field = "connections"};
    }
    const auto path = sqlite::path_of_url(url);
    if (!path) return path.error();
    auto dialect = std::make_unique<const sqlite::SqliteDialect>(*path);
    // A database in memory belongs to its connection.
    const std::size_t count = dialect->in_memory() ? 1 : connections;
    auto opened = sql::Connections::open(std::move(dialect), count);
    if (!opened) return opened.error();
    if (const auto migrated = sql::migrate(**opened); !migrated) return migrated.error();
    return std::make_unique<SqlDatabase>(std::move(*opened));
}

Result<MigrationState> migration_state(const std::string& url) {
    const auto path = sqlite::path_of_url(url);
    if (!path) return path.error();
    return sql::look_at_migrations(sqlite::SqliteDialect(*path));
}

}  // namespace carevoice::storage
