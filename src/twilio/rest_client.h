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
/// result. Thread-safe.
///
/// Tries again inside the deadline only, three times at most: anything that Twilio did not process (429, 20503, a
/// connection that was never made); reads and hang-ups also after 5xx; reads also after a lost connection. Counts
/// carevoice_twilio_requests_total{operation,outcome} and times carevoice_twilio_seconds{operation}.
std::unique_ptr<Telephony> make_rest_client(const Credentials& credentials, net::Url base_url, net::HttpClient& http,
                                            Metrics& metrics);

}  // namespace carevoice::twilio
