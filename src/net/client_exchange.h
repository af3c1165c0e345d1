// One request and its response on one pooled connection, read whole or bit by bit. Internal to net.
#pragma once

#include "net/client_pool.h"
#include "net/response_parser.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::net {

/// What an error's detail starts with when nothing was sent.
inline constexpr std::string_view unsent = "unsent: ";

/// How far one try has come; outlives the try, so that a deadline can tell what it interrupted.
struct Progress {
    bool may_have_arrived = false;  ///< bytes of the request were handed to the network
};

/// One request, ready for the wire; shared by its tries.
struct Order {
    Url origin;
    std::string origin_key;
    std::string bytes;
    bool is_head = false;
    bool is_idempotent = false;  ///< RFC 9110, section 9.2.2
};

/// invalid_input when the request cannot be written, or the origin is neither http nor https.
Result<std::shared_ptr<const Order>> make_order(Url origin, const HttpRequest& request);

/// Value of the Host field for requests to `url`.
std::string host_header(const Url& url);

/// What a broken connection means: cancelled when we broke it, else unavailable.
Error lost(const boost::system::error_code& failure);

/// Lives on the coroutine that uses it and is of no more use after an error. Destroying it closes the connection;
/// once the response is complete, the connection has gone back to the pool if it can carry another request.
class Exchange {
public:
    /// `lease` holds a connected stream.
    Exchange(std::shared_ptr<const Order> order, ClientPool::Lease lease, std::size_t body_bytes_max);

    /// Sends the request and reads until the head of the final response is there.
    async::Task<Result<>> begin(std::shared_ptr<Progress> progress);
    /// After begin() has failed: the connection was dead, and repeating the request does no harm.
    [[nodiscard]] bool is_stale() const noexcept { return is_stale_; }

    /// The whole response, once its end has come.
    async::Task<Result<HttpResponse>> finish();

    /// Instead of finish(): status and fields without the body, and the body piece by piece, each as soon as it is
    /// there; an empty piece is the end.
    HttpResponse take_head();
    async::Task<Result<std::string>> next();

private:
    async::Task<Result<>> read_more();

    std::shared_ptr<const Order> order_;
    std::optional<ClientPool::Lease> lease_;  ///< empty once the response is complete
    ResponseParser parser_;
    bool is_stale_ = false;
};

}  // namespace carevoice::net
