#include <boost/beast/websocket/ssl.hpp>

#include "net/websocket_session_impl.h"

namespace carevoice::net {

using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

std::shared_ptr<WebSocketSession> make_websocket(TlsStream stream, WebSocketLimits limits) {
    return std::make_shared<WebSocketOn<TlsStream>>(std::move(stream), limits);
}

}  // namespace carevoice::net
