// TwiML documents, built verb by verb with pugixml, so that escaping is never our own.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::twilio {

/// Voice of <Say>.
struct SayVoice {
    std::string voice = "Polly.Joanna-Neural";
    std::string language = "en-US";
};

/// How a text is read out; left out for voices that take no SSML (all but "Polly." and "Google.").
struct Delivery {
    std::vector<std::size_t> pauses = {};  ///< offsets into the text, ascending: a moment's rest at each
    bool slowly = false;
};

struct GatherOptions {
    std::string action_url;
    bool speech = true;
    bool dtmf = true;
    int num_digits = 0;  ///< 0: no limit
    int timeout_seconds = 5;
    std::string speech_timeout = "auto";
    std::string hints;  ///< comma-separated
};

/// Appends verbs in order; xml() gives the document. Text over Twilio's 4,096 characters is cut at a sentence into
/// several <Say> verbs. What XML cannot carry (control characters, broken UTF-8) is left out. Not thread-safe.
class TwiML {
public:
    explicit TwiML(SayVoice voice = {});
    ~TwiML();
    TwiML(TwiML&&) noexcept;

    TwiML& say(std::string_view text, const Delivery& delivery = {});
    TwiML& pause(int seconds);
    TwiML& redirect(std::string_view url);
    TwiML& hangup();
    /// <Start><Stream>: the patient's audio to `wss_url`; verbs after it go on at once.
    TwiML& start_stream(std::string_view wss_url, std::string_view name,
                        const std::vector<std::pair<std::string, std::string>>& parameters,
                        std::string_view status_callback_url);
    TwiML& stop_stream(std::string_view name);
    /// <Connect><Stream>: two-way, until the socket closes.
    TwiML& connect_stream(std::string_view wss_url, const std::vector<std::pair<std::string, std::string>>& parameters,
                          std::string_view status_callback_url);
    /// <Gather> with `prompt` said inside it. The verb after it runs when nothing was heard; there is no request then.
    TwiML& gather(const GatherOptions& options, std::string_view prompt, const Delivery& delivery = {});
    TwiML& dial(std::string_view number, std::string_view caller_id, int timeout_seconds);

    /// With the XML declaration. Errc::too_large over 64 kB or for a stream parameter of 500 characters;
    /// Errc::invalid_input for a stream URL with a query, or a gather without input.
    [[nodiscard]] Result<std::string> xml() const;

private:
    struct Document;
    std::unique_ptr<Document> document_;
};

}  // namespace carevoice::twilio
