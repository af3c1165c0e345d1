#include "net/websocket_session_impl.h"

namespace carevoice::net {

websocket::request_type to_beast(const HttpRequest& request) {
    websocket::request_type upgrade;
    upgrade.method_string(request.method);
    upgrade.target(request.target);
    upgrade.version(11);
    for (const auto& [name, value] : request.headers.fields()) upgrade.insert(name, value);
    return upgrade;
}

Error websocket_error(const boost::system::error_code& failure, int close_code, bool was_stopped) {
    if (failure == websocket::error::closed)
        return Error{Errc::cancelled, "the other side closed the WebSocket", {}, close_code};
    if (was_stopped) return Error{Errc::cancelled, "the WebSocket was closed"};
    if (failure == boost::beast::error::timeout)
        return Error{Errc::timed_out, "nothing came on the WebSocket for too long"};
    if (failure == websocket::error::message_too_big || failure == websocket::error::buffer_overflow)
        return Error{Errc::too_large, "a WebSocket message was over the limit"};
    if (failure == websocket::condition::protocol_violation)
        return Error{Errc::corrupt, "the other side broke the WebSocket protocol: " + failure.message()};
    return Error{Errc::unavailable, "the WebSocket was lost: " + failure.message()};
}

std::shared_ptr<WebSocketSession> make_websocket(asio::ip::tcp::socket socket, WebSocketLimits limits) {
    return std::make_shared<WebSocketOn<asio::ip::tcp::socket>>(std::move(socket), limits);
}

}  // namespace carevoice::net
