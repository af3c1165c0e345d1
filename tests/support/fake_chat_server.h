// A chat server over real sockets that does with each request what a test says: Gemini's format or OpenAI's, well or
// badly behaved.
#pragma once

#include "net/client.h"

#include <boost/json.hpp>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::tests {

/// What happens to one request.
struct ChatScript {
    enum class Ending {
        complete,  ///< the body ends as it should, and the connection stays
        cut,       ///< the connection is closed after the last piece, in the middle of the body
        reset,     ///< the same with a reset
        silence,   ///< nothing more comes; the connection stays open until the client has had enough
    };
    bool has_head = true;  ///< false: not even a status line
    int status = 200;
    std::string fields = "Content-Type: text/event-stream\r\n";
    std::vector<std::string> pieces;  ///< of the body, each a chunk and a write of its own
    milliseconds before_head{0};
    milliseconds between{0};  ///< before each piece but the first
    Ending ending = Ending::complete;
};

/// One thread per connection. Destruction cuts all connections and does not wait for scripts.
class FakeChatServer {
public:
    struct Request {
        std::string target;
        std::string head;  ///< as it came
        std::string body;
    };

    /// `usual` is for requests for which next() said nothing.
    explicit FakeChatServer(ChatScript usual) : usual_(std::move(usual)), listener_(listen()) {
        acceptor_ = std::jthread([this] { accept_all(); });
    }
    ~FakeChatServer() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
            ::shutdown(listener_, SHUT_RDWR);
            for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
        }
        stop_.notify_all();
        acceptor_.join();
        threads_.clear();
        ::close(listener_);
    }
    FakeChatServer(const FakeChatServer&) = delete;
    FakeChatServer& operator=(const FakeChatServer&) = delete;

    [[nodiscard]] net::Url url(std::string path = "/") const {
        return net::Url{.scheme = "http", .host = "127.0.0.1", .port = port_, .path = std::move(path)};
    }

    /// After those announced before.
    void next(ChatScript script) {
        const std::lock_guard lock(mutex_);
        scripts_.push_back(std::move(script));
    }
    void usually(ChatScript script) {
        const std::lock_guard lock(mutex_);
        usual_ = std::move(script);
    }

    [[nodiscard]] std::vector<Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    /// Made so far.
    [[nodiscard]] std::size_t connections() const {
        const std::lock_guard lock(mutex_);
        return threads_.size();
    }
    /// Of them, those that nobody has closed yet.
    [[nodiscard]] std::size_t open_connections() const {
        const std::lock_guard lock(mutex_);
        return open_.size();
    }

