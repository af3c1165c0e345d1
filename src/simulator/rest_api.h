// The part of Twilio's REST API 2010-04-01 that a voice service uses: Calls, Messages, the account.
#pragma once

#include "async/task.h"
#include "core/random.h"
#include "net/server.h"
#include "simulator/call_record.h"
#include "simulator/line_event.h"
#include "simulator/options.h"

#include <boost/json/value.hpp>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::simulator {

struct SentMessage {
    std::string sid;
    std::string to;
    std::string from;
    std::string body;
    std::string status_callback;
};

// What all answers of the REST API have in common.
net::HttpResponse rest_json(int status, const boost::json::value& body);
net::HttpResponse rest_error(int status, int code, std::string_view message);
net::HttpResponse rest_not_found(std::string_view target);
bool is_authorised(const TwilioOptions& options, const net::HttpRequest& request);

/// Where calls live. Thread-safe.
class Switchboard {
public:
    virtual ~Switchboard() = default;
    virtual void start_call(CallRecord record) = 0;
    /// False when that call is over.
    virtual bool send(const std::string& sid, LineEvent event) = 0;
    /// This recording of the call began, or is to end now.
    virtual void recording_changed(const std::string& sid, const std::string& recording_sid, bool ends) = 0;
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

    const TwilioOptions& options_;
    CallBook& book_;
    FaultBox& faults_;
    Switchboard& switchboard_;
    Random& random_;
    mutable std::mutex mutex_;
    std::vector<SentMessage> messages_;
};

}  // namespace carevoice::simulator
