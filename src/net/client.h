// HTTP(S) client with pooled connections, deadlines and a retry budget; and the client side of a WebSocket.
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "net/http.h"
#include "net/websocket.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace carevoice::net {

/// "https://api.twilio.com:443/base": scheme http or https (ws, wss for WebSockets), host, port, path prefix.
struct Url {
    std::string scheme;
    std::string host;  ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string path = "/";  ///< with the query; no fragment
};
/// invalid_input when it is not an absolute URL of those schemes.
Result<Url> parse_url(std::string_view text);

/// How often to try again after an error (never because of a status), inside the caller's deadline only. Back-off
/// doubles from `first_wait`, with full jitter. All calls together try again at most three times and for a tenth of the
/// requests of the last 10 s.
struct RetryPolicy {
    int attempts = 1;  ///< 1: never again
    milliseconds first_wait{100};
    milliseconds longest_wait{3'000};
    bool only_unsent =
        true;  ///< try again only when no byte of the request can have arrived (for what is not idempotent)
};

struct ClientOptions {
    std::size_t connections_per_origin = 16;  ///< over it: wait, within the deadline
    milliseconds idle_max{30'000};            ///< a pooled connection older than this is not used again
    milliseconds connect_timeout{5'000};
    std::size_t response_bytes_max = 16UL * 1024 * 1024;
    bool verify_certificates = true;              ///< host name and chain
    std::string extra_ca_pem;                     ///< authorities to trust beside the system's, PEM; may be empty
    milliseconds websocket_idle_timeout{30'000};  ///< without any frame from the server (pings are sent at half)
};

/// A response whose body is read as it arrives (server-sent events). Used by one coroutine at a time. It occupies one
/// of its origin's connections until it has ended; destroying it earlier closes that connection.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;
    /// Status and header fields; its body is empty.
    [[nodiscard]] virtual const HttpResponse& head() const noexcept = 0;
    /// What has arrived of the body since the last call, at least one byte; an empty piece is the body's regular end.
    /// Errors, which end the stream: timed_out, unavailable (lost), too_large (all pieces together are over
    /// ClientOptions::response_bytes_max), corrupt, cancelled. After an end it says the same again.
    virtual async::Task<Result<std::string>> next(Deadline deadline) = 0;
};

/// Thread-safe. One for the process. Counts carevoice_http_client_requests_total{outcome} (ok, server_error, or the
/// name of an Errc) and carevoice_http_client_seconds.
class HttpClient {
public:
    HttpClient(async::Executor executor, ClientOptions options, Random& random, Metrics& metrics);
    ~HttpClient();

    /// Sends `request` (target is path and query) to `origin` (whose own path is not used) and reads the whole answer,
    /// whatever its status. A kept connection that turns out to be dead is replaced once where that is safe. Errors:
    /// invalid_input (a method, target or field that would break the request),
    /// timed_out (the request may have been processed), unavailable (connection refused, DNS, TLS, lost),
    /// too_large, corrupt (not HTTP), cancelled. `Error::detail` starts with "unsent: " when nothing was sent.
    async::Task<Result<HttpResponse>> send(Url origin, HttpRequest request, Deadline deadline, RetryPolicy retry = {});

    /// Like send(), without trying again, but ready as soon as the answer's head is there, and counted then.
    async::Task<Result<std::unique_ptr<ResponseStream>>> open_stream(Url origin, HttpRequest request,
                                                                     Deadline deadline);

    /// Opens a WebSocket; `headers` are added to the upgrade request. Errc::rejected with the HTTP status as
    /// provider_code when the server answers something other than 101.
    async::Task<Result<std::shared_ptr<WebSocket>>> open_websocket(Url url, Headers headers, Deadline deadline);

    /// Before destruction. Closes idle connections; calls in progress end with Errc::cancelled.
    async::Task<> stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace carevoice::net
