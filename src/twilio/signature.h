// X-Twilio-Signature: HMAC-SHA1 with the account's auth token over the URL and the form's fields (Twilio docs,
// "Security").
#pragma once

#include "net/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::twilio {

/// What was signed, as the receiver sees it.
struct SignedRequest {
    std::string url;                       ///< rebuilt from our configured public origin, never from request headers
    net::FormFields params;                ///< decoded, of a form POST; empty for GET, WebSocket upgrades and JSON
    std::optional<std::string> json_body;  ///< raw; then the URL must carry its bodySHA256
    bool websocket = false;                ///< also tries the trailing slash
};

/// base64(HMAC-SHA1(token, url + sorted name/value pairs)). For the simulator and tests too.
std::string sign(std::string_view auth_token, std::string_view url, const net::FormFields& params);

/// The URL that matches `signature` under one of `auth_tokens` (two while a token is being rotated), or nullopt. Tries
/// the spellings that Twilio's own back end and libraries use: as given, without port, with the default port, trailing
/// slash (WebSockets), without userinfo or fragment, apostrophe encoded or not. Compares in constant time.
std::optional<std::string> matching_url(const std::vector<std::string>& auth_tokens, const SignedRequest& request,
                                        std::string_view signature);

/// Every URL spelling that matching_url() tries, for `carevoice doctor`.
std::vector<std::string> candidate_urls(std::string_view url, bool websocket);

}  // namespace carevoice::twilio
