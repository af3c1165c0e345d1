// Runs TwiML, verb by verb, for one answered call.
#pragma once

#include "async/bounded_queue.h"
#include "async/task.h"
#include "net/http.h"
#include "simulator/line_event.h"
#include "simulator/options.h"
#include "simulator/twiml_document.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace carevoice::simulator {

/// What verbs do to the call. On the call's strand.
class CallControl {
public:
    virtual ~CallControl() = default;
    virtual async::BoundedQueue<LineEvent>& inbox() = 0;
    /// Requests TwiML: the call's own fields and `extra`, signed. The body of a 2xx answer; Errc::corrupt with Twilio's
    /// number otherwise.
    virtual async::Task<Result<std::string>> fetch(std::string url, std::string method, net::FormFields extra) = 0;
    /// A request whose answer nobody reads.
    virtual void request_only(std::string url, std::string method, net::FormFields extra) = 0;
    virtual void voice_begins(std::string text, SteadyTime ends_at) = 0;
    virtual void voice_ends(double fraction_heard) = 0;
    /// Returns the stream's SID.
    virtual std::string open_stream(StreamNoun noun, bool two_way) = 0;
    virtual void close_stream(const std::string& name_or_sid) = 0;
    virtual void note(int code, std::string text) = 0;
};

class TwimlProgram {
public:
    /// `control` outlives it. `time_limit` is when Twilio ends the call by itself.
    TwimlProgram(CallControl& control, const TwilioOptions& options, SteadyTime time_limit);

    struct Start {
        std::string url;
        std::string method = "POST";
        std::string twiml;  ///< used when `url` is empty
        std::string fallback_url;
        net::FormFields extra;  ///< of the first request only
    };
    /// Until the call is to be hung up.
    async::Task<> run(Start start);

private:
    struct GoOn {};  ///< with the next verb
    struct Load {
        std::string url;
        std::string method;
        net::FormFields extra;
    };
    struct Execute {
        std::string twiml;
    };
    struct Over {};
    using Next = std::variant<GoOn, Load, Execute, Over>;

    async::Task<Result<std::string>> load(Load request);
    async::Task<Next> run_document(std::string twiml);
    async::Task<Next> run_verb(Verb verb);
    async::Task<Next> say(std::string text, bool stops_on_input);
    async::Task<Next> wait_until(SteadyTime at, bool stops_on_input);
    async::Task<Next> gather(GatherVerb verb);
    async::Task<Next> listen(GatherVerb verb);
    async::Task<Next> connect(ConnectStreamVerb verb);
    async::Task<Next> dial(DialVerb verb);
    async::Task<Next> apologise();
    [[nodiscard]] Next gather_result(const GatherVerb& verb) const;
    [[nodiscard]] std::optional<SteadyTime> input_due(const GatherVerb& verb) const;
    [[nodiscard]] bool keys_complete(const GatherVerb& verb) const;

    /// What an event means for whatever runs now; nullopt: it goes on.
    std::optional<Next> interruption(LineEvent event);
    [[nodiscard]] milliseconds voice_time(std::size_t characters) const;
    [[nodiscard]] std::string resolve(const std::string& url) const { return resolve_url(document_url_, url); }
    [[nodiscard]] bool heard_input() const;

    CallControl& control_;
    const TwilioOptions& options_;
    SteadyTime time_limit_;
    std::string document_url_;
    std::string fallback_url_;
    std::vector<SteadyTime> loads_;  ///< recent ones, against programs that redirect without end

    // Input since the running Gather began.
    bool wants_speech_ = false;
    bool wants_keys_ = false;
    std::optional<PartySpeaks> speech_;
    std::string keys_;
    SteadyTime last_key_{};
};

}  // namespace carevoice::simulator
