// Host names to addresses, remembered for a while. Internal to net.
#pragma once

#include "async/task.h"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carevoice::net {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// The system's resolver blocks a thread and cannot be interrupted, so nobody waits for it directly: one lookup a name
/// runs at a time, and whoever gives up waiting leaves it behind. An answer older than a minute is asked for again, and
/// used nevertheless when the resolver takes more than a second or fails. Thread-safe.
class HostCache {
public:
    explicit HostCache(const async::Executor& executor);

    /// At least one endpoint; Errc::unavailable when there is no such host or the resolver fails.
    async::Task<Result<Endpoints>> resolve(std::string host, std::uint16_t port);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace carevoice::net
