// Kept connections, a bounded number of them per origin. Internal to net.
#pragma once

#include "async/task.h"
#include "net/client_stream.h"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace carevoice::net {

/// Thread-safe. Who finds all places of an origin taken waits, first come first served.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
public:
    ClientPool(std::size_t connections_per_origin, milliseconds idle_max)
        : places_max_(connections_per_origin), idle_max_(idle_max) {}

    /// The right to one connection to an origin, and the connection if one was kept. Destroying it gives the place
    /// back and closes the connection, unless keep() was called.
    class Lease {
    public:
        Lease(std::shared_ptr<ClientPool> pool, std::string origin, std::unique_ptr<ClientStream> kept)
            : stream(std::move(kept)), pool_(std::move(pool)), origin_(std::move(origin)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (pool_) pool_->give_back(origin_, keep_ ? std::move(stream) : nullptr);
        }
        /// The connection is fit for another request.
        void keep() { keep_ = true; }

        std::unique_ptr<ClientStream> stream;  ///< nullptr: to be connected

    private:
        std::shared_ptr<ClientPool> pool_;
        std::string origin_;
        bool keep_ = false;
    };

    /// Errc::cancelled when the owner stops first.
    async::Task<Result<Lease>> acquire(std::string origin);
    /// Takes no connection back any more and closes those that are idle.
    void close();

private:
    struct Waiter;
    struct Idle {
        std::unique_ptr<ClientStream> stream;
        SteadyTime since;
    };
    struct Origin {
        std::size_t taken = 0;
        std::deque<Idle> idle;  ///< oldest first
        std::deque<Waiter*> waiting;
    };

    void give_back(const std::string& origin, std::unique_ptr<ClientStream> stream);
    std::unique_ptr<ClientStream> take_idle(Origin& origin);
    /// Moves what is too old out, to be closed without the lock.
    std::deque<Idle> remove_old(Origin& origin) const;

    const std::size_t places_max_;
    const milliseconds idle_max_;
    std::mutex mutex_;
    bool closed_ = false;
    std::map<std::string, Origin> origins_;
};

}  // namespace carevoice::net
