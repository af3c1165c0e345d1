#include "notify/webhook_channel.h"

#include "core/text.h"
#include "notification_samples.h"
#include "notify/webhook_signature.h"
#include "support/fake_clock.h"
#include "unit/net/test_client.h"

#include <gmock/gmock.h>
#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <span>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;

constexpr auto secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// HMAC-SHA256 from its definition (RFC 2104), for keys of at most 64 bytes.
std::string hmac_by_definition(const std::string& key, const std::string& text) {
    const auto digest = [](const std::string& bytes) {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> sum{};
        SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), sum.data());
        return std::string(sum.begin(), sum.end());
    };
    std::string inner(64, '\x36');
    std::string outer(64, '\x5c');
    for (std::size_t i = 0; i < key.size(); ++i) {
        inner[i] = static_cast<char>(inner[i] ^ key[i]);
        outer[i] = static_cast<char>(outer[i] ^ key[i]);
    }
    return digest(outer + digest(inner + text));
}

struct HookHouse {
    explicit HookHouse(net::Router::Handler handler) : server(routes(std::move(handler))) {}

    static net::Router routes(net::Router::Handler handler) {
        net::Router router;
        router.on("POST", "/{path...}", std::move(handler));
        return router;
    }
    Delivery deliver(std::string url, milliseconds span = 10s) {
        WebhookChannel channel(client.client(), webhook_key(secret).value(), clock);
        auto message = sample_message(sample_notification(domain::Channel::webhook, std::move(url)));
        auto work = channel.deliver(std::move(message), Deadline::in(span));
        return net::asio::co_spawn(net::asio::make_strand(client.context()), std::move(work), net::asio::use_future)
            .get();
    }
    Delivery deliver() { return deliver(url("/hooks/a?x=1")); }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server.port()) + path;
    }

    tests::FakeClock clock;
    net::TestServer server;
    net::TestClient client;
};

net::Router::Handler answers(int status, std::string field = "", std::string value = "") {
    return [=](net::HttpRequest) -> async::Task<net::HttpResponse> {
        auto response = net::text_response(status, "text/plain", "");
        if (!field.empty()) response.headers.add(field, value);
        co_return response;
    };
}

TEST(WebhookChannel, SendsASignedRequest) {
    net::HttpRequest seen;
    HookHouse house([&](net::HttpRequest request) -> async::Task<net::HttpResponse> {
        seen = request;
        co_return net::text_response(204, "text/plain", "");
    });
    EXPECT_TRUE(house.deliver().receipt.has_value());
    EXPECT_EQ(seen.target, "/hooks/a?x=1");
    EXPECT_EQ(seen.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(seen.body, sample_message(sample_notification(domain::Channel::webhook, "x")).json);
    const std::string id(seen.headers.find("webhook-id").value_or(""));
    EXPECT_EQ(id, "alert-1.high.0.abc");
    EXPECT_EQ(seen.headers.find("Idempotency-Key"), id);
    const std::string timestamp(seen.headers.find("webhook-timestamp").value_or(""));
    EXPECT_EQ(timestamp, "1795449600");
    const auto sum = hmac_by_definition(webhook_key(secret).value(), id + "." + timestamp + "." + seen.body);
    EXPECT_EQ(seen.headers.find("webhook-signature"), "v1," + base64_encode(std::as_bytes(std::span(sum))));
}

TEST(WebhookChannel, TellsWhatMayWorkLaterFromWhatNeverWill) {
    for (const int status : {200, 201, 202, 204}) EXPECT_TRUE(HookHouse(answers(status)).deliver().receipt.has_value());
    for (const int status : {400, 401, 403, 404, 410, 422}) {
        const auto delivery = HookHouse(answers(status)).deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::rejected) << status;
        EXPECT_EQ(delivery.receipt.error().provider_code, status);
    }
    for (const int status : {408, 409, 425, 429, 500, 502, 503, 504}) {
        const auto delivery = HookHouse(answers(status)).deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable) << status;
    }
}

TEST(WebhookChannel, FollowsNoRedirect) {
    int requests = 0;
    HookHouse house([&](net::HttpRequest) -> async::Task<net::HttpResponse> {
        ++requests;
        auto response = net::text_response(307, "text/plain", "");
        response.headers.add("Location", "/elsewhere");
        co_return response;
    });
    EXPECT_EQ(house.deliver().receipt.error().code, Errc::unavailable);
    EXPECT_EQ(requests, 1);
}

TEST(WebhookChannel, PassesOnHowLongToWait) {
    EXPECT_EQ(HookHouse(answers(429, "Retry-After", "120")).deliver().retry_after, 120s);
    // The clock of the test says 16:00:00.
    EXPECT_EQ(HookHouse(answers(503, "Retry-After", "Mon, 23 Nov 2026 16:01:00 GMT")).deliver().retry_after, 60s);
    EXPECT_EQ(HookHouse(answers(503, "Retry-After", "Mon, 23 Nov 2026 15:00:00 GMT")).deliver().retry_after, 0s);
    EXPECT_EQ(HookHouse(answers(503, "Retry-After", "99999999999999")).deliver().retry_after, 24h);
    for (const auto* const nonsense : {"soon", "-1", "99999999999999999999999999", ""})
        EXPECT_EQ(HookHouse(answers(503, "Retry-After", nonsense)).deliver().retry_after, 0s) << nonsense;
}

TEST(WebhookChannel, AReceiverThatDoesNotAnswerMayHaveTakenIt) {
    net::ScriptedServer silent([](net::tcp::socket& socket, int) {
        net::ScriptedServer::read_head(socket);
        net::ScriptedServer::read_to_end(socket);
    });
    HookHouse house(answers(200));
    const auto delivery = house.deliver("http://127.0.0.1:" + std::to_string(silent.port()) + "/", 300ms);
    EXPECT_EQ(delivery.receipt.error().code, Errc::timed_out);
}

TEST(WebhookChannel, AReceiverThatSpeaksSomethingElseIsTriedAgain) {
    net::ScriptedServer other([](net::tcp::socket& socket, int) {
        net::ScriptedServer::read_head(socket);
        net::ScriptedServer::write(socket, "220 mail here\r\n\r\n");
    });
    HookHouse house(answers(200));
    const auto delivery = house.deliver("http://127.0.0.1:" + std::to_string(other.port()) + "/");
    ASSERT_TRUE(delivery.receipt.has_error());
    EXPECT_FALSE(never_works(delivery.receipt.error().code)) << delivery.receipt.error().detail;
}

TEST(WebhookChannel, NobodyListens) {
    HookHouse house(answers(200));
    const auto delivery = house.deliver("http://127.0.0.1:" + std::to_string(net::closed_port()) + "/");
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable);
}

TEST(WebhookChannel, HostileAddressesReachNobody) {
    HookHouse house(answers(200));
    for (const auto* const hostile : {"", "hooks.example", "file:///etc/passwd", "ws://hooks.example/", "javascript:x",
                                      "http://h/a\r\nX-Evil: 1"}) {
        const auto delivery = house.deliver(hostile);
        ASSERT_TRUE(delivery.receipt.has_error()) << hostile;
        EXPECT_EQ(delivery.receipt.error().code, Errc::invalid_input) << hostile;
    }
}

}  // namespace
}  // namespace carevoice::notify
