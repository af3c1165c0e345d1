// What a server and its connections share. Internal to net.
#pragma once

#include "core/random.h"
#include "net/router_tables.h"
#include "net/server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <memory>
#include <unordered_set>
#include <utility>

namespace carevoice::net {

class Connection;

struct ServerState : std::enable_shared_from_this<ServerState> {
    ServerState(const async::Executor& executor, Router router_, ServerLimits limits_, Random& random_)
        : router(std::move(router_)),
          limits(limits_),
          random(random_),
          strand(boost::asio::make_strand(executor)),
          changed(strand, SteadyTime::max()) {}

    Router router;
    ServerLimits limits;
    Random& random;
    std::atomic<bool> stopping{false};
    std::atomic<std::size_t> connection_count{0};
    std::atomic<std::size_t> requests_in_progress{0};

    async::Executor strand;

    // On `strand` only:
    std::unordered_set<std::shared_ptr<Connection>> connections;
    boost::asio::steady_timer changed;  ///< cancelled when a request or a connection ended: wakes stop()

    /// From any thread.
    void notify() {
        boost::asio::post(strand, [self = shared_from_this()] { self->changed.cancel(); });
    }
};

}  // namespace carevoice::net
