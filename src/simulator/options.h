// How the simulated Twilio behaves.
#pragma once

#include "core/time.h"
#include "simulator/faults.h"

#include <cstdint>
#include <string>

namespace carevoice::simulator {

struct TwilioOptions {
    std::string account_sid = "AC00000000000000000000000000000001";
    std::string auth_token = "simulated-auth-token-0123456789ab";
    std::string phone_number = "+15550100000";  ///< the only number that may call (21210 otherwise)
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: the kernel chooses

    /// 1: the voice takes the time that a voice takes (15 characters a second). 20: a twentieth, and likewise ringing
    /// and machine detection. Pauses, listening and the patient's own audio always take their real time.
    double pace = 1;
    milliseconds ring_time{1'500};       ///< at pace 1
    milliseconds detection_time{3'500};  ///< of machine_start; of "human" at pace 1, at least 300 ms
    milliseconds webhook_timeout{15'000};
    double line_noise = 12;     ///< see PhoneLine
    bool dial_answers = false;  ///< whether a <Dial> (transfer to a person) is picked up
    Faults faults = {};
};

}  // namespace carevoice::simulator
