// Form bodies, queries and URLs: what strangers send and people configure. Properties: no crash, and what was read
// survives being written and read again.
#include "net/client.h"
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto fields = carevoice::net::parse_form(text);
    if (fields.has_value()) {
        const auto again = carevoice::net::parse_form(carevoice::net::encode_form(*fields));
        if (again.has_error() || *again != *fields) std::abort();
    }
    const auto decoded = carevoice::net::decode_component(text);
    if (decoded.has_value()) {
        const auto again = carevoice::net::decode_component(carevoice::net::encode_component(*decoded));
        if (again.has_error() || *again != *decoded) std::abort();
    }
    const auto url = carevoice::net::parse_url(text);
    if (url.has_value() && (url->host.empty() || url->port == 0 || !url->path.starts_with('/'))) std::abort();
    return 0;
}
