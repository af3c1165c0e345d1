// Alerts as text messages through Twilio.
#pragma once

#include "notify/channel.h"
#include "twilio/telephony.h"

#include <string>
#include <utility>

namespace carevoice::notify {

/// Twilio's Messages API has no idempotency key, so what prevents a second message is the outbox's record alone. A
/// time-out is ambiguous: Twilio may have sent it. It is tried again, because a nurse who reads the same alert twice
/// (the link is the same) loses a moment, and one who never reads it may lose a patient.
class SmsChannel final : public Channel {
public:
    /// `from`: E.164. `telephony` outlives the channel.
    SmsChannel(twilio::Telephony& telephony, std::string from) : telephony_(telephony), from_(std::move(from)) {}

    [[nodiscard]] domain::Channel kind() const noexcept override { return domain::Channel::sms; }
    async::Task<Delivery> deliver(Message message, Deadline deadline) override;

private:
    twilio::Telephony& telephony_;
    std::string from_;
};

}  // namespace carevoice::notify
