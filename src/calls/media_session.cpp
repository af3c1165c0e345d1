#include "calls/media_session.h"

#include "core/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>

namespace carevoice::calls {

namespace asio = async::asio;

namespace {

constexpr int close_normal = 1000;
constexpr int close_going_away = 1001;
constexpr int close_policy = 1008;
/// `connected` and `start` come at once; a stranger who says nothing is not waited for.
constexpr int messages_before_start_max = 8;
constexpr milliseconds start_wait{10'000};

}  // namespace

MediaSession::MediaSession(std::shared_ptr<net::WebSocket> socket, speech::SpeechToText& engine,
                           audio::VoiceDetectorPool& detectors, Metrics& metrics, Attach attach)
    : socket_(std::move(socket)),
      metrics_(metrics),
      attach_(std::move(attach)),
      listener_(socket_->executor(), engine, detectors, metrics, speech::ListenerOptions{},
                [this](speech::Heard heard) { report(std::move(heard)); }) {}

MediaSession::~MediaSession() = default;

async::Task<> MediaSession::run() {
    // When the timer wins, the read is cancelled and with it the socket, which is then refused anyway.
    auto starting = await_start();
    const auto started = co_await async::by_deadline(std::move(starting), Deadline::in(start_wait));
    if (started.has_error()) {
        metrics_.add("carevoice_streams_refused_total", {{"reason", to_string(started.error().code)}});
        co_await listener_.stop();
        co_await socket_->close(close_policy);
        co_return;
    }
    co_await receive();
    co_await listener_.finish();
    co_await listener_.stop();
    owner_->on_stream_ended();
    co_await socket_->close(close_normal);
}

async::Task<Result<>> MediaSession::await_start() {
    for (int i = 0; i < messages_before_start_max; ++i) {
        const auto message = co_await socket_->read();
        if (message.has_error()) co_return message.error();
        auto event = receiver_.accept(message->text);
        auto* const started = std::get_if<twilio::StreamReceiver::Started>(&event);
        if (started == nullptr) continue;
        auto owner = co_await attach_(std::move(started->start), shared_from_this());
        if (owner.has_error()) co_return owner.error();
        owner_ = std::move(*owner);
        co_return Result<>{};
    }
    co_return Error{Errc::invalid_input, "the stream did not start"};
}

async::Task<> MediaSession::receive() {
    for (;;) {
        const auto message = co_await socket_->read();
        if (message.has_error()) co_return;
        if (!message->is_text) {
            metrics_.add("carevoice_stream_messages_ignored_total", {{"reason", "binary"}});
            continue;
        }
        const auto event = receiver_.accept(message->text);
        if (const auto* audio = std::get_if<twilio::StreamReceiver::Audio>(&event))
            listener_.accept(audio->mulaw, audio->silence_before_ms);
        else if (std::holds_alternative<twilio::StreamReceiver::Stopped>(event))
            co_return;
        else if (const auto* nothing = std::get_if<twilio::StreamReceiver::Nothing>(&event);
                 nothing != nullptr && !nothing->why_ignored.empty())
            metrics_.add("carevoice_stream_messages_ignored_total", {{"reason", nothing->why_ignored}});
    }
}

async::Task<> MediaSession::close() {
    auto closing = socket_->close(close_going_away);
    co_await asio::co_spawn(socket_->executor(), std::move(closing), asio::use_awaitable);
}

void MediaSession::report(speech::Heard heard) {
    if (owner_) owner_->on_heard(std::move(heard));
}

void MediaSession::expect(speech::Expectation expectation, std::string prompt) {
    asio::dispatch(socket_->executor(), [self = shared_from_this(), expectation, prompt = std::move(prompt)]() mutable {
        self->listener_.expect(expectation, std::move(prompt));
    });
}

}  // namespace carevoice::calls
