// What a stranger controls of a signed request: target, form, JSON body and signature. Split at newlines. Nothing may
// match unless it carries the signature that we make ourselves.
#include "twilio/signature.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string_view take_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace carevoice::twilio;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    SignedRequest request;
    request.websocket = size % 2 == 1;
    request.url = take_line(rest);
    const std::string_view signature = take_line(rest);
    if (auto fields = carevoice::net::parse_form(rest)) request.params = std::move(*fields);

    // Not the token of the sample files, which may be the corpus: no input can be signed with this one.
    if (matching_url({"a token that signs nothing"}, request, signature)) std::abort();
    const std::string good = sign("token", request.url, request.params);
    if (!matching_url({"other", "token"}, request, good)) std::abort();
    request.json_body = std::string(rest);
    (void)matching_url({"token"}, request, good);
    return 0;
}
