#include "simulator/webhook_client.h"

#include "twilio/signature.h"

#include <utility>

namespace carevoice::simulator {

Posting WebhookClient::make(std::string url, std::string method, net::FormFields fields) {
    // A fragment holds connection settings for Twilio itself; it is neither sent nor signed.
    url = url.substr(0, url.find('#'));
    const std::string hex = random_.hex(16);
    std::string token = hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) +
                        '-' + hex.substr(20);
    return Posting{std::move(url), std::move(method), std::move(fields), std::move(token)};
}

async::Task<Result<net::HttpResponse>> WebhookClient::send(Posting posting, Deadline deadline) {
    const bool form_in_body = posting.method != "GET";
    if (!form_in_body && !posting.fields.empty()) {
        posting.url += posting.url.find('?') == std::string::npos ? '?' : '&';
        posting.url += net::encode_form(posting.fields);
        posting.fields.clear();
    }
    const auto url = net::parse_url(posting.url);
    if (!url) co_return url.error();
    net::HttpRequest request;
    request.method = posting.method;
    request.target = url->path;
    request.headers.add("User-Agent", "TwilioProxy/1.1");
    request.headers.add("Accept", "*/*");
    request.headers.add("X-Twilio-Signature", twilio::sign(auth_token_, posting.url, posting.fields));
    request.headers.add("I-Twilio-Idempotency-Token", posting.token);
    if (form_in_body) {
        request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        request.body = net::encode_form(posting.fields);
    }
    co_return co_await http_.send(*url, std::move(request), deadline);
}

std::string WebhookClient::sign_url(const std::string& url) const {
    return twilio::sign(auth_token_, url, {});
}

}  // namespace carevoice::simulator
