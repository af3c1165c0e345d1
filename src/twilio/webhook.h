// The form posts that Twilio makes to us, as values.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/time.h"
#include "net/http.h"

#include <cstdint>
#include <optional>
#include <string>

namespace carevoice::twilio {

/// Fields of all voice requests; those of one kind are empty in the others. Unknown fields are ignored.
struct Webhook {
    CallSid call_sid;
    std::string call_status;  ///< Twilio's spelling
    std::string answered_by;
    std::optional<std::uint64_t> sequence_number;
    std::optional<WallTime> timestamp;
    std::optional<int> call_duration_seconds;
    std::string digits;
    std::string speech_result;
    std::optional<double> confidence;
    std::string stream_sid;
    std::string stream_event;  ///< "stream-started", "stream-stopped", "stream-error"
    std::string stream_error;
    std::string recording_sid;
    std::string recording_status;
    std::string sip_response_code;
    std::string account_sid;
    std::optional<int> recording_duration_seconds;
    std::string dial_call_status;  ///< action of <Dial>: "completed", "busy", "no-answer", "failed", "canceled"
    std::string error_code;        ///< fallback URL: why the first one failed
};

/// invalid_input naming the field when CallSid is missing or malformed, or a number is not one. Empty values count as
/// absent; an unreadable Timestamp is left out.
Result<Webhook> parse_webhook(const net::FormFields& fields);

}  // namespace carevoice::twilio
