// What differs between one SQL database and another; everything else is shared.
#pragma once

#include "core/error.h"

#include <soci/soci.h>

#include <string>
#include <string_view>

namespace carevoice::storage::sql {

/// The provider_code of an Error that says: another transaction was in the way, and repeating all of this one helps.
constexpr int lost_race = 40'001;
/// The same for: the connection is gone.
constexpr int lost_connection = 8'000;

/// Thread-safe. Functions may also throw soci::soci_error, which Connections hands to translate().
class Dialect {
public:
    virtual ~Dialect() = default;
    /// Connects `session` and makes it ready for use.
    virtual Result<> open(soci::session& session) const = 0;
    /// Connects for looking only: creates nothing, changes nothing. not_found when there is no database yet.
    virtual Result<> open_to_look(soci::session& session) const = 0;
    /// Starts a transaction that reads one consistent state.
    virtual void begin_read(soci::session& session) const = 0;
    /// Starts a transaction that may write; after it no other one can change what this one reads for writing.
    virtual Result<> begin_write(soci::session& session) const = 0;
    /// Keeps a second program from migrating at the same time; called inside a write transaction.
    virtual void lock_for_migration(soci::session& session) const = 0;
    /// Runs several statements without parameters, as in a migration.
    virtual void run_script(soci::session& session, std::string_view script) const = 0;
    virtual bool has_table(soci::session& session, std::string_view name) const = 0;
    /// True when `session` will never answer again and has to be opened anew.
    virtual bool is_lost(soci::session& session) const = 0;
    /// The socket to the server, for a watchdog to close; -1 when there is none.
    virtual int socket_of(soci::session& session) const = 0;
    /// Asks whether the database is still there; cheap.
    virtual Result<> probe(soci::session& session) const = 0;
    /// What a SELECT ends with to keep others from changing its rows until the transaction ends.
    [[nodiscard]] virtual std::string_view for_update() const = 0;
    /// The same, leaving out rows that others keep.
    [[nodiscard]] virtual std::string_view for_update_of_free_rows() const = 0;
    /// A table for FROM, beside that of `column`, with a row "entry" for each element of the JSON array in `column`.
    [[nodiscard]] virtual std::string entries_of(std::string_view column) const = 0;
    /// The text that such an entry, a JSON object, has under `member`.
    [[nodiscard]] virtual std::string text_of_entry(std::string_view member) const = 0;
    /// True when writers queue up inside this process before they ask the database.
    [[nodiscard]] virtual bool single_writer() const = 0;
    /// Never repeats the message of the library: that has the statement's values in it.
    [[nodiscard]] virtual Error translate(const soci::soci_error& error) const = 0;
};

}  // namespace carevoice::storage::sql
