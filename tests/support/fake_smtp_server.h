// A mail server over real TCP that does with each session what a test says.
#pragma once

#include "core/time.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
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

enum class SmtpStep { greeting, hello, sender, recipient, data, mail };

/// What the server says at each step. At `hangs_at` it says nothing more, at `drops_at` it closes the connection
/// instead of its reply; at SmtpStep::mail it has taken the whole mail by then.
struct SmtpScript {
    std::string greeting = "220 fake ESMTP";
    std::string hello = "250-fake\r\n250 8BITMIME";
    std::string sender = "250 ok";
    std::string recipient = "250 ok";
    std::string data = "354 go on";
    std::string mail = "250 2.0.0 Ok: queued as 42";
    std::optional<SmtpStep> hangs_at = {};
    std::optional<SmtpStep> drops_at = {};
};

/// One thread per connection. Destruction cuts all connections.
class FakeSmtpServer {
public:
    struct Mail {
        std::string from;
        std::string to;
        std::string bytes;  ///< as it came, without the final dot
    };

    explicit FakeSmtpServer(SmtpScript usual = {}) : usual_(std::move(usual)), listener_(listen()) {
        acceptor_ = std::jthread([this] { accept_all(); });
    }
    ~FakeSmtpServer() {
        {
            const std::lock_guard lock(mutex_);
            ::shutdown(listener_, SHUT_RDWR);
            for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
        }
        acceptor_.join();
        threads_.clear();
        ::close(listener_);
    }
    FakeSmtpServer(const FakeSmtpServer&) = delete;
    FakeSmtpServer& operator=(const FakeSmtpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void set_usual(SmtpScript script) {
        const std::lock_guard lock(mutex_);
        usual_ = std::move(script);
    }
    /// For one session.
    void next(SmtpScript script) {
        const std::lock_guard lock(mutex_);
        scripts_.push_back(std::move(script));
    }
    /// Mails that were taken.
    [[nodiscard]] std::vector<Mail> mails() const {
        const std::lock_guard lock(mutex_);
        return mails_;
    }
    /// The commands of all sessions.
    [[nodiscard]] std::vector<std::string> commands() const {
        const std::lock_guard lock(mutex_);
        return commands_;
    }
    [[nodiscard]] int sessions() const {
        const std::lock_guard lock(mutex_);
        return sessions_;
    }

private:
    int listen() {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener, generic, length) != 0 || ::listen(listener, 64) != 0 ||
            ::getsockname(listener, generic, &length) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
        return listener;
    }

    void accept_all() {
        for (;;) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            const std::lock_guard lock(mutex_);
            open_.insert(connection);
            ++sessions_;
            threads_.emplace_back([this, connection] { serve(connection); });
        }
    }

    void serve(int connection) {
        SmtpScript script;
        {
            const std::lock_guard lock(mutex_);
            script = usual_;
            if (!scripts_.empty()) {
                script = std::move(scripts_.front());
                scripts_.pop_front();
            }
        }
        Session session{*this, connection, script};
        session.run();
        const std::lock_guard lock(mutex_);
        open_.erase(connection);
        ::close(connection);
    }

    struct Session {
        FakeSmtpServer& server;
        int connection;
        const SmtpScript& script;
        std::string input = {};
        Mail mail = {};

        void run() {
            if (!reply(SmtpStep::greeting, script.greeting)) return;
            while (const auto line = read_to("\r\n")) {
                {
                    const std::lock_guard lock(server.mutex_);
                    server.commands_.push_back(*line);
                }
                if (!obey(*line)) return;
            }
        }

        /// False when the session is over.
        bool obey(const std::string& line) {
            if (line.starts_with("EHLO") || line.starts_with("HELO")) return reply(SmtpStep::hello, script.hello);
            if (line.starts_with("MAIL FROM:")) {
                mail.from = address(line);
                return reply(SmtpStep::sender, script.sender);
            }
            if (line.starts_with("RCPT TO:")) {
                mail.to = address(line);
                return reply(SmtpStep::recipient, script.recipient);
            }
            if (line == "DATA") return reply(SmtpStep::data, script.data) && take_mail();
            if (line == "QUIT") {
                (void)write("221 bye\r\n");
                return false;
            }
            return write("502 what?\r\n");
        }

        bool take_mail() {
            if (!script.data.starts_with("354")) return true;
            auto bytes = read_to("\r\n.\r\n");
            if (!bytes) return false;
            mail.bytes = std::move(*bytes) + "\r\n";
            if (script.mail.starts_with("2")) {
                const std::lock_guard lock(server.mutex_);
                server.mails_.push_back(mail);
            }
            return reply(SmtpStep::mail, script.mail);
        }

        bool reply(SmtpStep step, const std::string& text) {
            if (script.drops_at == step) return false;
            if (script.hangs_at == step) {
                while (read_more()) {
                }
                return false;
            }
            return write(text + "\r\n");
        }

        [[nodiscard]] bool write(std::string_view bytes) const {
            while (!bytes.empty()) {
                const auto count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (count <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(count));
            }
            return true;
        }

        bool read_more() {
            char bytes[4096];
            const auto count = ::recv(connection, bytes, sizeof bytes, 0);
            if (count <= 0) return false;
            input.append(bytes, static_cast<std::size_t>(count));
            return true;
        }

        std::optional<std::string> read_to(std::string_view end) {
            while (input.find(end) == std::string::npos)
                if (!read_more()) return std::nullopt;
            const auto at = input.find(end);
            std::string text = input.substr(0, at);
            input.erase(0, at + end.size());
            return text;
        }

        static std::string address(const std::string& line) {
            const auto from = line.find('<') + 1;
            return line.substr(from, line.find('>') - from);
        }
    };

    mutable std::mutex mutex_;
    SmtpScript usual_;
    std::deque<SmtpScript> scripts_;
    std::vector<Mail> mails_;
    std::vector<std::string> commands_;
    int sessions_ = 0;
    std::set<int> open_;
    std::uint16_t port_ = 0;
    int listener_;
    std::list<std::jthread> threads_;
    std::jthread acceptor_;
};

}  // namespace carevoice::tests
