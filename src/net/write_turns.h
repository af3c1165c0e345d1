// Who writes next: one writer at a time, the others wait in order. Internal to net.
#pragma once

#include "async/task.h"

#include <cstddef>
#include <deque>

namespace carevoice::net {

/// A bounded queue for a single right: to write on one connection. All calls on the connection's strand.
class WriteTurns {
public:
    explicit WriteTurns(std::size_t waiting_max) : waiting_max_(waiting_max) {}

    /// The right to write until it is destroyed.
    class Turn {
    public:
        explicit Turn(WriteTurns& turns) noexcept : turns_(&turns) {}
        Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_ != nullptr) turns_->next();
        }

    private:
        WriteTurns* turns_;
    };

    /// Errc::unavailable when too many wait already or close() was called, Errc::cancelled when the owner stopped.
    async::Task<Result<Turn>> take();

    /// Sends everyone away who waits or comes later.
    void close();

private:
    struct Waiter;
    void next();

    std::size_t waiting_max_;
    bool taken_ = false;
    bool closed_ = false;
    std::deque<Waiter*> waiting_;
};

}  // namespace carevoice::net
