// A move of the dialogue as TwiML. Pure: what a reply sounds like on the wire is decided here and nowhere else.
#pragma once

#include "calls/call_settings.h"
#include "core/error.h"
#include "domain/dialogue.h"

#include <optional>
#include <string>

namespace carevoice::calls {

/// How the next words of the patient will reach us.
enum class Hearing {
    stream_running,  ///< our stream is open: say, wait
    start_stream,    ///< open it first (again)
    gather,          ///< Twilio recognises speech and keys
};

struct ReplyContext {
    const CallSettings& settings;
    CallSessionId call_session_id;
    Hearing hearing = Hearing::stream_running;
    std::string stream_token;     ///< with start_stream
    std::string transfer_number;  ///< E.164 of the care team; empty: nobody to transfer to
};

/// Errc::too_large when the words exceed what one document may hold (a bug of the wording).
Result<std::string> reply_twiml(const domain::Move& move, const ReplyContext& context);

/// Keeps the line open for a moment without saying anything, then asks the voice webhook again.
std::string holding_twiml(const ReplyContext& context, int seconds);

/// Hangs up, for calls that we do not know any more or that are over.
std::string hangup_twiml();

/// Words that hint Twilio's recogniser at the expected answer, by kind.
std::string gather_hints(const domain::Move& move);

}  // namespace carevoice::calls
