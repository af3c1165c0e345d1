// The real router on a real server on a loopback port, over a CallHouse; everything runs on the test's own thread.
#pragma once

#include "api/event_publisher.h"
#include "api/router.h"
#include "net/client.h"
#include "net/server.h"
#include "support/call_house.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <vector>

namespace carevoice::api {

constexpr const char* test_auth_token = "0123456789abcdef0123456789abcdef";
constexpr const char* test_origin = "https://voice.example.org";

struct ApiHouseOptions {
    std::string api_key = {};
    bool with_engine = true;
    net::ServerLimits limits = {};
    std::vector<std::string> missing_parts = {};
    std::shared_ptr<const WallFiles> wall = {};
    bool live_events = false;
    EventFeedLimits event_limits = {};
    milliseconds heartbeat{15'000};
    ai::ReplyWriter* reply_writer = nullptr;
};

class ApiHouse {
public:
    explicit ApiHouse(ApiHouseOptions options = {});
    ~ApiHouse();

    /// Sends a request and holds the answer to /openapi.json: a 2xx to the schema of its route, a refusal to Problem.
    net::HttpResponse send(net::HttpRequest request);
    /// Sends a request for something that is not in /openapi.json.
    net::HttpResponse fetch(net::HttpRequest request);
    net::HttpResponse get(std::string target);
    net::HttpResponse post_json(std::string target, std::string body);
    net::HttpResponse put_json(std::string target, std::string body);
    net::HttpResponse remove(std::string target);
    /// A form signed over `signed_url`; empty: over our public address of `target`.
    net::HttpResponse post_form(std::string target, const net::FormFields& fields, std::string signed_url = {});

    /// What comes back for these bytes on a connection of their own, to its end. `hang_up`: nothing more is sent.
    std::string exchange(std::string bytes, bool hang_up = false);

    /// The service answers /health as if nothing had happened.
    void expect_alive();

    /// The one-use token in the TwiML of the first voice webhook of call "s1".
    std::string answer_call();
    /// Fields of a webhook about call "s1".
    net::FormFields webhook(net::FormFields more = {}) const;

    template <class T>
    T run(async::Task<T> work) {
        return house.run(std::move(work));
    }

    std::uint16_t port() const noexcept { return server->port(); }

    SystemRandom random;
    NoMetrics metrics;
    SystemClock clock;
    std::unique_ptr<storage::SessionStore> sessions;
    async::BlockingPool asking{1, 64};
    async::BlockingPool hearing{1, 1};
    EventFeed feed;
    EventPublisher publisher;
    tests::CallHouse house;
    std::unique_ptr<net::HttpServer> server;
    std::unique_ptr<net::HttpClient> client;
    async::TaskGroup tasks{"api house"};
    boost::json::object document;  ///< /openapi.json

private:
    void check_answer(const std::string& method, const std::string& target, const net::HttpResponse& response) const;
};

boost::json::value body_of(const net::HttpResponse& response);
/// The "field" of a problem; "" when it has none.
std::string field_of(const net::HttpResponse& response);
/// The "type" of a problem without its prefix.
std::string kind_of(const net::HttpResponse& response);

/// Ruth, as a client would send her; `change` replaces whole members.
std::string patient_json(const std::string& id, boost::json::object change = {});

}  // namespace carevoice::api
