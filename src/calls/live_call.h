// One call that is going on: its stages (answer, listen, understand, reply, finish) on one strand.
#pragma once

#include "async/mutex.h"
#include "async/task.h"
#include "async/task_group.h"
#include "calls/call_settings.h"
#include "calls/conversation.h"
#include "calls/media_session.h"
#include "calls/recorder.h"
#include "calls/reply_twiml.h"
#include "twilio/telephony.h"
#include "twilio/webhook.h"

#include <memory>
#include <optional>
#include <string>

namespace carevoice::calls {

/// All outlive every call. `engine` is nullptr when there is no speech-to-text: then calls use gather. `recorder` is
/// nullptr when calls are not recorded.
struct LiveCallDeps {
    const CallSettings& settings;
    ConversationDeps conversation;
    twilio::Telephony& telephony;
    speech::SpeechToText* engine;
    Recorder* recorder = nullptr;
};

/// Every function runs on strand(), on_heard() and on_stream_ended() excepted.
class LiveCall final : public StreamOwner, public std::enable_shared_from_this<LiveCall> {
public:
    LiveCall(async::Executor strand, LiveCallDeps deps, domain::Call call, Conversation conversation);
    ~LiveCall() override;

    [[nodiscard]] const async::Executor& strand() const noexcept { return strand_; }
    [[nodiscard]] const CallSessionId& id() const noexcept { return call_.call_session_id; }
    /// Which of the call's owners this is. Any thread.
    [[nodiscard]] std::int64_t owner_epoch() const noexcept { return owner_epoch_; }

    /// The voice webhook: first the answer, later each <Redirect> after a silence. Always answers within a second, with
    /// TwiML that keeps the line open when the next words are not ready. A repeat (same idempotency token) gets the
    /// same answer. Errc::conflict when the CallSid belongs to another call.
    async::Task<Result<std::string>> answer_voice(twilio::Webhook webhook, std::string idempotency_token);

    /// The action of <Gather>: speech recognised by Twilio, or keys.
    async::Task<Result<std::string>> answer_gather(twilio::Webhook webhook, std::string idempotency_token);

    /// The verdict of machine detection.
    async::Task<> take_machine_verdict(domain::AnsweredBy verdict, bool ready_for_message);

    /// Takes a media stream that shows the right one-use token for the right CallSid. Errc::forbidden otherwise.
    async::Task<Result<>> attach(twilio::StreamStart start, std::shared_ptr<MediaSession> session);

    /// Twilio could not open or keep the stream.
    async::Task<> stream_failed();

    /// The stream ended with the instance that followed this call before: asks the pending question again, over a new
    /// stream, unless the call ends too.
    async::Task<> take_up();

    /// Hangs up.
    async::Task<Result<>> end(Deadline deadline);

    /// The call is over at Twilio: flushes the stream, judges the last words, stores outcome and summary, and returns
    /// when nothing of this call runs any more. Once; a second caller returns at once.
    async::Task<> finish(domain::CallStatus final_status);

    /// This process ends or another follows the call, which goes on: ends the turn at hand, stores what is unwritten,
    /// hangs up on the stream and stops working on it. Another instance, or this one after its restart, goes on at the
    /// next webhook.
    async::Task<> let_go();

    void on_heard(speech::Heard heard) override;
    void on_stream_ended() override;

private:
    enum class StreamState { none, starting, open, lost };

    // Answer
    Result<> adopt_sid(const CallSid& sid);
    void mark_answered();
    async::Task<> say_goodbye_in_time();

    void show(speech::PartialText partial) const;

    // Understand
    async::Task<> take_utterance(speech::Utterance utterance);
    async::Task<domain::Move> take_gathered(const twilio::Webhook& webhook);

    // Reply
    async::Task<std::string> compose(domain::Move move);
    async::Task<> deliver(domain::Move move, std::optional<SteadyTime> speech_ended);
    async::Task<> recover_stream();
    [[nodiscard]] Hearing choose_hearing() const;
    [[nodiscard]] ReplyContext reply_context(Hearing hearing) const;
    [[nodiscard]] milliseconds patience_left() const;
    void hint_listener();
    async::Task<> store_stream_token();

    // Recording
    /// Has the call recorded, or recorded no more, as the conversation allows by now.
    void attend_recording();
    async::Task<> start_recording();

    // Finish
    async::Task<> wait_for_stream_end(Deadline deadline);

    async::Executor strand_;
    LiveCallDeps deps_;
    domain::Call call_;
    const std::int64_t owner_epoch_;
    Conversation conversation_;

    async::Mutex turn_;  ///< one event at a time goes through the dialogue
    std::shared_ptr<MediaSession> session_;
    StreamState stream_ = StreamState::none;
    SteadyTime stream_asked_at_{};
    int stream_losses_ = 0;
    bool gather_only_ = false;
    bool hearing_speech_ = false;  ///< between SpeechStarted and its Utterance
    bool over_ = false;
    bool finishing_ = false;
    bool let_go_ = false;  ///< the call goes on elsewhere
    bool recording_asked_ = false;
    bool recording_withdrawn_ = false;
    std::optional<domain::Move> undelivered_;
    SteadyTime reply_given_at_{};
    std::string last_token_;  ///< idempotency token of the webhook answered last …
    std::string last_twiml_;  ///< … and the answer
    async::TaskGroup tasks_{"live call"};
};

/// What the endpointing should expect as the answer to `move`.
speech::Expectation expectation_of(domain::AnswerKind kind) noexcept;

}  // namespace carevoice::calls
