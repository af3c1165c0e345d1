// Signatures of outgoing webhooks, as the Standard Webhooks specification has them: the receiver computes the same
// HMAC-SHA256 over "id.timestamp.body" and refuses old timestamps, so that neither forging nor replaying works.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <string>
#include <string_view>

namespace carevoice::notify {

/// Key bytes of a secret: base64 after "whsec_", else the text itself. invalid_input under 24 bytes or for broken
/// base64.
Result<std::string> webhook_key(std::string_view secret);

/// The value of webhook-signature: "v1," and the base64 of the HMAC. `timestamp`: whole seconds since 1970.
std::string sign_webhook(std::string_view key, std::string_view id, std::string_view timestamp, std::string_view body);

}  // namespace carevoice::notify
