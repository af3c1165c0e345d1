#include "storage/sql/migrations.h"

#include "core/resources.h"
#include "core/text.h"
#include "storage/sql/query.h"
#include "storage/sql/row_text.h"

#include <sodium.h>

#include <array>

namespace carevoice::storage::sql {

namespace {

constexpr std::string_view folder = "migrations/";
constexpr std::string_view suffix = ".sql";

constexpr std::string_view create_history =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

struct AppliedRow {
    static constexpr std::string_view table = "schema_migrations";

    long long version = 0;
    std::string name;
    std::string checksum;
    long long applied_at = 0;

    template <class Row, class Visit>
    static void each_column(Row& row, Visit&& visit) {
        visit("version", row.version);
        visit("name", row.name);
        visit("checksum", row.checksum);
        visit("applied_at", row.applied_at);
    }
};

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

std::vector<AppliedRow> applied_rows(soci::session& session) {
    AppliedRow row;
    Query query(session, select_sql<AppliedRow>("ORDER BY version"));
    query.into_row(row);
    std::vector<AppliedRow> rows;
    while (query.next()) rows.push_back(row);
    return rows;
}

/// ok when the applied ones are the first of ours, unchanged.
Result<> check_history(const std::vector<AppliedRow>& applied, const std::vector<Migration>& known) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (i >= known.size() || applied[i].version != known[i].version) {
            return Error{.code = Errc::corrupt,
                         .detail = "the database has migration " + applied[i].name +
                                   ", which this program does not know: the program is older than the database"};
        }
        if (applied[i].checksum != known[i].checksum) {
            return Error{.code = Errc::corrupt,
                         .detail = "migration " + known[i].name + " was changed after it had been applied"};
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Migration>> program_migrations() {
    std::vector<Migration> found;
    for (const EmbeddedResource& resource : embedded_resources()) {
        if (!resource.path.starts_with(folder) || !resource.path.ends_with(suffix)) continue;
        std::string_view name = resource.path.substr(folder.size());
        name.remove_suffix(suffix.size());
        const auto version = parse_digits(name.substr(0, name.find('_')));
        if (version != found.size() + 1) {
            return Error{.code = Errc::internal, .detail = "migration " + std::string(name) + " is out of order"};
        }
        found.push_back({.version = static_cast<long long>(*version),
                         .name = std::string(name),
                         .script = resource.text,
                         .checksum = sha256_hex(resource.text)});
    }
    return found;
}

Result<> migrate(Connections& connections) {
    const auto known = program_migrations();
    if (!known) return known.error();
    const Dialect& dialect = connections.dialect();

    return connections.migrate([&](soci::session& session) -> Result<> {
        dialect.lock_for_migration(session);
        dialect.run_script(session, create_history);
        const std::vector<AppliedRow> applied = applied_rows(session);
        if (auto checked = check_history(applied, *known); !checked) return checked;
        for (std::size_t i = applied.size(); i < known->size(); ++i) {
            const Migration& next = (*known)[i];
            dialect.run_script(session, next.script);
            const AppliedRow row{.version = next.version,
                                 .name = next.name,
                                 .checksum = next.checksum,
                                 .applied_at = from_time(SystemClock().wall_now())};
            Query(session, insert_sql<AppliedRow>()).bind_row(row).run();
        }
        return {};
    });
}

Result<MigrationState> look_at_migrations(const Dialect& dialect) {
    const auto known = program_migrations();
    if (!known) return known.error();
    std::vector<AppliedRow> applied;
    try {
        soci::session session;
        const Result<> opened = dialect.open_to_look(session);
        if (!opened && opened.error().code != Errc::not_found) return opened.error();
        if (opened && dialect.has_table(session, AppliedRow::table)) applied = applied_rows(session);
    } catch (const soci::soci_error& error) {
        return dialect.translate(error);
    }
    if (const auto checked = check_history(applied, *known); !checked) return checked.error();
    MigrationState state;
    for (const Migration& migration : *known) {
        (state.applied.size() < applied.size() ? state.applied : state.pending).push_back(migration.name);
    }
    return state;
}

}  // namespace carevoice::storage::sql
