// The pool of connections, and the two ways to use one: a reading and a writing transaction.
#pragma once

#include "core/error.h"
#include "core/metrics.h"
#include "core/time.h"
#include "storage/sql/dialect.h"
#include "storage/sql/watchdog.h"

#include <soci/soci.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace carevoice::storage::sql {

struct PoolOptions {
    std::size_t connections = 1;
    /// How long a caller waits for a free connection, then for its turn to write, and then for its transaction.
    milliseconds patience{3'000};
};

/// Thread-safe; blocks for up to a few times the patience. Every exception of the database ends here as an Error. A
/// connection that was lost is opened anew by the next who needs it; while the server cannot be reached, that is tried
/// twice a second and everybody else is refused at once.
class Connections {
public:
    /// Opens all connections. `metrics` outlives this.
    static Result<std::unique_ptr<Connections>> open(std::unique_ptr<const Dialect> dialect, PoolOptions options,
                                                     Metrics& metrics);

    /// Runs `work(session)`, which returns a Result, on one consistent state of the database.
    template <class Work>
    auto read(Work&& work) {
        return transact(Access::read, std::forward<Work>(work));
    }
    /// The same, and commits what it wrote when it succeeded; undoes all of it when it did not. `work` runs again when
    /// another transaction got in the way. timed_out when the connection was lost while committing: nobody knows.
    template <class Work>
    auto write(Work&& work) {
        return transact(Access::write, std::forward<Work>(work));
    }
    /// write() without the bound on its time.
    template <class Work>
    auto migrate(Work&& work) {
        return transact(Access::migrate, std::forward<Work>(work));
    }

    Result<> probe();
    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }

private:
    enum class Access { read, write, migrate };
    class Lease;
    class WriteTurn;
    using Work = std::function<bool(soci::session&)>;

    Connections(std::unique_ptr<const Dialect> dialect, PoolOptions options, Metrics& metrics);

    template <class Question>
    auto transact(Access access, Question&& question) {
        using Answer = std::invoke_result_t<Question&, soci::session&>;
        std::optional<Answer> answer;
        const Result<> done = run(access, [&](soci::session& session) {
            answer.emplace(question(session));
            return answer->has_value();
        });
        if (!done) return Answer(done.error());
        return std::move(*answer);
    }
    /// `work` says whether to commit. The error is that of the database; ok also when `work` said no.
    Result<> run(Access access, const Work& work);
    Result<> run_in_turn(Access access, const Work& work);
    Result<> run_leased(Access access, Lease& lease, const Work& work);
    /// Starts the transaction; on a new connection when the old one turns out to be dead.
    Result<> begin(Access access, Lease& lease);
    Result<> connect(Lease& lease);
    /// Whether `failed` came of a connection that will not answer any more; libpq itself notices some of that late.
    [[nodiscard]] bool is_lost(Lease& lease, const Error& failed) const;
    /// Runs `step`, turning exceptions into errors.
    Result<> guarded(const std::function<Result<>()>& step) const;

    std::unique_ptr<const Dialect> dialect_;
    PoolOptions options_;
    Metrics& metrics_;
    std::unique_ptr<Watchdog> watchdog_;  ///< nullptr for a database without sockets
    soci::connection_pool pool_;
    std::vector<char> lost_;  ///< by place in the pool; touched only by who holds that place
    std::atomic<int> in_use_{0};
    std::atomic<int> waiting_{0};
    std::atomic<SteadyTime> connects_again_at_{SteadyTime::min()};  ///< while the server is away

    // Whose turn it is to write, with a dialect that has a single writer. Not a timed_mutex: ThreadSanitizer of clang
    // 16 does not see its lock.
    std::mutex turn_mutex_;
    std::condition_variable turn_is_free_;
    bool someone_writes_ = false;
};

}  // namespace carevoice::storage::sql
