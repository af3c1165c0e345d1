// TwiML as Twilio reads it: text in, verbs out. Pure.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carevoice::simulator {

struct SayVerb {
    std::string text;
    int loop = 1;
};
struct PauseVerb {
    milliseconds length{1'000};
};
struct PlayVerb {};
struct RedirectVerb {
    std::string url;  ///< empty: the document's own
    std::string method;
};
struct HangupVerb {};
struct RejectVerb {};
struct StreamNoun {
    std::string url;
    std::string name;  ///< empty: named by its SID
    std::string status_callback;
    std::string status_method;
    std::vector<std::pair<std::string, std::string>> parameters;
};
struct StartStreamVerb {
    StreamNoun stream;
};
struct StopStreamVerb {
    std::string name;
};
struct ConnectStreamVerb {
    StreamNoun stream;
    std::string action;
    std::string method;
};
struct GatherVerb {
    bool speech = false;
    bool dtmf = true;
    std::string action;  ///< empty: the document's own URL
    std::string method;
    milliseconds timeout{5'000};
    std::optional<milliseconds> speech_timeout;  ///< nullopt: "auto"
    int num_digits = 0;
    std::string finish_on_key = "#";
    bool action_on_empty_result = false;
    std::vector<std::variant<SayVerb, PauseVerb, PlayVerb>> prompts;
};
struct DialVerb {
    std::string number;
    std::string action;
    std::string method;
    milliseconds timeout{30'000};
};

using Verb = std::variant<SayVerb, PauseVerb, PlayVerb, RedirectVerb, HangupVerb, RejectVerb, StartStreamVerb,
                          StopStreamVerb, ConnectStreamVerb, GatherVerb, DialVerb>;

/// Errc::corrupt with Twilio's number in provider_code: 11750 over 64 kB, 11770 empty, 12100 not XML, 12101 wrong root,
/// 12200 unknown verb or bad attribute, 13520 bad text, 31922 / 31920 stream URL, 31941 bad track.
Result<std::vector<Verb>> parse_twiml(std::string_view xml);

/// `reference` as seen from the document at `base`: absolute as it is, "/path" on the same origin, else beside it.
std::string resolve_url(std::string_view base, std::string_view reference);

}  // namespace carevoice::simulator
