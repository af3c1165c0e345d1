#include "storage/postgres/postgres_dialect.h"

#include "storage/sql/query.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <array>
#include <memory>

namespace carevoice::storage::postgres {

namespace {

/// Any number will do, as long as every version of this program takes the same.
constexpr std::string_view migration_lock = "7305128843";

Error unavailable(std::string detail) {
    return {.code = Errc::unavailable, .detail = std::move(detail)};
}

Error wrong_url(std::string detail) {
    return {.code = Errc::invalid_input, .detail = std::move(detail), .field = "url"};
}

/// SOCI does not export the type information that UBSan wants to check the cast with.
__attribute__((no_sanitize("vptr"))) PGconn* handle(soci::session& session) {
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

/// Everything but letters and digits as %XX.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        if (plain) {
            encoded += letter;
        } else {
            encoded.append(1, '%').append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
        }
    }
    return encoded;
}

/// A setting that holds unless the URL has its own.
struct Default {
    std::string_view name;
    const char* value;
};
/// 2 s is the least that libpq waits for a connection. The others notice a peer that is gone without a word.
constexpr std::array defaults = {Default{"connect_timeout", "2"},     Default{"keepalives_idle", "5"},
                                 Default{"keepalives_interval", "2"}, Default{"keepalives_count", "2"},
                                 Default{"tcp_user_timeout", "5000"}, Default{"application_name", "carevoice"},
                                 Default{"client_encoding", "UTF8"}};

const char* default_of(std::string_view name) {
    for (const Default& one : defaults)
        if (one.name == name) return one.value;
    return nullptr;
}

/// libpq's own words would repeat host and user, or what it took for them in a mistyped URL.
struct Phrase {
    std::string_view heard;
    std::string_view reason;
};
constexpr std::array phrases = {
    Phrase{"password authentication failed", "it does not accept this user and password"},
    Phrase{"no password supplied", "it wants a password"},
    Phrase{"no pg_hba.conf entry", "it does not let this user in from here"},
    Phrase{"role ", "it does not know this user"},
    Phrase{"does not exist", "it has no such database"},
    Phrase{"Connection refused", "nothing listens there"},
    Phrase{"No such file", "nothing listens there"},
    Phrase{"could not translate host name", "its host name is unknown"},
    Phrase{"timeout expired", "it does not answer"},
    Phrase{"starting up", "it is starting up"},
    Phrase{"shutting down", "it is shutting down"},
    Phrase{"too many", "it has too many connections"},
    Phrase{"remaining connection slots", "it has too many connections"},
    Phrase{"SSL", "no secure connection can be agreed on"},
    Phrase{"read-write", "no server takes writes"},
};

std::string_view reason_of(std::string_view message) {
    for (const Phrase& phrase : phrases)
        if (message.find(phrase.heard) != std::string_view::npos) return phrase.reason;
    return "the connection failed";
}

Result<> connect(soci::session& session, const std::string& url) {
    try {
        session.open(soci::postgresql, url);
    } catch (const soci::soci_error& error) {
        return unavailable("the database server cannot be used: " + std::string(reason_of(error.get_error_message())));
    }
    // Left alone, libpq prints what the server remarks.
    ::PQsetNoticeProcessor(
        handle(session), [](void*, const char*) {}, nullptr);
    const char* encoding = ::PQparameterStatus(handle(session), "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
        return wrong_url("the database does not store text as UTF-8: create it with ENCODING 'UTF8'");
    }
    return {};
}

std::string in_milliseconds(milliseconds span) {
    return std::to_string(span.count()) + "ms";
}

/// The error for an SQLSTATE: five characters, the first two of which name its class.
Error error_of_state(std::string_view state) {
    const std::string_view kind = state.substr(0, 2);
    const auto lost = [](std::string detail) {
        return Error{.code = Errc::unavailable, .detail = std::move(detail), .provider_code = sql::lost_connection};
    };
    if (state == "23505") return {.code = Errc::conflict, .detail = "the database has a row with this key"};
    if (state == "23503") return {.code = Errc::not_found, .detail = "a row that this one belongs to does not exist"};
    if (state == "40001" || state == "40P01") {
        return {
            .code = Errc::unavailable, .detail = "another transaction was in the way", .provider_code = sql::lost_race};
    }
    if (state == "55P03") return unavailable("a row of the database is kept for too long");
    if (state == "57014") return unavailable("the database took too long");
    if (state == "25006") return unavailable("the database can only be read");
    if (state == "53100") return unavailable("the disk of the database is full");
    if (kind == "53") return unavailable("the database is out of its means");
    if (kind == "57" || state == "25P03") return lost("the database server ended the connection");
    if (kind == "08" || kind == "  ") return lost("the connection to the database was lost");
    if (kind == "XX") return {.code = Errc::corrupt, .detail = "the database is damaged"};
    return {.code = Errc::internal,
            .detail = "the database refused a statement (PostgreSQL " + std::string(state) + ")"};
}

}  // namespace