private:
    int listen() {
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (listener < 0 || ::bind(listener, generic, size) != 0 || ::listen(listener, 64) != 0 ||
            ::getsockname(listener, generic, &size) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
        return listener;
    }

    void accept_all() {
        for (;;) {
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            const std::lock_guard lock(mutex_);
            if (stopped_ || connection < 0) {
                if (connection >= 0) ::close(connection);
                return;
            }
            const int at_once = 1;
            ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
            open_.insert(connection);
            threads_.emplace_back([this, connection] { serve(connection); });
        }
    }

    void serve(int connection) {
        std::string input;
        while (const auto request = read_request(connection, input))
            if (!play(connection, script_for(*request))) break;
        const std::lock_guard lock(mutex_);
        open_.erase(connection);
        ::close(connection);
    }

    static bool read_more(int connection, std::string& input) {
        char bytes[4096];
        const auto count = ::recv(connection, bytes, sizeof bytes, 0);
        if (count <= 0) return false;
        input.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    static std::optional<Request> read_request(int connection, std::string& input) {
        std::size_t end = 0;
        while ((end = input.find("\r\n\r\n")) == std::string::npos)
            if (!read_more(connection, input)) return std::nullopt;
        Request request;
        request.head = input.substr(0, end + 4);
        input.erase(0, end + 4);
        const auto target = request.head.find(' ') + 1;
        request.target = request.head.substr(target, request.head.find(' ', target) - target);
        constexpr std::string_view length_field = "Content-Length: ";
        const auto length_at = request.head.find(length_field);
        const std::size_t length =
            length_at == std::string::npos ? 0 : std::stoul(request.head.substr(length_at + length_field.size()));
        while (input.size() < length)
            if (!read_more(connection, input)) return std::nullopt;
        request.body = input.substr(0, length);
        input.erase(0, length);
        return request;
    }

    ChatScript script_for(const Request& request) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        if (scripts_.empty()) return usual_;
        ChatScript script = std::move(scripts_.front());
        scripts_.pop_front();
        return script;
    }

    /// False when the test is over.
    bool pause(milliseconds span) {
        std::unique_lock lock(mutex_);
        return !stop_.wait_for(lock, span, [this] { return stopped_; });
    }

    static bool write(int connection, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    static std::string chunk(std::string_view bytes) {
        char length[16];
        const int count = std::snprintf(length, sizeof length, "%zx\r\n", bytes.size());
        return std::string(length, static_cast<std::size_t>(count)).append(bytes).append("\r\n");
    }

    /// False when the connection is of no more use.
    bool play(int connection, const ChatScript& script) {
        if (!pause(script.before_head)) return false;
        if (script.has_head) {
            const std::string head = "HTTP/1.1 " + std::to_string(script.status) + " Status\r\n" + script.fields +
                                     "Transfer-Encoding: chunked\r\n\r\n";
            if (!write(connection, head)) return false;
            for (std::size_t i = 0; i < script.pieces.size(); ++i) {
                if (i > 0 && !pause(script.between)) return false;
                if (script.pieces[i].empty()) continue;
                if (!write(connection, chunk(script.pieces[i]))) return false;
            }
        }
        switch (script.ending) {
            case ChatScript::Ending::complete: return write(connection, "0\r\n\r\n");
            case ChatScript::Ending::reset: {
                const linger none{.l_onoff = 1, .l_linger = 0};
                ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
                return false;
            }
            case ChatScript::Ending::silence: {
                std::string ignored;
                while (read_more(connection, ignored)) ignored.clear();
                return false;
            }
            case ChatScript::Ending::cut: break;
        }
        return false;
    }

    mutable std::mutex mutex_;
    std::condition_variable stop_;
    bool stopped_ = false;
    ChatScript usual_;
    std::deque<ChatScript> scripts_;
    std::vector<Request> requests_;
    std::set<int> open_;
    std::uint16_t port_ = 0;
    int listener_;
    std::list<std::jthread> threads_;
    std::jthread acceptor_;
};

/// A string as JSON, with its quotes.
inline std::string json_text(std::string_view text) {
    return boost::json::serialize(boost::json::value(boost::json::string(text)));
}

/// `text` in about `count` parts, none of which begins in the middle of a UTF-8 character.
inline std::vector<std::string> split_text(std::string_view text, std::size_t count) {
    std::vector<std::string> parts;
    const std::size_t length = std::max<std::size_t>(1, text.size() / std::max<std::size_t>(1, count));
    while (!text.empty()) {
        std::size_t end = std::min(length, text.size());
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

/// The same bytes in pieces of `bytes`.
inline ChatScript in_pieces_of(std::size_t bytes, ChatScript script) {
    std::string all;
    for (const auto& piece : script.pieces) all += piece;
    script.pieces.clear();
    for (std::size_t at = 0; at < all.size(); at += bytes) script.pieces.push_back(all.substr(at, bytes));
    return script;
}

/// The server does nothing with it.
inline ChatScript never_answers() {
    return {.has_head = false, .ending = ChatScript::Ending::silence};
}

/// The first `pieces` of it, then this.
inline ChatScript broken_after(std::size_t pieces, ChatScript::Ending ending, ChatScript script) {
    script.pieces.resize(std::min(pieces, script.pieces.size()));
    script.ending = ending;
    return script;
}

/// An error status with such a body, written over many lines as Google does.
inline ChatScript refuses(int status, std::string_view body, std::string fields = {}) {
    return {.status = status,
            .fields = "Content-Type: application/json; charset=UTF-8\r\n" + std::move(fields),
            .pieces = {std::string(body)}};
}

/// Gemini's error body; `details` is a JSON list.
inline std::string gemini_error(int code, std::string_view status, std::string_view message = "Something is wrong.",
                                std::string_view details = "[]") {
    return "{\n  \"error\": {\n    \"code\": " + std::to_string(code) + ",\n    \"message\": " + json_text(message) +
           ",\n    \"status\": " + json_text(status) + ",\n    \"details\": " + std::string(details) + "\n  }\n}\n";
}

/// One of Gemini's events.
inline std::string gemini_event(std::string_view text, std::string_view finish = {}, std::string_view line_end = "\n") {
    const std::string end = finish.empty() ? "" : ",\"finishReason\":" + json_text(finish);
    const std::string usage = finish.empty() ? R"({"promptTokenCount":900,"totalTokenCount":900})"
                                             : R"({"promptTokenCount":900,"cachedContentTokenCount":600,)"
                                               R"("candidatesTokenCount":40,"thoughtsTokenCount":2})";
    return "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":" + json_text(text) + "}]}" +
           end + ",\"index\":0}],\"usageMetadata\":" + usage +
           ",\"modelVersion\":\"gemini-3.5-flash-lite-001\",\"responseId\":\"r\"}" + std::string(line_end) +
           std::string(line_end);
}

/// Gemini streams `text` (the JSON of an answer) in about `events` events.
inline ChatScript gemini_says(std::string_view text, std::size_t events = 4, std::string_view finish = "STOP") {
    ChatScript script;
    const auto parts = split_text(text, events);
    for (std::size_t i = 0; i < parts.size(); ++i)
        script.pieces.push_back(gemini_event(parts[i], i + 1 == parts.size() ? finish : ""));
    if (parts.empty()) script.pieces.push_back(gemini_event("", finish));
    return script;
}

/// Gemini refuses the prompt: status 200 and no candidate.
inline ChatScript gemini_blocks(std::string_view reason = "PROHIBITED_CONTENT") {
    return {.pieces = {"data: {\"promptFeedback\":{\"blockReason\":" + json_text(reason) +
                       "},\"usageMetadata\":{\"promptTokenCount\":900}}\r\n\r\n"}};
}

/// One of OpenAI's events with this in `choices`.
inline std::string openai_event(std::string_view choices) {
    return R"(data: {"id":"c","object":"chat.completion.chunk","model":"local-7b","choices":)" + std::string(choices) +
           "}\n\n";
}

/// An OpenAI-compatible server streams `text` in about `events` events, then usage and [DONE].
inline ChatScript openai_says(std::string_view text, std::size_t events = 4, std::string_view finish = "stop") {
    ChatScript script;
    script.pieces.push_back(openai_event(R"([{"index":0,"delta":{"role":"assistant","content":null}}])"));
    for (const auto& part : split_text(text, events))
        script.pieces.push_back(openai_event("[{\"index\":0,\"delta\":{\"content\":" + json_text(part) + "}}]"));
    script.pieces.push_back(openai_event("[{\"index\":0,\"delta\":{},\"finish_reason\":" + json_text(finish) + "}]"));
    script.pieces.push_back(
        "data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":"
        "{\"prompt_tokens\":900,\"completion_tokens\":40,\"total_tokens\":940}}\n\n");
    script.pieces.push_back("data: [DONE]\n\n");
    return script;
}

}  // namespace carevoice::tests
