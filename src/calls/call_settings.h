// What the operator decides about calls.
#pragma once

#include "core/ids.h"
#include "core/time.h"
#include "domain/call.h"
#include "domain/calling_hours.h"
#include "twilio/twiml.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace carevoice::calls {

using domain::CallingHours;

struct CallSettings {
    std::string public_origin;  ///< TWILIO_WEBHOOK_URL without a slash at its end: "https://voice.example.org"
    /// Where the other instances reach this one: "http://10.0.0.7:8000". Empty: there are no others.
    std::string instance_origin;
    std::string from_number;   ///< E.164
    std::string organisation;  ///< said before identity: must not give the reason of the call away
    std::string callback_number;
    domain::CallMode default_mode = domain::CallMode::updates;
    CallingHours hours;
    int ring_seconds = 30;
    int max_call_seconds = 900;
    double calls_per_second = 100;           ///< new calls, over all instances
    double monthly_budget_usd = 0;           ///< no call is dialled that would exceed it; 0: no limit
    bool plan_next_calls = false;            ///< a follow-up that was had plans the next one
    std::size_t live_calls_max = 200;        ///< over it, initiate answers 503
    std::size_t stt_backlog_per_worker = 6;  ///< over it, new calls use gather
    twilio::SayVoice voice;
};

/// The URLs that Twilio calls back, all below /api/v1/twilio/.
class CallbackUrls {
public:
    explicit CallbackUrls(const std::string& public_origin) : origin_(public_origin) {}

    [[nodiscard]] std::string voice(const CallSessionId& id) const { return at("voice-webhook", id); }
    [[nodiscard]] std::string status(const CallSessionId& id) const { return at("status-callback", id); }
    [[nodiscard]] std::string gather(const CallSessionId& id) const { return at("gather", id); }
    [[nodiscard]] std::string stream_status(const CallSessionId& id) const { return at("stream-status", id); }
    [[nodiscard]] std::string amd(const CallSessionId& id) const { return at("amd", id); }
    [[nodiscard]] std::string recording(const CallSessionId& id) const { return at("recording", id); }
    /// wss: for https:, ws: for http: (simulations on a loopback address).
    [[nodiscard]] std::string stream(const CallSessionId& id) const { return "ws" + at("audio-stream", id).substr(4); }

private:
    [[nodiscard]] std::string at(std::string_view kind, const CallSessionId& id) const {
        return origin_ + "/api/v1/twilio/" + std::string(kind) + "/" + id.str();
    }
    std::string origin_;
};

}  // namespace carevoice::calls
