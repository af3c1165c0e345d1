// HTTP/1.1 and WebSocket server on Beast, with limits on everything that a stranger controls.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/metrics.h"
#include "core/random.h"
#include "net/http.h"
#include "net/websocket.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace carevoice::net {

struct ServerLimits {
    std::size_t header_bytes = 16UL * 1024;             ///< over it: 431
    std::size_t body_bytes = 1024UL * 1024;             ///< over it: 413
    std::size_t websocket_message_bytes = 64UL * 1024;  ///< over it: close 1009
    std::size_t connections = 4096;                     ///< over it: 503 and close
    milliseconds header_timeout{
        10'000};  ///< from connect (or the last response) to a whole request head, against slow-loris
    milliseconds request_timeout{30'000};         ///< reading the body, running the handler, writing the response
    milliseconds idle_timeout{60'000};            ///< between requests of a kept connection
    milliseconds websocket_idle_timeout{30'000};  ///< without any frame from the other side (pings are sent at half)
};

/// Where requests go. Handlers run on the connection's strand and must not block. A handler that throws ends as 500 and
/// is logged as a bug.
class Router {
public:
    using Handler = std::function<async::Task<HttpResponse>(HttpRequest)>;
    /// Decides about an upgrade before it happens: ok accepts; else the response is sent instead of 101.
    using UpgradeCheck = std::function<async::Task<boost::system::result<void, HttpResponse>>(HttpRequest)>;
    using WebSocketHandler = std::function<async::Task<>(std::shared_ptr<WebSocket>, HttpRequest)>;
    /// A response whose body is written bit by bit (server-sent events): writes until the sink refuses or it has
    /// enough.
    class StreamSink {
    public:
        virtual ~StreamSink() = default;
        virtual async::Task<Result<>> write(std::string chunk) = 0;
    };
    using StreamHandler = std::function<async::Task<>(HttpRequest, std::shared_ptr<StreamSink>)>;

    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    /// `pattern` is a path with {names} for whole segments: "/api/v1/calls/status/{id}". A last segment "{name...}"
    /// takes all that is left of the path. Where several patterns fit, plain text wins over a name, from the left.
    /// GET also answers HEAD; OPTIONS is answered by itself. Throws std::logic_error for a pattern or pair that
    /// clashes.
    void on(std::string method, std::string pattern, Handler handler);
    void on_websocket(std::string pattern, UpgradeCheck check, WebSocketHandler handler);
    /// Sends status 200 with `content_type`, chunked, then hands the sink over.
    void on_stream(std::string pattern, std::string content_type, StreamHandler handler);
    /// The same, but `check` decides first, as for an upgrade.
    void on_stream(std::string pattern, std::string content_type, UpgradeCheck check, StreamHandler handler);
    /// Builds the body of errors that the server itself finds (404, 405, 413, 431, 500, 503 …). Default: plain text.
    void on_error(std::function<HttpResponse(int status, std::string_view detail, const HttpRequest&)> make);
    /// Sees every finished request (also refused ones; without headers and body): for access logs and metrics. A stream
    /// or a WebSocket is seen once its head is sent (status 200, 101). Must not block; called from any thread.
    void on_finished(std::function<void(const HttpRequest&, int status, milliseconds took)> observe);

    struct Tables;
    [[nodiscard]] const Tables& tables() const noexcept { return *tables_; }

private:
    std::unique_ptr<Tables> tables_;
};

/// One strand per connection on `executor` (which may have many threads). Once run() was spawned, `co_await stop()`
/// before destruction.
class HttpServer {
public:
    HttpServer(async::Executor executor, Router router, ServerLimits limits, Random& random);
    ~HttpServer();

    /// Binds `address` ("127.0.0.1", "::1", "0.0.0.0") and `port` (0: the kernel chooses). Errc::unavailable with the
    /// reason (address in use, no permission).
    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Replaces the constructor's routes, between listen() and run(): for routes that must know the port.
    void set_router(Router router);

    /// Accepts until stop(). Spawn it once, after listen().
    async::Task<> run();

    /// Refuses new connections, lets requests in progress finish for at most `grace`, then closes everything,
    /// WebSockets with 1001. Returns when no connection is left.
    async::Task<> stop(milliseconds grace);

    [[nodiscard]] std::size_t connections() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::net
