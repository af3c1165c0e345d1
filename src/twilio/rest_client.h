// Telephony over Twilio's REST API 2010-04-01.
#pragma once

#include "core/metrics.h"
#include "net/client.h"
#include "twilio/telephony.h"

#include <memory>
#include <string>

namespace carevoice::twilio {

struct Credentials {
    std::string account_sid;  ///< "AC…"
    std::string auth_token;   ///< secret
};

/// `base_url` is https://api.twilio.com unless a test or the simulator says otherwise. `http` and `metrics` outlive the
/// result. Reads are retried with back-off inside the deadline; creates only when nothing was sent.
std::unique_ptr<Telephony> make_rest_client(Credentials credentials, net::Url base_url, net::HttpClient& http,
                                            Metrics& metrics);

}  // namespace carevoice::twilio
