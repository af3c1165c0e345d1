// The part of Twilio's REST API 2010-04-01 that a voice service uses: Calls, Messages, the account.
#pragma once

#include "async/task.h"
#include "core/random.h"
#include "net/server.h"
#include "simulator/call_record.h"
#include "simulator/line_event.h"
#include "simulator/options.h"

#include <mutex>
#include <string>
#include <vector>

namespace carevoice::simulator {

struct SentMessage {
    std::string sid;
    std::string to;
    std::string from;
    std::string body;
    std::string status_callback;
};

/// Where calls live. Thread-safe.
class Switchboard {
public:
    virtual ~Switchboard() = default;
    virtual void start_call(CallRecord record) = 0;
    /// False when that call is over.
    virtual bool send(const std::string& sid, LineEvent event) = 0;
};

/// Thread-safe. All references outlive it.
class RestApi {
public:
    RestApi(const TwilioOptions& options, CallBook& book, FaultBox& faults, Switchboard& switchboard, Random& random);

    void add_routes(net::Router& router);
    [[nodiscard]] std::vector<SentMessage> messages() const;

private:
    async::Task<net::HttpResponse> handle(net::HttpRequest request);
    async::Task<net::HttpResponse> create(net::FormFields form, bool is_call);
    net::HttpResponse create_call(const net::FormFields& form);
    net::HttpResponse create_message(const net::FormFields& form);
    net::HttpResponse update_call(const std::string& sid, const net::FormFields& form);
    net::HttpResponse end_call(const CallRecord& call, std::string_view status);
    net::HttpResponse fetch_call(const std::string& sid) const;
    net::HttpResponse list_calls(const net::FormFields& query) const;
    net::HttpResponse list_messages() const;
    net::HttpResponse account() const;
    [[nodiscard]] bool authorised(const net::HttpRequest& request) const;

    const TwilioOptions& options_;
    CallBook& book_;
    FaultBox& faults_;
    Switchboard& switchboard_;
    Random& random_;
    mutable std::mutex mutex_;
    std::vector<SentMessage> messages_;
};

}  // namespace carevoice::simulator
