// PostgreSQL: a server that other instances share, and that may be away for a while.
#pragma once

#include "core/time.h"
#include "storage/sql/dialect.h"

#include <string>

namespace carevoice::storage::postgres {

/// True for "postgresql://…" and "postgres://…".
bool is_postgres_url(const std::string& url);

/// What SOCI is to connect with: `url` with bounded waits where it says nothing of its own. Several hosts and every
/// setting of libpq may stand in it. Errc::invalid_input naming "url", without repeating it: it may hold a password.
Result<std::string> connection_url(const std::string& url);

class PostgresDialect final : public sql::Dialect {
public:
    /// `connection_url` from above. `patience` bounds each statement and each wait for a lock, on the server's side.
    PostgresDialect(std::string connection_url, milliseconds patience)
        : connection_url_(std::move(connection_url)), patience_(patience) {}

    /// unavailable with the reason; invalid_input when the database does not store UTF-8.
    Result<> open(soci::session& session) const override;
    Result<> open_to_look(soci::session& session) const override;
    void begin_read(soci::session& session) const override;
    Result<> begin_write(soci::session& session) const override;
    /// Also lifts the bounds on statements: a migration may take its time.
    void lock_for_migration(soci::session& session) const override;
    void run_script(soci::session& session, std::string_view script) const override;
    bool has_table(soci::session& session, std::string_view name) const override;
    bool is_lost(soci::session& session) const override;
    int socket_of(soci::session& session) const override;
    Result<> probe(soci::session& session) const override;
    /// Leaves the key alone, so that others may still insert rows that refer to this one.
    [[nodiscard]] std::string_view for_update() const override { return " FOR NO KEY UPDATE"; }
    [[nodiscard]] std::string_view for_update_of_free_rows() const override { return " FOR NO KEY UPDATE SKIP LOCKED"; }
    [[nodiscard]] std::string entries_of(std::string_view column) const override;
    [[nodiscard]] std::string text_of_entry(std::string_view member) const override;
    [[nodiscard]] bool single_writer() const override { return false; }
    [[nodiscard]] Error translate(const soci::soci_error& error) const override;

private:
    std::string connection_url_;
    milliseconds patience_;
};

}  // namespace carevoice::storage::postgres
