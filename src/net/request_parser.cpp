#include "net/request_parser.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <optional>

namespace carevoice::net {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t head_read_bytes = 2UL * 1024;
constexpr std::size_t body_read_bytes = 16UL * 1024;
/// How many bytes on the wire a byte of a chunked body may cost: single-byte chunks cost six.
constexpr std::size_t body_wire_factor = 8;
/// Beast asserts that it never sees a part of "0\r\n\r\n", with which every chunked body ends.
constexpr std::size_t last_chunk_bytes = 5;
constexpr std::size_t idle_buffer_bytes_max = 4UL * 1024;

Error refusal(int status, const char* why) {
    return Error{Errc::invalid_input, why, {}, status};
}

Error refusal(const boost::system::error_code& failure) {
    if (failure == http::error::header_limit) return refusal(431, "the request's head is too long");
    if (failure == http::error::body_limit) return refusal(413, "the request's body is too long");
    if (failure == http::error::bad_version) return refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return refusal(400, "this is not an HTTP request");
}

}  // namespace

struct RequestParser::Impl {
    using Parser = http::request_parser<http::string_body>;

    Impl(std::size_t header_bytes_max_, std::size_t body_bytes_max_)
        : header_bytes_max(header_bytes_max_), body_bytes_max(body_bytes_max_) {}

    /// One step of the parser. True when it can do no more with what is there.
    Result<bool> step() {
        const std::size_t least = parser->is_header_done() && parser->chunked() ? last_chunk_bytes : 1;
        if (buffer.size() < least) return true;
        const bool was_in_head = !parser->is_header_done();
        boost::system::error_code failure;
        const auto used = parser->put(buffer.data(), failure);
        buffer.consume(used);
        (was_in_head ? head_bytes : body_bytes) += used;
        if (head_bytes + (was_in_head && used == 0 ? buffer.size() : 0) > header_bytes_max)
            return refusal(431, "the request's head is too long");
        // Chunk sizes, their extensions and trailers count, too.
        if (body_bytes > body_bytes_max * body_wire_factor + header_bytes_max)
            return refusal(413, "the request's body is too long");
        if (failure == http::error::need_more) {
            if (buffer.size() >= header_bytes_max) return refusal(400, "a chunk's head or a field is too long");
            return true;
        }
        if (failure) return refusal(failure);
        return used == 0;
    }

    Result<> check_head() const {
        const auto& message = parser->get();
        const auto hosts = message.count(http::field::host);
        // RFC 9112, section 3.2: exactly one Host in HTTP/1.1.
        if (hosts > 1 || (hosts == 0 && message.version() == 11))
            return refusal(400, "the request needs one Host header");
        return {};
    }

    std::size_t header_bytes_max;
    std::size_t body_bytes_max;
    beast::flat_buffer buffer;
    std::optional<Parser> parser;
    std::size_t head_bytes = 0;  ///< of the request at hand, on the wire
    std::size_t body_bytes = 0;
    bool head_was_reported = false;
};

RequestParser::RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : impl_(std::make_unique<Impl>(header_bytes_max, body_bytes_max)) {}

RequestParser::~RequestParser() = default;

boost::asio::mutable_buffer RequestParser::prepare() {
    const bool in_body = impl_->parser && impl_->parser->is_header_done();
    return impl_->buffer.prepare(in_body ? body_read_bytes : head_read_bytes);
}

void RequestParser::commit(std::size_t bytes) {
    impl_->buffer.commit(bytes);
}

Result<RequestParser::State> RequestParser::advance() {
    auto& impl = *impl_;
    if (!impl.parser) {
        // An empty line before a request is to be overlooked (RFC 9112, section 2.2).
        while (impl.buffer.size() >= 2 && std::memcmp(impl.buffer.data().data(), "\r\n", 2) == 0)
            impl.buffer.consume(2);
        // Half of one may be all that is there.
        const auto* first = static_cast<const char*>(impl.buffer.data().data());
        if (impl.buffer.size() == 0 || (impl.buffer.size() == 1 && *first == '\r')) return State::nothing_yet;
        impl.parser.emplace();
        impl.parser->header_limit(static_cast<std::uint32_t>(impl.header_bytes_max));
        impl.parser->body_limit(impl.body_bytes_max);
    }
    auto& parser = *impl.parser;
    while (!parser.is_done()) {
        const auto stuck = impl.step();
        if (stuck.has_error()) return stuck.error();
        if (parser.is_header_done() && !impl.head_was_reported) {
            impl.head_was_reported = true;
            parser.eager(true);
            const auto head = impl.check_head();
            if (head.has_error()) return head.error();
            if (!parser.is_done()) return State::in_body;
        }
        if (*stuck && !parser.is_done()) return parser.is_header_done() ? State::in_body : State::in_head;
    }
    return State::done;
}

bool RequestParser::keep_alive() const {
    return impl_->parser->get().keep_alive();
}

bool RequestParser::wants_continue() const {
    const auto& message = impl_->parser->get();
    return message.version() == 11 && beast::iequals(message[http::field::expect], "100-continue");
}

bool RequestParser::is_http_1_0() const {
    return impl_->parser->get().version() == 10;
}

bool RequestParser::is_websocket_upgrade() const {
    return beast::websocket::is_upgrade(impl_->parser->get());
}

HttpRequest RequestParser::take() {
    HttpRequest request;
    if (impl_->parser && impl_->parser->is_header_done()) {
        auto& message = impl_->parser->get();
        request.method = std::string(message.method_string());
        request.target = std::string(message.target());
        for (const auto& field : message)
            request.headers.add(std::string(field.name_string()), std::string(field.value()));
        request.body = std::move(message.body());
    }
    impl_->parser.reset();
    impl_->head_was_reported = false;
    impl_->head_bytes = 0;
    impl_->body_bytes = 0;
    if (impl_->buffer.size() == 0 && impl_->buffer.capacity() > idle_buffer_bytes_max) impl_->buffer.shrink_to_fit();
    return request;
}

bool RequestParser::has_input() const noexcept {
    return impl_->buffer.size() > 0;
}

void RequestParser::release() {
    impl_->parser.reset();
    impl_->buffer.clear();
    impl_->buffer.shrink_to_fit();
}

}  // namespace carevoice::net
