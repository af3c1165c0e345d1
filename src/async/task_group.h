// A home for background coroutines: nothing runs detached, and whoever owns the group waits for its end.
#pragma once

#include "async/task.h"

#include <cstddef>
#include <memory>

namespace carevoice::async {

/// Declare it last in its owner, so that it goes first. `co_await stop()` before destruction; the destructor asserts
/// that nothing runs any more. Thread-safe.
class TaskGroup {
public:
    /// `name` appears in the log when work ends by an exception (a bug: it ends that work only).
    explicit TaskGroup(const char* name);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Runs `work` on `where`: a strand, or the executor of a context with one thread. False, and `work` never starts,
    /// once stop() was called.
    bool spawn(const Executor& where, Task<> work);

    /// Refuses new work, cancels what runs (terminal cancellation) and returns when all of it has ended.
    Task<> stop();
    /// Refuses nothing, cancels nothing: returns when the group is empty.
    Task<> wait_empty();

    [[nodiscard]] std::size_t size() const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace carevoice::async
