#include "net/client_stream.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

namespace carevoice::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

bool has_nothing_to_read(tcp::socket& socket) {
    char byte = 0;
    const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

tcp::socket& socket_of(tcp::socket& stream) {
    return stream;
}

tcp::socket& socket_of(TlsStream& stream) {
    return stream.next_layer();
}

template <class Stream>
class ClientStreamOn final : public ClientStream {
public:
    explicit ClientStreamOn(Stream stream) : stream_(std::move(stream)) {}

    async::Task<Transfer> read_some(asio::mutable_buffer room) override {
        const auto [failure, bytes] = co_await stream_.async_read_some(room, as_tuple);
        co_return Transfer{failure, bytes};
    }
    async::Task<Transfer> write(asio::const_buffer bytes) override {
        auto writing = asio::async_write(stream_, bytes, as_tuple);
        const auto [failure, sent] = co_await std::move(writing);
        co_return Transfer{failure, sent};
    }
    bool is_quiet() override { return has_nothing_to_read(socket_of(stream_)); }
    std::shared_ptr<WebSocketSession> become_websocket(WebSocketLimits limits) override {
        return make_websocket(std::move(stream_), limits);
    }

private:
    Stream stream_;
};

asio::ssl::context make_tls_context(const ClientOptions& options) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    boost::system::error_code ignored;
    context.set_default_verify_paths(ignored);  // a machine without authorities can still speak to our own
    if (!options.extra_ca_pem.empty()) context.add_certificate_authority(asio::buffer(options.extra_ca_pem));
    context.set_verify_mode(options.verify_certificates ? asio::ssl::verify_peer : asio::ssl::verify_none);
    // One buffer pair of 17 KB each is given back while a kept connection waits.
    SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
    return context;
}

Error not_connected(const Url& origin, const boost::system::error_code& failure) {
    return Error{Errc::unavailable, "cannot connect to " + origin.host + " port " + std::to_string(origin.port) + ": " +
                                        failure.message()};
}

/// Server Name Indication is for names only (RFC 6066, section 3).
void indicate_server_name(TlsStream& stream, const std::string& host) {
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
}

}  // namespace

Connector::Connector(const async::Executor& executor, const ClientOptions& options)
    : options_(options), hosts_(executor), tls_(make_tls_context(options)) {}

async::Task<Result<std::unique_ptr<ClientStream>>> Connector::connect(Url origin, async::Executor executor) {
    auto work = try_connect(std::move(origin), std::move(executor));
    auto stream = co_await async::by_deadline(std::move(work), Deadline::in(options_.connect_timeout));
    if (stream.has_error() && stream.error().code == Errc::timed_out)
        co_return Error{Errc::unavailable, "connecting took too long"};
    co_return stream;
}

async::Task<Result<std::unique_ptr<ClientStream>>> Connector::try_connect(Url origin, async::Executor executor) {
    const auto endpoints = co_await hosts_.resolve(origin.host, origin.port);
    if (endpoints.has_error()) co_return endpoints.error();
    tcp::socket socket(executor);
    const auto [unreachable, endpoint] = co_await asio::async_connect(socket, *endpoints, as_tuple);
    if (unreachable) co_return not_connected(origin, unreachable);
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);

    std::unique_ptr<ClientStream> connected;
    if (origin.scheme == "http" || origin.scheme == "ws") {
        connected = std::make_unique<ClientStreamOn<tcp::socket>>(std::move(socket));
        co_return connected;
    }
    TlsStream stream(std::move(socket), tls_);
    indicate_server_name(stream, origin.host);
    if (options_.verify_certificates) stream.set_verify_callback(asio::ssl::host_name_verification(origin.host));
    const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_tuple);
    if (refused) co_return not_connected(origin, refused);
    connected = std::make_unique<ClientStreamOn<TlsStream>>(std::move(stream));
    co_return connected;
}

}  // namespace carevoice::net