bool is_postgres_url(const std::string& url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<std::string> connection_url(const std::string& url) {
    const auto free_options = [](PQconninfoOption* options) { ::PQconninfoFree(options); };
    const std::unique_ptr<PQconninfoOption, decltype(free_options)> options(::PQconninfoParse(url.c_str(), nullptr),
                                                                            free_options);
    if (!options || url.find('\0') != std::string::npos) return wrong_url("this is no postgresql:// URL");
    // SOCI takes what it is given apart at spaces and quotes, but leaves a URL whole as long as it has a '=' in it.
    std::string query;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        const char* value = option->val != nullptr ? option->val : default_of(option->keyword);
        if (value == nullptr) continue;
        query += query.empty() ? "postgresql:///?" : "&";
        query.append(option->keyword).append(1, '=').append(percent_encoded(value));
    }
    return query;
}

Result<> PostgresDialect::open(soci::session& session) const {
    if (auto connected = connect(session, connection_url_); !connected) return connected;
    const std::string bound = in_milliseconds(patience_);
    run_script(session, "SET statement_timeout = '" + bound + "'; SET lock_timeout = '" + bound +
                            "'; SET idle_in_transaction_session_timeout = '" + in_milliseconds(2 * patience_) + "'");
    return {};
}

Result<> PostgresDialect::open_to_look(soci::session& session) const {
    if (auto connected = connect(session, connection_url_); !connected) return connected;
    run_script(session,
               "SET statement_timeout = '" + in_milliseconds(patience_) + "'; SET default_transaction_read_only = on");
    return {};
}

void PostgresDialect::begin_read(soci::session& session) const {
    run_script(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

Result<> PostgresDialect::begin_write(soci::session& session) const {
    run_script(session, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    return {};
}

void PostgresDialect::lock_for_migration(soci::session& session) const {
    run_script(session,
               "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; "
               "SELECT pg_advisory_xact_lock(" +
                   std::string(migration_lock) + ")");
}

void PostgresDialect::run_script(soci::session& session, std::string_view script) const {
    const std::string text(script);
    const auto clear = [](PGresult* result) { ::PQclear(result); };
    const std::unique_ptr<PGresult, decltype(clear)> result(::PQexec(handle(session), text.c_str()), clear);
    const ExecStatusType status = ::PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    const char* state = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    throw soci::postgresql_soci_error("script failed", state == nullptr ? "     " : state);
}

bool PostgresDialect::has_table(soci::session& session, std::string_view name) const {
    long long one = 0;
    sql::Query query(session,
                     "SELECT 1 FROM pg_tables WHERE tablename = :name AND schemaname = ANY (current_schemas(false))");
    query.bind("name", name).into(one);
    return query.next();
}

bool PostgresDialect::is_lost(soci::session& session) const {
    return session.get_backend() == nullptr || ::PQstatus(handle(session)) != CONNECTION_OK;
}

int PostgresDialect::socket_of(soci::session& session) const {
    return session.get_backend() == nullptr ? -1 : ::PQsocket(handle(session));
}

Result<> PostgresDialect::probe(soci::session& session) const {
    run_script(session, "SELECT 1 FROM schema_migrations LIMIT 1");
    return {};
}

Error PostgresDialect::translate(const soci::soci_error& error) const {
    if (const auto* ours = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
        return error_of_state(ours->sqlstate());
    }
    // SOCI's own complaints are about statements of ours.
    return {.code = Errc::internal, .detail = "the database library refused a statement"};
}

std::string PostgresDialect::entries_of(std::string_view column) const {
    return "json_array_elements(CAST(" + std::string(column) + " AS json)) AS entry";
}

std::string PostgresDialect::text_of_entry(std::string_view member) const {
    return "(entry.value ->> '" + std::string(member) + "')";
}

}  // namespace carevoice::storage::postgres
