// A telephone network that remembers what it was asked and answers as told.
#pragma once

#include "twilio/telephony.h"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::tests {

class FakeTelephony final : public twilio::Telephony {
public:
    // What to answer.
    std::optional<Error> create_error;
    std::optional<Error> update_error;
    std::optional<Error> message_error;
    std::optional<twilio::RemoteCall> existing;  ///< what find_call finds
    std::string next_sid = "CA00000000000000000000000000000001";

    // What was asked.
    std::vector<twilio::CallRequest> created;
    std::vector<std::string> updates;  ///< TwiML
    int ended = 0;
    struct TextMessage {
        std::string to;
        std::string from;
        std::string body;
    };
    std::vector<TextMessage> messages;

    async::Task<Result<CallSid>> create_call(twilio::CallRequest request, Deadline) override {
        created.push_back(std::move(request));
        if (create_error) co_return *create_error;
        co_return CallSid(next_sid);
    }
    async::Task<Result<twilio::RemoteCall>> find_call(std::string, WallTime, Deadline) override {
        if (existing) co_return *existing;
        co_return Error{Errc::not_found, "no call"};
    }
    async::Task<Result<twilio::RemoteCall>> fetch_call(CallSid, Deadline) override {
        co_return Error{Errc::not_found, "no call"};
    }
    async::Task<Result<>> update_call(CallSid, std::string twiml, Deadline) override {
        updates.push_back(std::move(twiml));
        if (update_error) co_return *update_error;
        co_return Result<>{};
    }
    async::Task<Result<>> end_call(CallSid, bool, Deadline) override {
        ++ended;
        co_return Result<>{};
    }
    async::Task<Result<std::string>> send_message(std::string to, std::string from, std::string body,
                                                  Deadline) override {
        messages.push_back({std::move(to), std::move(from), std::move(body)});
        if (message_error) co_return *message_error;
        co_return std::string("SM1");
    }
    async::Task<Result<twilio::AccountState>> account(Deadline) override {
        co_return twilio::AccountState{.status = "active", .type = "Full"};
    }
};

}  // namespace carevoice::tests
