// The pool of connections, and the two ways to use one: a reading and a writing transaction.
#pragma once

#include "core/error.h"
#include "storage/sql/dialect.h"

#include <soci/soci.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace carevoice::storage::sql {

/// How long a caller waits for a free connection, for its turn to write, and for another program's lock.
constexpr std::chrono::seconds patience{5};

/// Thread-safe; blocks for up to a few times `patience`. Every exception of the database ends here as an Error.
class Connections {
public:
    /// Opens `count` connections (at least 1).
    static Result<std::unique_ptr<Connections>> open(std::unique_ptr<const Dialect> dialect, std::size_t count);

    /// Runs `work(session)`, which returns a Result, on one consistent state of the database.
    template <class Work>
    auto read(Work&& work) {
        return transact(Access::read, std::forward<Work>(work));
    }
    /// The same, and commits what it wrote when it succeeded; undoes all of it when it did not.
    template <class Work>
    auto write(Work&& work) {
        return transact(Access::write, std::forward<Work>(work));
    }

    Result<> probe();
    [[nodiscard]] const Dialect& dialect() const noexcept { return *dialect_; }

private:
    enum class Access { read, write };
    class Lease;
    class WriteTurn;

    Connections(std::unique_ptr<const Dialect> dialect, std::size_t count)
        : dialect_(std::move(dialect)), pool_(count) {}

    template <class Work>
    auto transact(Access access, Work&& work) {
        using Answer = std::invoke_result_t<Work&, soci::session&>;
        std::optional<Answer> answer;
        const Result<> done = run(access, [&](soci::session& session) {
            answer.emplace(work(session));
            return answer->has_value();
        });
        if (!done) return Answer(done.error());
        return std::move(*answer);
    }
    /// `work` says whether to commit. The error is that of the database; ok also when `work` said no.
    Result<> run(Access access, const std::function<bool(soci::session&)>& work);
    Result<> run_leased(Access access, soci::session& session, const std::function<bool(soci::session&)>& work);
    /// Runs `step`, turning exceptions into errors.
    Result<> guarded(const std::function<Result<>()>& step) const;

    std::unique_ptr<const Dialect> dialect_;
    soci::connection_pool pool_;

    // Whose turn it is to write, with a dialect that has a single writer. Not a timed_mutex: ThreadSanitizer of clang
    // 16 does not see its lock.
    std::mutex turn_mutex_;
    std::condition_variable turn_is_free_;
    bool someone_writes_ = false;
};

}  // namespace carevoice::storage::sql
