// The outbox and the alerts, asked from coroutines: each question runs on the pool, never on an I/O thread.
#pragma once

#include "async/blocking_pool.h"
#include "async/task.h"
#include "storage/outbox.h"
#include "storage/repositories.h"

#include <functional>
#include <type_traits>
#include <utility>

namespace carevoice::notify {

/// Who may be told of an alert: the patient's own team, then the service's. Blocking, thread-safe. not_found and
/// corrupt mean that nobody is known, other errors that nobody knows now.
using LadderOf = std::function<Result<domain::CareLadder>(const domain::Alert&)>;

/// What a question may use.
struct OutboxDesk {
    storage::OutboxRepository& outbox;
    storage::AlertRepository& alerts;
    const LadderOf& ladder_of;
};

/// Thread-safe. The repositories and the pool outlive it.
class AsyncOutbox {
public:
    AsyncOutbox(storage::OutboxRepository& outbox, storage::AlertRepository& alerts, LadderOf ladder_of,
                async::BlockingPool& pool)
        : outbox_(outbox), alerts_(alerts), ladder_of_(std::move(ladder_of)), pool_(pool) {}

    /// `question` takes an OutboxDesk and returns some Result<T>. Errc::unavailable when too many wait already.
    template <class Question>
    async::Task<std::invoke_result_t<Question&, OutboxDesk>> ask(Question question) {
        auto job = [this, question = std::move(question)]() mutable {
            return question(OutboxDesk{outbox_, alerts_, ladder_of_});
        };
        co_return co_await pool_.run(std::move(job));
    }

private:
    storage::OutboxRepository& outbox_;
    storage::AlertRepository& alerts_;
    LadderOf ladder_of_;
    async::BlockingPool& pool_;
};

}  // namespace carevoice::notify
