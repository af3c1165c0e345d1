// Bytes in, one HTTP response out, without I/O. Internal to net.
#pragma once

#include "net/http.h"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace carevoice::net {

class ResponseParser {
public:
    /// `has_no_body`: the answer to a HEAD request.
    ResponseParser(std::size_t body_bytes_max, bool has_no_body);
    ~ResponseParser();

    /// Room for bytes from the wire; commit() says how many came.
    boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);
    /// Parses what is there. True when the response is complete. too_large over the limit, corrupt when this is not
    /// HTTP.
    Result<bool> advance();
    /// The connection has ended. True when that completes the response.
    bool end();

    /// Whether the final response's status and fields are there. Its body may still come.
    [[nodiscard]] bool has_head() const;
    /// Status and fields without the body.
    [[nodiscard]] HttpResponse take_head() const;
    /// What has come of the body since the last call. Pieces count for the limit of the body together.
    std::string take_body();

    /// Whether any byte of a response has come.
    [[nodiscard]] bool has_begun() const noexcept;
    /// Whether the connection can carry another request after this response.
    [[nodiscard]] bool keep_alive() const;
    HttpResponse take();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::net
