// SQLite: one file, many readers, one writer at a time.
#pragma once

#include "storage/sql/dialect.h"

#include <string>

namespace carevoice::storage::sqlite {

/// Reads the PATH of "sqlite:PATH". Errc::invalid_input naming "url" when it is no such URL.
Result<std::string> path_of_url(const std::string& url);

class SqliteDialect final : public sql::Dialect {
public:
    /// `path` as in path_of_url; ":memory:" is a database of its own for every connection.
    explicit SqliteDialect(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] bool in_memory() const { return path_ == ":memory:"; }

    Result<> open(soci::session& session) const override;
    Result<> open_to_look(soci::session& session) const override;
    Result<> begin_write(soci::session& session) const override;
    /// Nothing to do: only one transaction can write.
    void lock_for_migration(soci::session& session) const override;
    void run_script(soci::session& session, std::string_view script) const override;
    bool has_table(soci::session& session, std::string_view name) const override;
    Result<> probe(soci::session& session) const override;
    [[nodiscard]] std::string_view for_update() const override { return ""; }
    [[nodiscard]] bool single_writer() const override { return true; }
    [[nodiscard]] Error translate(const soci::soci_error& error) const override;

private:
    std::string path_;
};

}  // namespace carevoice::storage::sqlite
