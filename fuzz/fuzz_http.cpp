// HTTP requests and responses in pieces of any size. The first byte says how large the pieces are. Properties: no
// crash, no endless loop, and limits hold.
#include "net/request_parser.h"
#include "net/response_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

using namespace carevoice;
using net::RequestParser;

constexpr std::size_t header_bytes_max = 512;
constexpr std::size_t body_bytes_max = 256;

void parse_requests(std::string_view bytes, std::size_t piece) {
    RequestParser parser(header_bytes_max, body_bytes_max);
    while (!bytes.empty()) {
        const auto room = parser.prepare();
        const auto count = std::min({piece, bytes.size(), room.size()});
        std::memcpy(room.data(), bytes.data(), count);
        parser.commit(count);
        bytes.remove_prefix(count);
        auto state = parser.advance();
        if (state.has_value() && *state == RequestParser::State::in_body) state = parser.advance();
        while (state.has_value() && *state == RequestParser::State::done) {
            (void)parser.keep_alive();
            (void)parser.is_websocket_upgrade();
            if (parser.take().body.size() > body_bytes_max) std::abort();
            state = parser.advance();
            if (state.has_value() && *state == RequestParser::State::in_body) state = parser.advance();
        }
        if (state.has_error()) {
            if (state.error().provider_code < 400) std::abort();
            (void)parser.take();
            return;
        }
    }
}

void parse_response(std::string_view bytes, std::size_t piece, bool has_no_body) {
    net::ResponseParser parser(body_bytes_max, has_no_body);
    std::size_t body_bytes = 0;
    while (!bytes.empty()) {
        const auto room = parser.prepare();
        const auto count = std::min({piece, bytes.size(), room.size()});
        std::memcpy(room.data(), bytes.data(), count);
        bytes.remove_prefix(count);
        parser.commit(count);
        const auto is_complete = parser.advance();
        if (is_complete.has_error()) return;
        if (parser.has_head() && piece % 3 == 0) {  // as a stream reads it
            (void)parser.take_head();
            body_bytes += parser.take_body().size();
            if (body_bytes > body_bytes_max) std::abort();
        }
        if (!*is_complete) continue;
        (void)parser.keep_alive();
        if (parser.take().body.size() > body_bytes_max) std::abort();
        return;
    }
    if (parser.end() && parser.take().body.size() > body_bytes_max) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 64U * 16U;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    parse_requests(bytes, piece);
    parse_response(bytes, piece, data[0] >= 128U);
    return 0;
}
