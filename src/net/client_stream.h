// Connected byte streams to a server, plain or TLS. Internal to net.
#pragma once

#include "async/task.h"
#include "net/client.h"
#include "net/host_cache.h"
#include "net/websocket_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace carevoice::net {

class ClientStream {
public:
    struct Transfer {
        boost::system::error_code failure;
        std::size_t bytes = 0;
    };

    virtual ~ClientStream() = default;
    virtual async::Task<Transfer> read_some(boost::asio::mutable_buffer room) = 0;
    /// All of `bytes`, or a failure with what has been sent for sure.
    virtual async::Task<Transfer> write(boost::asio::const_buffer bytes) = 0;
    /// False when the server has closed the connection or said something unasked.
    virtual bool is_quiet() = 0;
    /// Goes on as a WebSocket; this stream is empty then.
    virtual std::shared_ptr<WebSocketSession> become_websocket(WebSocketLimits limits) = 0;
};

/// Makes streams. Thread-safe.
class Connector {
public:
    Connector(const async::Executor& executor, const ClientOptions& options);

    /// Resolves, connects, and for https and wss shakes hands: SNI, the chain and the host name are checked. Within
    /// ClientOptions::connect_timeout. The stream's executor is `executor`. Errc::unavailable or timed_out.
    async::Task<Result<std::unique_ptr<ClientStream>>> connect(Url origin, async::Executor executor);

private:
    async::Task<Result<std::unique_ptr<ClientStream>>> try_connect(Url origin, async::Executor executor);

    ClientOptions options_;
    HostCache hosts_;
    boost::asio::ssl::context tls_;
};

}  // namespace carevoice::net
