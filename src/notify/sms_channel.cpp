#include "notify/sms_channel.h"

namespace carevoice::notify {

namespace {

/// Twilio's own words may repeat the number, so only its code is kept. Wrong credentials are the service's trouble, not
/// the message's: somebody will set them right.
Error judge(const Error& error) {
    const std::string code = error.provider_code == 0 ? "" : " (" + std::to_string(error.provider_code) + ")";
    switch (error.code) {
        case Errc::timed_out: return {Errc::timed_out, "Twilio did not say whether it took the message" + code};
        case Errc::rejected:
        case Errc::not_found: return {Errc::rejected, "Twilio refused the message" + code, "", error.provider_code};
        case Errc::invalid_input: return {Errc::invalid_input, "the recipient is not an E.164 number", "recipient"};
        case Errc::too_large: return {Errc::too_large, "the message is too long"};
        case Errc::unauthorised:
        case Errc::forbidden:
            return {Errc::unavailable, "Twilio refused our credentials" + code, "", error.provider_code};
        default: return {Errc::unavailable, "Twilio cannot be reached" + code, "", error.provider_code};
    }
}

}  // namespace

async::Task<Delivery> SmsChannel::deliver(Message message, Deadline deadline) {
    const auto sid = co_await telephony_.send_message(message.notification.recipient, from_, message.sms, deadline);
    Delivery delivery;
    if (sid.has_value()) {
        delivery.receipt = *sid;
    } else {
        delivery.receipt = judge(sid.error());
    }
    co_return delivery;
}

}  // namespace carevoice::notify
