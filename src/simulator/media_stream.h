// One media stream of a call: a WebSocket client that sends 20 ms of the line every 20 ms.
#pragma once

#include "async/task.h"
#include "net/client.h"
#include "simulator/media_frames.h"
#include "simulator/phone_line.h"
#include "simulator/play_out.h"
#include "simulator/twiml_document.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace carevoice::simulator {

/// What a stream tells its call. Called on the stream's strand, which is not the call's: implementations hand over.
class StreamOwner {
public:
    virtual ~StreamOwner() = default;
    virtual void stream_started(std::string sid) = 0;
    /// `failure` is Twilio's error number, or 0 for a good end. Always the last call.
    virtual void stream_ended(std::string sid, int failure, std::string why) = 0;
    virtual void answer_sent() = 0;  ///< the frame with the end of the party's words left
    virtual void reply_heard() = 0;  ///< the first sound of the voice after a silence (two-way)
    virtual void reply_finished(bool cut_off) = 0;
    virtual void stream_warning(int code, std::string text) = 0;
};

struct StreamPlan {
    StreamNoun noun;
    StreamIdentity identity;
    std::string signature;  ///< over the URL as TwiML gave it
    bool two_way = false;
    bool refused = false;                    ///< fault: cannot be opened
    std::optional<milliseconds> lost_after;  ///< fault: breaks without a stop message
};

class MediaStream : public std::enable_shared_from_this<MediaStream> {
public:
    MediaStream(StreamPlan plan, std::shared_ptr<const PhoneLine> line, std::shared_ptr<StreamOwner> owner);

    /// From the connection to its end. `client` outlives it.
    async::Task<> run(std::shared_ptr<MediaStream> self, net::HttpClient& client);

    /// Ends it in good order, within a frame's time. Thread-safe.
    void stop() noexcept { stopping_ = true; }

private:
    async::Task<> session(std::shared_ptr<net::WebSocket> socket);
    async::Task<> send_frames(std::shared_ptr<net::WebSocket> socket);
    async::Task<> read_frames(std::shared_ptr<net::WebSocket> socket);
    async::Task<Result<>> send_frame(std::shared_ptr<net::WebSocket> socket, SteadyTime at);
    async::Task<> leave(std::shared_ptr<net::WebSocket> socket, bool broken);
    void accept(std::string_view text);
    void watch_voice(SteadyTime now);
    void warn_once(int code, const std::string& text);

    StreamPlan plan_;
    std::shared_ptr<const PhoneLine> line_;
    std::shared_ptr<StreamOwner> owner_;
    FrameWriter writer_;
    PlayOut play_out_;
    std::vector<std::string> returned_marks_;  ///< to be sent with the next frame
    bool voice_on_ = false;
    bool warned_ = false;
    bool closed_by_service_ = false;
    std::atomic<bool> stopping_{false};
};

}  // namespace carevoice::simulator
