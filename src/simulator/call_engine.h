// One simulated call from the queue to its end.
#pragma once

#include "async/bounded_queue.h"
#include "async/task.h"
#include "async/task_group.h"
#include "simulator/call_event.h"
#include "simulator/call_record.h"
#include "simulator/callback_queue.h"
#include "simulator/media_stream.h"
#include "simulator/party.h"
#include "simulator/phone_line.h"
#include "simulator/recordings.h"
#include "simulator/twiml_program.h"
#include "simulator/webhook_client.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace carevoice::simulator {

/// What calls share. All of it outlives them.
struct EngineParts {
    const TwilioOptions& options;
    CallBook& book;
    RecordingBook& recordings;
    PhoneBook& phones;
    FaultBox& faults;
    WebhookClient& webhooks;
    net::HttpClient& http;
    Random& random;
    async::TaskGroup& group;
    CallObserver& observer;
};

/// Runs on its own strand. post() may be called from anywhere.
class CallEngine final : public CallControl,
                         public Line,
                         public StreamOwner,
                         public std::enable_shared_from_this<CallEngine> {
public:
    CallEngine(EngineParts parts, async::Executor strand, CallRecord record);

    /// The whole life of the call.
    async::Task<> run(std::shared_ptr<CallEngine> self);
    void post(LineEvent event);
    /// On the strand: a recording of this call began, or ends now.
    void recording_changed(const std::string& recording_sid, bool ends);
    [[nodiscard]] const async::Executor& strand() const noexcept { return strand_; }

    // CallControl
    async::BoundedQueue<LineEvent>& inbox() override { return inbox_; }
    async::Task<Result<std::string>> fetch(std::string url, std::string method, net::FormFields extra) override;
    void request_only(std::string url, std::string method, net::FormFields extra) override;
    void voice_begins(std::string text, SteadyTime ends_at) override;
    void voice_ends(double fraction_heard) override;
    std::string open_stream(StreamNoun noun, bool two_way) override;
    void close_stream(const std::string& name) override;
    void note(int code, std::string text) override;

    // Line
    SteadyTime speak(SharedClip clip, std::string text, double confidence) override;
    void press(char key) override;
    void hang_up() override;

    // StreamOwner
    void stream_started(std::string sid) override;
    void stream_ended(std::string sid, int failure, std::string why) override;
    void answer_sent() override;
    void reply_heard() override;
    void reply_finished(bool cut_off) override;
    void stream_warning(int code, std::string text) override;

private:
    struct OpenStream {
        std::shared_ptr<MediaStream> stream;
        std::string name;
        std::string status_callback;
        bool two_way = false;
    };

    async::Task<bool> ring(Pickup pickup);
    async::Task<> converse();
    async::Task<> detect_machine(std::shared_ptr<CallEngine> self, Verdict verdict);
    async::Task<> listen_in(std::shared_ptr<CallEngine> self);
    async::Task<> send_callbacks(std::shared_ptr<CallEngine> self);
    async::Task<> send_and_forget(std::shared_ptr<CallEngine> self, Posting posting);
    void finish(const std::string& status, int sip_code);
    void report_recording(const std::string& recording_sid);
    void set_status(const std::string& status, const std::string& event, net::FormFields extra);
    async::Task<> close_streams();
    void report_stream(const std::string& sid, const OpenStream& open, const std::string& event,
                       const std::string& error);
    void reply_arrives();
    void tell(CallEventKind kind, std::string text = {}, double fraction = 1, int code = 0) const;
    [[nodiscard]] net::FormFields base_fields() const;
    [[nodiscard]] std::string verdict_text(const Verdict& verdict) const;
    [[nodiscard]] milliseconds detection_wait(const Verdict& verdict) const;
    [[nodiscard]] milliseconds paced(milliseconds span) const;

    EngineParts parts_;
    async::Executor strand_;
    const CallRecord record_;  ///< as created; the live state is in the book
    async::BoundedQueue<LineEvent> inbox_{256};
    CallbackQueue callbacks_;
    std::shared_ptr<PhoneLine> line_;
    std::shared_ptr<Party> party_;
    std::map<std::string, OpenStream> streams_;  ///< by SID: a name may be used again
    std::string status_ = "queued";
    std::string answered_by_;
    std::string voice_text_;
    int sequence_ = 0;
    SteadyTime answered_at_{};
    bool answered_ = false;
    bool over_ = false;

    // Reply latency: set by streams and by the REST side, so behind a lock.
    std::mutex meter_mutex_;
    bool reply_owed_ = false;
    bool answer_left_ = false;
};

}  // namespace carevoice::simulator
