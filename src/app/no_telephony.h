// What stands in for Twilio while there is no account.
#pragma once

#include "twilio/telephony.h"

#include <string>

namespace carevoice::app {

/// Answers every request with the reason why no calls can be made.
class NoTelephony final : public twilio::Telephony {
public:
    async::Task<Result<CallSid>> create_call(twilio::CallRequest, Deadline) override { return refuse<CallSid>(); }
    async::Task<Result<twilio::RemoteCall>> find_call(std::string, WallTime, Deadline) override {
        return refuse<twilio::RemoteCall>();
    }
    async::Task<Result<twilio::RemoteCall>> fetch_call(CallSid, Deadline) override {
        return refuse<twilio::RemoteCall>();
    }
    async::Task<Result<>> update_call(CallSid, std::string, Deadline) override { return refuse<void>(); }
    async::Task<Result<>> end_call(CallSid, bool, Deadline) override { return refuse<void>(); }
    async::Task<Result<std::string>> send_message(std::string, std::string, std::string, Deadline) override {
        return refuse<std::string>();
    }
    async::Task<Result<twilio::AccountState>> account(Deadline) override { return refuse<twilio::AccountState>(); }

private:
    template <class T>
    static async::Task<Result<T>> refuse() {
        co_return Error{Errc::unavailable,
                        "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER to make calls"};
    }
};

}  // namespace carevoice::app
