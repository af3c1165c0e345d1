// Alerts as signed HTTP requests to the hospital's own systems.
#pragma once

#include "net/client.h"
#include "notify/channel.h"

#include <string>

namespace carevoice::notify {

/// POSTs Message::json to the URL that is the notification's recipient, with webhook-id, webhook-timestamp,
/// webhook-signature (Standard Webhooks) and Idempotency-Key, which is the notification's id in every attempt.
/// 2xx: delivered. 408, 409, 425, 429, 3xx, 5xx and what is no HTTP: try again, Retry-After passed on. Other 4xx:
/// rejected. Redirects are not followed, for they would carry the alert to whom nobody named.
class WebhookChannel final : public Channel {
public:
    /// `key` of webhook_key(); empty: unsigned. The client and the clock outlive the channel.
    WebhookChannel(net::HttpClient& http, std::string key, const Clock& clock)
        : http_(http), key_(std::move(key)), clock_(clock) {}

    [[nodiscard]] domain::Channel kind() const noexcept override { return domain::Channel::webhook; }
    async::Task<Delivery> deliver(Message message, Deadline deadline) override;

private:
    [[nodiscard]] net::HttpRequest request_of(const Message& message, const net::Url& url) const;

    net::HttpClient& http_;
    std::string key_;
    const Clock& clock_;
};

}  // namespace carevoice::notify
