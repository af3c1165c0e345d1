#include "ai/streamed_chat.h"

#include "ai/server_error.h"

#include <string>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::size_t error_bytes_max = 64UL * 1024;
/// How long the end of a body may take after all that matters has come, for the connection's sake.
constexpr milliseconds end_wait{50};

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

/// What a failed exchange means to someone who asked a model.
Error as_model_error(Error error) {
    if (error.code == Errc::timed_out || error.code == Errc::cancelled || error.code == Errc::invalid_input)
        return error;
    error.code = error.code == Errc::too_large || error.code == Errc::corrupt ? Errc::corrupt : Errc::unavailable;
    return error;
}

class StreamedReply final : public ChatReply {
public:
    StreamedReply(std::unique_ptr<net::ResponseStream> stream, ReadChunk read_chunk)
        : stream_(std::move(stream)), reader_(read_chunk) {}

    /// Reads until there is something to speak.
    async::Task<Result<>> start(Deadline deadline) {
        while (!reader_.speak()) {
            if (is_ended_) co_return Error{Errc::corrupt, "the model's answer has nothing to speak"};
            const auto read = co_await read_more(deadline);
            if (read.has_error()) co_return read.error();
        }
        co_return Result<>{};
    }

    [[nodiscard]] const std::string& speak() const noexcept override { return *reader_.speak(); }

    async::Task<Result<ChatAnswer>> finish(Deadline deadline) override {
        while (!is_ended_) {
            const auto read = co_await read_more(reader_.is_over() ? deadline.at_most(end_wait, now()) : deadline);
            if (read.has_value()) continue;
            // What comes after a complete answer cannot spoil it.
            if (read.error().code == Errc::cancelled || !reader_.is_usable()) co_return read.error();
            break;
        }
        stream_.reset();
        co_return reader_.take();
    }

private:
    async::Task<Result<>> read_more(Deadline deadline) {
        const auto piece = co_await stream_->next(deadline);
        if (piece.has_error()) co_return as_model_error(piece.error());
        if (!piece->empty()) co_return reader_.feed(*piece);
        is_ended_ = true;
        co_return reader_.end();
    }

    std::unique_ptr<net::ResponseStream> stream_;
    AnswerReader reader_;
    bool is_ended_ = false;
};

async::Task<ServerError> read_refusal(std::unique_ptr<net::ResponseStream> stream, Deadline deadline) {
    std::string body;
    while (body.size() < error_bytes_max) {
        const auto piece = co_await stream->next(deadline);
        // The status says enough when the rest does not come.
        if (piece.has_error() && piece.error().code == Errc::cancelled)
            co_return ServerError{.error = piece.error(), .wait = milliseconds(0)};
        if (piece.has_error() || piece->empty()) break;
        body += *piece;
    }
    const auto& head = stream->head();
    co_return read_server_error(head.status, head.headers.find("Retry-After"), body);
}

}  // namespace

void Pause::extend_to(SteadyTime until) noexcept {
    auto end = end_.load(std::memory_order_relaxed);
    while (end < until && !end_.compare_exchange_weak(end, until, std::memory_order_relaxed)) {
    }
}

async::Task<Result<std::unique_ptr<ChatReply>>> ask_server(net::HttpClient& http, Pause& pause, net::Url origin,
                                                           net::HttpRequest request, ReadChunk read_chunk,
                                                           Deadline deadline) {
    auto stream = co_await http.open_stream(std::move(origin), std::move(request), deadline);
    if (stream.has_error()) co_return as_model_error(stream.error());
    if (const int status = (*stream)->head().status; status < 200 || status > 299) {
        auto refusal = co_await read_refusal(std::move(*stream), deadline);
        if (refusal.wait > milliseconds(0)) pause.extend_to(now() + refusal.wait);
        co_return std::move(refusal.error);
    }
    auto reply = std::make_unique<StreamedReply>(std::move(*stream), read_chunk);
    const auto started = co_await reply->start(deadline);
    if (started.has_error()) co_return started.error();
    co_return std::unique_ptr<ChatReply>(std::move(reply));
}

}  // namespace carevoice::ai
