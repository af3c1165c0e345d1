// Bytes in, HTTP requests out, without I/O. Internal to net.
#pragma once

#include "net/http.h"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>

namespace carevoice::net {

/// Parses one request after the other from a connection's bytes; what follows a request stays for the next one.
class RequestParser {
public:
    RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max);
    ~RequestParser();

    enum class State { nothing_yet, in_head, in_body, done };

    /// Room for bytes from the wire; commit() says how many came.
    boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);

    /// Parses what is there: to the end of the head, and when called again to the end of the request. An error's
    /// provider_code is the HTTP status to refuse with.
    Result<State> advance();

    // About the request whose head is complete:
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool wants_continue() const;
    [[nodiscard]] bool is_http_1_0() const;
    [[nodiscard]] bool is_websocket_upgrade() const;

    /// The request, as far as it is known; forgets it and is ready for the next one.
    HttpRequest take();

    /// True when bytes of a further request have come already.
    [[nodiscard]] bool has_input() const noexcept;
    /// Frees the memory for good: the connection now speaks something else.
    void release();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::net
