// The requests that Twilio makes to a service: form-encoded and signed.
#pragma once

#include "async/task.h"
#include "core/random.h"
#include "net/client.h"
#include "net/http.h"

#include <string>

namespace carevoice::simulator {

/// One request, to be sent once or (a repeat) twice with the same idempotency token.
struct Posting {
    std::string url;
    std::string method = "POST";
    net::FormFields fields;
    std::string token;
};

/// Thread-safe. `http` and `random` outlive it.
class WebhookClient {
public:
    WebhookClient(net::HttpClient& http, Random& random, std::string auth_token)
        : http_(http), random_(random), auth_token_(std::move(auth_token)) {}

    [[nodiscard]] Posting make(std::string url, std::string method, net::FormFields fields);

    /// Errors as of net::HttpClient; invalid_input when the URL is none. Any status is an answer.
    async::Task<Result<net::HttpResponse>> send(Posting posting, Deadline deadline);

    /// The signature of a WebSocket's upgrade request.
    [[nodiscard]] std::string sign_url(const std::string& url) const;

private:
    net::HttpClient& http_;
    Random& random_;
    std::string auth_token_;
};

}  // namespace carevoice::simulator
