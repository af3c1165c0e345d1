// How net makes WebSockets on a connected socket, on either side. Internal to net.
#pragma once

#include "net/http.h"
#include "net/websocket.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace carevoice::net {

struct WebSocketLimits {
    std::size_t message_bytes_max;
    milliseconds idle_timeout;   ///< without any frame from the other side; pings are sent at half
    milliseconds write_timeout;  ///< a frame that the other side does not take for so long ends the connection
};

/// A WebSocket before and after its handshake.
class WebSocketSession : public WebSocket {
public:
    /// Server side: answers the upgrade request with 101.
    virtual async::Task<Result<>> accept(HttpRequest request) = 0;
    /// Client side: asks for the upgrade. Errc::rejected with the HTTP status when it is refused.
    virtual async::Task<Result<>> handshake(std::string host, std::string target, Headers headers) = 0;
    /// Cuts the connection at once.
    virtual void abort() = 0;
};

std::shared_ptr<WebSocketSession> make_websocket(boost::asio::ip::tcp::socket socket, WebSocketLimits limits);
std::shared_ptr<WebSocketSession> make_websocket(boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream,
                                                 WebSocketLimits limits);

}  // namespace carevoice::net
