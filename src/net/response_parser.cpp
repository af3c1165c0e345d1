#include "net/response_parser.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <utility>

namespace carevoice::net {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t read_bytes = 16UL * 1024;
constexpr std::uint32_t head_bytes_max = 64U * 1024U;
/// Beast asserts that it never sees a part of "0\r\n\r\n", with which every chunked body ends.
constexpr std::size_t last_chunk_bytes = 5;
constexpr int interim_responses_max = 16;
constexpr int status_switching_protocols = 101;

}  // namespace

struct ResponseParser::Impl {
    Impl(std::size_t body_bytes_max_, bool has_no_body_) : body_bytes_max(body_bytes_max_), has_no_body(has_no_body_) {
        renew();
    }

    void renew() {
        parser.emplace();
        parser->eager(true);
        parser->header_limit(head_bytes_max);
        parser->body_limit(body_bytes_max);
        parser->skip(has_no_body);
    }

    /// True when the final response is complete.
    Result<bool> parse() {
        while (buffer.size() >= (parser->is_header_done() && parser->chunked() ? last_chunk_bytes : 1)) {
            boost::system::error_code failure;
            const auto used = parser->put(buffer.data(), failure);
            buffer.consume(used);
            if (failure == http::error::need_more) return false;
            if (failure == http::error::body_limit || failure == http::error::header_limit)
                return Error{Errc::too_large, "the response is over the limit"};
            if (failure) return Error{Errc::corrupt, "the answer is not HTTP: " + failure.message()};
            if (!parser->is_done()) continue;
            const auto status = static_cast<int>(parser->get().result_int());
            if (status >= 200) return true;
            if (status == status_switching_protocols || ++interim_responses > interim_responses_max)
                return Error{Errc::corrupt, "an interim response that nobody asked for"};
            renew();
        }
        return false;
    }

    std::size_t body_bytes_max;
    bool has_no_body;
    beast::flat_buffer buffer;
    std::optional<http::response_parser<http::string_body>> parser;
    int interim_responses = 0;
    bool has_begun = false;
};

ResponseParser::ResponseParser(std::size_t body_bytes_max, bool has_no_body)
    : impl_(std::make_unique<Impl>(body_bytes_max, has_no_body)) {}

ResponseParser::~ResponseParser() = default;

boost::asio::mutable_buffer ResponseParser::prepare() {
    return impl_->buffer.prepare(read_bytes);
}

void ResponseParser::commit(std::size_t bytes) {
    impl_->has_begun = true;
    impl_->buffer.commit(bytes);
}

Result<bool> ResponseParser::advance() {
    return impl_->parse();
}

bool ResponseParser::end() {
    auto& parser = *impl_->parser;
    if (!parser.got_some() || !parser.is_header_done()) return false;
    boost::system::error_code failure;
    parser.put_eof(failure);
    return !failure && parser.is_done();
}

bool ResponseParser::has_head() const {
    // parse() leaves no interim response behind: they have no bodies.
    return impl_->parser->is_header_done();
}

bool ResponseParser::has_begun() const noexcept {
    return impl_->has_begun;
}

bool ResponseParser::keep_alive() const {
    // Bytes after the response are nobody's: such a connection is not to be trusted.
    return impl_->parser->keep_alive() && impl_->buffer.size() == 0;
}

HttpResponse ResponseParser::take_head() const {
    const auto& message = impl_->parser->get();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
        response.headers.add(std::string(field.name_string()), std::string(field.value()));
    return response;
}

std::string ResponseParser::take_body() {
    return std::exchange(impl_->parser->get().body(), {});
}

HttpResponse ResponseParser::take() {
    auto response = take_head();
    response.body = take_body();
    return response;
}

}  // namespace carevoice::net
