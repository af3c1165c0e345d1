// Listening: one media WebSocket from its first message to the flushed last words.
#pragma once

#include "async/task.h"
#include "audio/voice_activity.h"
#include "core/metrics.h"
#include "net/websocket.h"
#include "speech/listener.h"
#include "speech/speech_to_text.h"
#include "twilio/media_message.h"

#include <functional>
#include <memory>
#include <string>

namespace carevoice::calls {

/// Who listens to a stream. Both functions may come from any thread and return at once.
class StreamOwner {
public:
    virtual ~StreamOwner() = default;
    virtual void on_heard(speech::Heard heard) = 0;
    virtual void on_stream_ended() = 0;
};

/// Owned by the coroutine that serves the socket; the call keeps a pointer to give hints. Frames are read, decoded and
/// checked for speech on the socket's own strand: nothing hops between threads but utterances.
class MediaSession : public std::enable_shared_from_this<MediaSession> {
public:
    /// Decides by call and token whether this stream may be attached; an error closes the socket with 1008.
    using Attach = std::function<async::Task<Result<std::shared_ptr<StreamOwner>>>(twilio::StreamStart,
                                                                                   std::shared_ptr<MediaSession>)>;

    MediaSession(std::shared_ptr<net::WebSocket> socket, speech::SpeechToText& engine,
                 audio::VoiceDetectorPool& detectors, Metrics& metrics, Attach attach);
    ~MediaSession();

    /// Serves the socket to its end: `stop`, a lost connection, or close(). What was heard until then has been reported
    /// when it returns.
    async::Task<> run();

    /// Hangs up on Twilio's stream (1001, going away), which ends run(). Any executor.
    async::Task<> close();

    /// What the next utterance will be like. Any thread.
    void expect(speech::Expectation expectation, std::string prompt);

private:
    async::Task<Result<>> await_start();
    async::Task<> receive();
    void report(speech::Heard heard);

    std::shared_ptr<net::WebSocket> socket_;
    Metrics& metrics_;
    Attach attach_;
    twilio::StreamReceiver receiver_;
    speech::Listener listener_;
    std::shared_ptr<StreamOwner> owner_;
};

}  // namespace carevoice::calls
