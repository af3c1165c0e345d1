#include "simulator/media_stream.h"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr milliseconds open_timeout{5'000};

}  // namespace

MediaStream::MediaStream(StreamPlan plan, std::shared_ptr<const PhoneLine> line, std::shared_ptr<StreamOwner> owner)
    : plan_(std::move(plan)), line_(std::move(line)), owner_(std::move(owner)), writer_(plan_.identity) {}

async::Task<> MediaStream::run(std::shared_ptr<MediaStream> self, net::HttpClient& client) {
    const auto url = net::parse_url(plan_.noun.url);
    if (!url || plan_.refused) {
        owner_->stream_ended(plan_.identity.stream_sid, plan_.refused ? 31902 : 31923,
                             "the stream could not be opened");
        co_return;
    }
    net::Headers headers;
    headers.add("User-Agent", "Twilio.TmeWs/1.0");
    headers.add("x-twilio-signature", plan_.signature);
    auto opened = co_await client.open_websocket(*url, std::move(headers), Deadline::in(open_timeout));
    if (!opened) {
        const int code = opened.error().code == Errc::rejected ? 31920 : 31901;
        owner_->stream_ended(plan_.identity.stream_sid, code, opened.error().detail);
        co_return;
    }
    auto socket = std::move(*opened);
    const auto strand = socket->executor();
    auto work = session(std::move(socket));
    co_await async::asio::co_spawn(strand, std::move(work), async::asio::use_awaitable);
    owner_->stream_ended(plan_.identity.stream_sid, closed_by_service_ ? 31921 : 0, "");
}

async::Task<> MediaStream::session(std::shared_ptr<net::WebSocket> socket) {
    using namespace async::asio::experimental::awaitable_operators;
    owner_->stream_started(plan_.identity.stream_sid);
    auto sending = send_frames(socket);
    auto reading = read_frames(socket);
    co_await (std::move(sending) && std::move(reading));
    if (voice_on_) owner_->reply_finished(true);
}

async::Task<> MediaStream::send_frames(std::shared_ptr<net::WebSocket> socket) {
    const auto began = std::chrono::steady_clock::now();
    auto start = writer_.start(plan_.noun.parameters);
    auto sent = co_await socket->write(FrameWriter::connected());
    if (sent) sent = co_await socket->write(std::move(start));
    bool broken = false;
    // Each frame is due at a point on the clock, not some time after the last one: a late one never shifts the rest.
    for (std::int64_t frame = 1; sent && !closed_by_service_ && !stopping_ && !broken; ++frame) {
        const auto at = began + frame * frame_length;
        const auto slept = co_await async::sleep_until(at);
        if (!slept || closed_by_service_ || stopping_) break;
        sent = co_await send_frame(socket, at);
        broken = plan_.lost_after && at - began >= *plan_.lost_after;
    }
    co_await leave(std::move(socket), broken || !sent);
}

async::Task<Result<>> MediaStream::send_frame(std::shared_ptr<net::WebSocket> socket, SteadyTime at) {
    const auto frame = line_->frame(at - frame_length);
    auto sent = co_await socket->write(writer_.media(frame.mulaw));
    if (sent && frame.ends_speech) owner_->answer_sent();
    if (!plan_.two_way) co_return sent;
    const auto now = std::chrono::steady_clock::now();
    watch_voice(now);
    for (auto& name : play_out_.due(now)) returned_marks_.push_back(std::move(name));
    const auto marks = std::exchange(returned_marks_, {});
    for (const auto& name : marks) {
        auto text = writer_.mark(name);
        if (sent) sent = co_await socket->write(std::move(text));
    }
    co_return sent;
}

async::Task<> MediaStream::leave(std::shared_ptr<net::WebSocket> socket, bool broken) {
    if (closed_by_service_) co_return;
    if (!broken) {
        auto text = writer_.stop();
        const auto sent = co_await socket->write(std::move(text));
        broken = !sent;
    }
    co_await socket->close(broken ? 1011 : 1000);
}

async::Task<> MediaStream::read_frames(std::shared_ptr<net::WebSocket> socket) {
    for (;;) {
        const auto message = co_await socket->read();
        // Nobody has to send anything on a one-way stream, so silence from there is no fault.
        if (!message && message.error().code == Errc::timed_out && !stopping_) continue;
        if (!message) break;
        if (!message->is_text)
            warn_once(31950, "binary message");
        else if (!plan_.two_way)
            warn_once(31924, "message on a one-way stream");
        else
            accept(message->text);
    }
    if (!stopping_) closed_by_service_ = true;
}

void MediaStream::accept(std::string_view text) {
    auto message = read_play_message(text, plan_.identity.stream_sid);
    const auto now = std::chrono::steady_clock::now();
    if (const auto* media = std::get_if<PlayMedia>(&message)) {
        play_out_.add(media->mulaw.size(), now);
        watch_voice(now);
    } else if (auto* mark = std::get_if<PlayMark>(&message)) {
        play_out_.mark(std::move(mark->name));
    } else if (std::holds_alternative<PlayClear>(message)) {
        for (auto& name : play_out_.clear()) returned_marks_.push_back(std::move(name));
        if (std::exchange(voice_on_, false)) owner_->reply_finished(true);
    } else if (const auto* invalid = std::get_if<PlayInvalid>(&message)) {
        warn_once(31951, invalid->why);
    }
}

void MediaStream::watch_voice(SteadyTime now) {
    const bool playing = play_out_.playing(now);
    if (playing == voice_on_) return;
    voice_on_ = playing;
    if (playing)
        owner_->reply_heard();
    else
        owner_->reply_finished(false);
}

void MediaStream::warn_once(int code, const std::string& text) {
    if (std::exchange(warned_, true)) return;
    owner_->stream_warning(code, text);
}

}  // namespace carevoice::simulator
