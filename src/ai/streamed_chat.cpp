#include "ai/streamed_chat.h"

#include "ai/server_error.h"

#include <atomic>
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

/// Until when the server wants to be left alone. Thread-safe.
class Pause {
public:
    void extend_to(SteadyTime until) noexcept {
        auto end = end_.load(std::memory_order_relaxed);
        while (end < until && !end_.compare_exchange_weak(end, until, std::memory_order_relaxed)) {
        }
    }
    [[nodiscard]] SteadyTime end() const noexcept { return end_.load(std::memory_order_relaxed); }

private:
    std::atomic<SteadyTime> end_{SteadyTime{}};
};

class StreamedChat final : public ChatModel {
public:
    StreamedChat(ChatServer server, net::HttpClient& http)
        : server_(std::move(server)), begins_(server_.begin), http_(http) {}

    async::Task<Result<std::unique_ptr<ChatReply>>> ask(ChatPrompt prompt, Deadline deadline) override {
        auto request = make_request(prompt);
        if (request.has_error()) co_return request.error();
        auto stream = co_await http_.open_stream(server_.origin, std::move(*request), deadline);
        if (stream.has_error()) co_return as_model_error(stream.error());
        if (const int status = (*stream)->head().status; status < 200 || status > 299) {
            auto refusal = co_await read_refusal(std::move(*stream), deadline);
            if (refusal.wait > milliseconds(0)) pause_.extend_to(now() + refusal.wait);
            co_return std::move(refusal.error);
        }
        auto reply = std::make_unique<StreamedReply>(std::move(*stream), server_.read_chunk);
        const auto started = co_await reply->start(deadline);
        if (started.has_error()) co_return started.error();
        co_return std::unique_ptr<ChatReply>(std::move(reply));
    }
    [[nodiscard]] const std::string& name() const noexcept override { return server_.model; }
    [[nodiscard]] SteadyTime not_before() const noexcept override { return pause_.end(); }

private:
    Result<net::HttpRequest> make_request(const ChatPrompt& prompt) {
        const auto begin = begins_.get(prompt);
        if (begin.has_error()) return begin.error();
        const auto end = server_.end(prompt.messages);
        if (end.has_error()) return end.error();
        net::HttpRequest request;
        request.method = "POST";
        request.target = server_.target;
        request.headers = server_.credentials;
        request.headers.set("Content-Type", "application/json");
        request.body = **begin + *end;
        return request;
    }

    const ChatServer server_;
    PromptCache begins_;
    net::HttpClient& http_;
    Pause pause_;
};

}  // namespace

std::unique_ptr<ChatModel> make_streamed_chat(ChatServer server, net::HttpClient& http) {
    return std::make_unique<StreamedChat>(std::move(server), http);
}

std::string path_prefix(const net::Url& base, std::string_view otherwise) {
    std::string path = base.path.substr(0, base.path.find('?'));
    while (path.ends_with('/')) path.pop_back();
    return path.empty() ? std::string(otherwise) : path;
}

}  // namespace carevoice::ai
