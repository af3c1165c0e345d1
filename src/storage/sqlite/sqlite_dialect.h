// SQLite: one file, many readers, one writer at a time.
#pragma once

#include "core/time.h"
#include "storage/sql/dialect.h"

#include <string>

namespace carevoice::storage::sqlite {

/// Reads the PATH of "sqlite:PATH". Errc::invalid_input naming "url" when it is no such URL.
Result<std::string> path_of_url(const std::string& url);

class SqliteDialect final : public sql::Dialect {
public:
    /// `path` as in path_of_url; ":memory:" is a database of its own for every connection.
    /// `patience` bounds the wait for another program's lock.
    SqliteDialect(std::string path, milliseconds patience) : path_(std::move(path)), patience_(patience) {}

    [[nodiscard]] bool in_memory() const { return path_ == ":memory:"; }

    Result<> open(soci::session& session) const override;
    Result<> open_to_look(soci::session& session) const override;
    void begin_read(soci::session& session) const override;
    Result<> begin_write(soci::session& session) const override;
    /// Nothing to do: only one transaction can write.
    void lock_for_migration(soci::session& session) const override;
    void run_script(soci::session& session, std::string_view script) const override;
    bool has_table(soci::session& session, std::string_view name) const override;
    bool is_lost(soci::session& /*session*/) const override { return false; }
    int socket_of(soci::session& /*session*/) const override { return -1; }
    Result<> probe(soci::session& session) const override;
    [[nodiscard]] std::string_view for_update() const override { return ""; }
    /// Only one transaction writes, so all rows are free.
    [[nodiscard]] std::string_view for_update_of_free_rows() const override { return ""; }
    [[nodiscard]] std::string entries_of(std::string_view column) const override;
    [[nodiscard]] std::string text_of_entry(std::string_view member) const override;
    [[nodiscard]] bool single_writer() const override { return true; }
    [[nodiscard]] Error translate(const soci::soci_error& error) const override;

private:
    std::string path_;
    milliseconds patience_;
};

}  // namespace carevoice::storage::sqlite
