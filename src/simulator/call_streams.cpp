// The media streams of a CallEngine, and what they report.
#include "simulator/call_engine.h"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr std::size_t forks_max = 4;
constexpr milliseconds closing_time_max{2'500};

/// Runs `work` on the strand of the call, from any thread.
template <class Work>
void on_strand(const async::Executor& strand, std::shared_ptr<CallEngine> engine, Work work) {
    async::asio::post(strand, [engine = std::move(engine), work = std::move(work)]() mutable { work(*engine); });
}

}  // namespace

std::string CallEngine::open_stream(StreamNoun noun, bool two_way) {
    std::string sid = "MZ" + parts_.random.hex(16);
    const std::string name = noun.name.empty() ? sid : noun.name;
    for (const auto& [other, open] : streams_) {
        if (open.name != name) continue;
        // What Twilio does with a name in use is nowhere documented: here the newer one takes it and the older ends.
        note(31940, "a stream of that name was open already");
        open.stream->stop();
    }
    if (streams_.size() >= forks_max) {
        note(31940, "more than four streams on one call");
        return sid;
    }
    StreamPlan plan{.noun = std::move(noun),
                    .identity = {record_.account_sid, record_.sid, sid},
                    .signature = {},
                    .two_way = two_way,
                    .refused = parts_.faults.draw(&Faults::stream_refused),
                    .lost_after = parts_.faults.draw_stream_loss()};
    plan.signature = parts_.webhooks.sign_url(plan.noun.url);
    const auto callback = plan.noun.status_callback;
    auto stream = std::make_shared<MediaStream>(std::move(plan), line_, shared_from_this());
    streams_.insert_or_assign(sid, OpenStream{stream, name, callback, two_way});
    auto work = stream->run(stream, parts_.http);
    parts_.group.spawn(strand_, std::move(work));
    return sid;
}

void CallEngine::close_stream(const std::string& name) {
    for (const auto& [sid, open] : streams_)
        if (sid == name || open.name == name) open.stream->stop();
}

async::Task<> CallEngine::close_streams() {
    for (const auto& [sid, open] : streams_) open.stream->stop();
    const auto give_up = std::chrono::steady_clock::now() + closing_time_max;
    while (!streams_.empty() && std::chrono::steady_clock::now() < give_up) {
        const auto waited = co_await async::sleep_for(frame_length);
        if (!waited) co_return;
    }
}

void CallEngine::report_stream(const std::string& sid, const OpenStream& open, const std::string& event,
                               const std::string& error) {
    net::FormFields fields{{"AccountSid", record_.account_sid},
                           {"CallSid", record_.sid},
                           {"StreamSid", sid},
                           {"StreamName", open.name},
                           {"StreamEvent", event}};
    fields.emplace_back("Timestamp", format_rfc3339(wall_now()));
    if (!error.empty()) fields.emplace_back("StreamError", error);
    callbacks_.push(open.status_callback, std::move(fields));
}

void CallEngine::stream_started(std::string sid) {
    tell(CallEventKind::stream_started, sid);
    on_strand(strand_, shared_from_this(), [sid](CallEngine& engine) {
        const auto found = engine.streams_.find(sid);
        if (found != engine.streams_.end()) engine.report_stream(sid, found->second, "stream-started", "");
    });
}

void CallEngine::stream_ended(std::string sid, int failure, std::string why) {
    tell(CallEventKind::stream_ended, sid, 1, failure);
    on_strand(strand_, shared_from_this(), [sid, failure, why](CallEngine& engine) {
        if (failure != 0) engine.note(failure, why.empty() ? "the service closed the stream" : why);
        const auto found = engine.streams_.find(sid);
        if (found == engine.streams_.end()) return;
        const bool broken = failure != 0 && failure != 31921;
        engine.report_stream(sid, found->second, broken ? "stream-error" : "stream-stopped",
                             broken ? std::to_string(failure) + " " + why : "");
        const bool two_way = found->second.two_way;
        engine.streams_.erase(found);
        if (two_way) engine.inbox_.try_push(StreamOver{sid});
    });
}

void CallEngine::answer_sent() {
    {
        const std::lock_guard lock(meter_mutex_);
        if (!reply_owed_ || std::exchange(answer_left_, true)) return;
    }
    tell(CallEventKind::answer_sent);
}

void CallEngine::reply_arrives() {
    {
        const std::lock_guard lock(meter_mutex_);
        const bool measured = reply_owed_ && answer_left_;
        reply_owed_ = false;
        if (!measured) return;
    }
    tell(CallEventKind::reply_arrived);
}

void CallEngine::reply_heard() {
    reply_arrives();
    on_strand(strand_, shared_from_this(), [](CallEngine& engine) {
        if (!engine.over_) engine.voice_begins("", SteadyTime::max());
    });
}

void CallEngine::reply_finished(bool cut_off) {
    on_strand(strand_, shared_from_this(), [cut_off](CallEngine& engine) {
        if (!engine.over_) engine.voice_ends(cut_off ? 0.5 : 1);
    });
}

void CallEngine::stream_warning(int code, std::string text) {
    on_strand(strand_, shared_from_this(), [code, text](CallEngine& engine) { engine.note(code, text); });
}

}  // namespace carevoice::simulator
