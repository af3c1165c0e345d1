// The database, asked from coroutines: each question runs on the pool, never on an I/O thread.
#pragma once

#include "async/blocking_pool.h"
#include "async/task.h"
#include "storage/repositories.h"

#include <type_traits>
#include <utility>

namespace carevoice::calls {

/// Thread-safe. `database` and `pool` outlive it.
class AsyncStore {
public:
    AsyncStore(storage::Database& database, async::BlockingPool& pool) : database_(database), pool_(pool) {}

    /// `question` takes the Database& and returns some Result<T>. Errc::unavailable when too many wait already.
    template <class Question>
    async::Task<std::invoke_result_t<Question&, storage::Database&>> ask(Question question) {
        auto job = [&database = database_, question = std::move(question)]() mutable { return question(database); };
        co_return co_await pool_.run(std::move(job));
    }

private:
    storage::Database& database_;
    async::BlockingPool& pool_;
};

}  // namespace carevoice::calls
