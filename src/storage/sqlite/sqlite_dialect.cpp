#include "storage/sqlite/sqlite_dialect.h"

#include "storage/sql/query.h"

#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>

namespace carevoice::storage::sqlite {

namespace {

constexpr std::string_view scheme = "sqlite:";

Error unavailable(std::string detail) {
    return {.code = Errc::unavailable, .detail = std::move(detail)};
}

/// SOCI does not export the type information that UBSan wants to check the cast with.
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3* handle(soci::session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

/// SOCI reads "db=PATH" up to a space unless PATH is quoted.
std::string connect_string(const std::string& path) {
    return "db=\"" + path + "\"";
}

/// Makes sure that the file exists and that nobody but its owner can touch it, before SQLite writes a byte. SQLite
/// gives its -wal and -shm files the same mode.
Result<> make_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        const int reason = errno;
        return unavailable("cannot open the database file " + path + ": " + std::generic_category().message(reason));
    }
    struct stat state {};
    const bool is_private = ::fstat(file, &state) == 0 && S_ISREG(state.st_mode) &&
                            ((state.st_mode & (S_IRWXG | S_IRWXO)) == 0 || ::fchmod(file, S_IRUSR | S_IWUSR) == 0);
    ::close(file);
    if (!is_private) return unavailable("the database file " + path + " cannot be kept to its owner");
    return {};
}

/// SQLite does not wait for others while it changes the journal mode, so we do.
void use_write_ahead_log(const sql::Dialect& dialect, soci::session& session, milliseconds patience) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (true) {
        try {
            dialect.run_script(session, "PRAGMA journal_mode = WAL");
            return;
        } catch (const soci::soci_error& error) {
            const bool busy = dialect.translate(error).provider_code == SQLITE_BUSY;
            if (!busy || std::chrono::steady_clock::now() >= give_up) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }
}

/// The error for an SQLite result code, extended or not.
Error error_of_code(int code) {
    const int primary = code & 0xff;
    const auto error = [primary](Errc errc, std::string detail) {
        return Error{.code = errc, .detail = std::move(detail), .provider_code = primary};
    };
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY: return error(Errc::conflict, "the database has a row with this key");
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return error(Errc::not_found, "a row that this one belongs to does not exist");
        default: break;
    }
    switch (primary) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return error(Errc::unavailable, "the database is busy");
        case SQLITE_FULL: return error(Errc::unavailable, "the disk of the database is full");
        case SQLITE_READONLY: return error(Errc::unavailable, "the database can only be read, or its file was moved");
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_NOMEM:
        case SQLITE_PROTOCOL:
            return error(Errc::unavailable, "the database file cannot be used (SQLite " + std::to_string(code) + ")");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return error(Errc::corrupt, "the database file is damaged or not a database");
        default: return error(Errc::internal, "the database refused a statement (SQLite " + std::to_string(code) + ")");
    }
}

}  // namespace

Result<std::string> path_of_url(const std::string& url) {
    const auto refused = [](std::string detail) {
        return Error{.code = Errc::invalid_input, .detail = std::move(detail), .field = "url"};
    };
    // The URL itself stays out of the message: of another scheme, it could hold a password.
    if (!url.starts_with(scheme)) return refused("the database URL is sqlite:PATH or postgresql://…");
    const std::string path = url.substr(scheme.size());
    if (path.empty()) return refused("the database URL has no path");
    if (path == ":memory:") return path;
    if (path.find_first_of(std::string_view("\"\0", 2)) != std::string::npos) {
        return refused("the database path has a quote or a NUL in it");
    }
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    if (failed) return refused("the database path cannot be made absolute");
    return absolute.string();
}

Result<> SqliteDialect::open(soci::session& session) const {
    if (!in_memory()) {
        if (auto made = make_private(path_); !made) return made;
    }
    session.open(soci::sqlite3, connect_string(path_));
    sqlite_api::sqlite3_extended_result_codes(handle(session), 1);
    if (sqlite_api::sqlite3_db_readonly(handle(session), "main") == 1) {
        return unavailable("the database file " + path_ + " can only be read");
    }
    run_script(session, "PRAGMA busy_timeout = " + std::to_string(patience_.count()));
    use_write_ahead_log(*this, session, patience_);
    // FULL: a stored alert survives a power cut. secure_delete: an erased patient leaves no bytes behind.
    run_script(session, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    return {};
}

Result<> SqliteDialect::open_to_look(soci::session& session) const {
    std::error_code failed;
    if (in_memory() || !std::filesystem::exists(path_, failed)) {
        if (failed) return unavailable("cannot look for the database file " + path_);
        return Error{.code = Errc::not_found, .detail = "there is no database yet"};
    }
    session.open(soci::sqlite3, connect_string(path_));
    sqlite_api::sqlite3_extended_result_codes(handle(session), 1);
    run_script(session, "PRAGMA busy_timeout = " + std::to_string(patience_.count()) + "; PRAGMA query_only = ON");
    return {};
}

void SqliteDialect::begin_read(soci::session& session) const {
    run_script(session, "BEGIN");
}

Result<> SqliteDialect::begin_write(soci::session& session) const {
    // Writing on to a file that was deleted or replaced would succeed and be lost.
    int moved = 0;
    sqlite_api::sqlite3_file_control(handle(session), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) return unavailable("the database file was deleted or replaced");
    run_script(session, "BEGIN IMMEDIATE");
    return {};
}

void SqliteDialect::lock_for_migration(soci::session& /*session*/) const {}

void SqliteDialect::run_script(soci::session& session, std::string_view script) const {
    const std::string text(script);
    sqlite_api::sqlite3* connection = handle(session);
    const int code = sqlite_api::sqlite3_exec(connection, text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw soci::sqlite3_soci_error("script failed", code);
}

bool SqliteDialect::has_table(soci::session& session, std::string_view name) const {
    long long one = 0;
    sql::Query query(session, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name");
    query.bind("name", name).into(one);
    return query.next();
}

Result<> SqliteDialect::probe(soci::session& session) const {
    int moved = 0;
    sqlite_api::sqlite3_file_control(handle(session), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) return unavailable("the database file was deleted or replaced");
    run_script(session, "SELECT 1 FROM schema_migrations LIMIT 1");
    return {};
}

Error SqliteDialect::translate(const soci::soci_error& error) const {
    if (const auto* ours = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) return error_of_code(ours->result());
    // SOCI's own complaints are about statements of ours.
    return {.code = Errc::internal, .detail = "the database library refused a statement"};
}

std::string SqliteDialect::entries_of(std::string_view column) const {
    return "json_each(" + std::string(column) + ") AS entry";
}

std::string SqliteDialect::text_of_entry(std::string_view member) const {
    return "json_extract(entry.value, '$." + std::string(member) + "')";
}

}  // namespace carevoice::storage::sqlite
