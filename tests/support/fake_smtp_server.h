// A mail server over real TCP that does with each session what a test says.
#pragma once

#include "core/time.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
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

/// A certificate for 127.0.0.1 that vouches for itself.
class SelfSigned {
public:
    SelfSigned() {
        X509_set_version(certificate_.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
        X509_set_pubkey(certificate_.get(), key_.get());
        auto* const name = X509_get_subject_name(certificate_.get());
        const auto* const text = reinterpret_cast<const unsigned char*>("fake mail server");
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(certificate_.get(), name);
        add(NID_basic_constraints, "critical,CA:TRUE");
        add(NID_subject_alt_name, "IP:127.0.0.1");
        X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    }
    [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }
    [[nodiscard]] X509* certificate() const { return certificate_.get(); }
    [[nodiscard]] std::string pem() const {
        const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(bio.get(), certificate_.get());
        char* data = nullptr;
        const auto length = BIO_get_mem_data(bio.get(), &data);
        return {data, static_cast<std::size_t>(length)};
    }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(BIO* bio) const { BIO_free_all(bio); }
    };
    void add(int nid, const char* value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(certificate_.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }

    std::unique_ptr<EVP_PKEY, Free> key_{EVP_EC_gen("P-256")};
    std::unique_ptr<X509, Free> certificate_{X509_new()};
};

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
    std::string login = "235 2.7.0 welcome";
    const SelfSigned* tls = nullptr;  ///< then it offers STARTTLS, and within it AUTH PLAIN. Outlives the server
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
        Session session(*this, connection, script);
        session.run();
        const std::lock_guard lock(mutex_);
        open_.erase(connection);
        ::close(connection);
    }

    class Session {
    public:
        Session(FakeSmtpServer& server, int connection, const SmtpScript& script)
            : server_(server), connection_(connection), script_(script) {}

        void run() {
            if (!reply(SmtpStep::greeting, script_.greeting)) return;
            while (const auto line = read_to("\r\n")) {
                {
                    const std::lock_guard lock(server_.mutex_);
                    server_.commands_.push_back(*line);
                }
                if (!obey(*line)) return;
            }
        }

    private:
        struct FreeTls {
            void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
            void operator()(SSL* tls) const { SSL_free(tls); }
        };

        /// False when the session is over.
        bool obey(const std::string& line) {
            if (line.starts_with("EHLO") || line.starts_with("HELO")) return reply(SmtpStep::hello, hello());
            if (line == "STARTTLS" && script_.tls != nullptr) return write("220 go on\r\n") && start_tls();
            if (line == "AUTH PLAIN") return write("334 \r\n") && read_to("\r\n") && write(script_.login + "\r\n");
            if (line.starts_with("MAIL FROM:")) {
                mail_.from = address(line);
                return reply(SmtpStep::sender, script_.sender);
            }
            if (line.starts_with("RCPT TO:")) {
                mail_.to = address(line);
                return reply(SmtpStep::recipient, script_.recipient);
            }
            if (line == "DATA") return reply(SmtpStep::data, script_.data) && take_mail();
            if (line == "QUIT") {
                (void)write("221 bye\r\n");
                return false;
            }
            return write("502 what?\r\n");
        }

        [[nodiscard]] std::string hello() const {
            if (script_.tls == nullptr) return script_.hello;
            return tls_ ? "250-fake\r\n250 AUTH PLAIN" : "250-fake\r\n250 STARTTLS";
        }

        bool start_tls() {
            context_.reset(SSL_CTX_new(TLS_server_method()));
            SSL_CTX_use_certificate(context_.get(), script_.tls->certificate());
            SSL_CTX_use_PrivateKey(context_.get(), script_.tls->key());
            tls_.reset(SSL_new(context_.get()));
            SSL_set_fd(tls_.get(), connection_);
            return SSL_accept(tls_.get()) == 1;
        }

        bool take_mail() {
            if (!script_.data.starts_with("354")) return true;
            auto bytes = read_to("\r\n.\r\n");
            if (!bytes) return false;
            mail_.bytes = std::move(*bytes) + "\r\n";
            if (script_.mail.starts_with("2")) {
                const std::lock_guard lock(server_.mutex_);
                server_.mails_.push_back(mail_);
            }
            return reply(SmtpStep::mail, script_.mail);
        }

        bool reply(SmtpStep step, const std::string& text) {
            if (script_.drops_at == step) return false;
            if (script_.hangs_at == step) {
                while (read_more()) {
                }
                return false;
            }
            return write(text + "\r\n");
        }

        [[nodiscard]] bool write(std::string_view bytes) const {
            while (!bytes.empty()) {
                const auto count = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                        : ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (count <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(count));
            }
            return true;
        }

        bool read_more() {
            char bytes[4096];
            const auto count = tls_ ? SSL_read(tls_.get(), bytes, static_cast<int>(sizeof bytes))
                                    : ::recv(connection_, bytes, sizeof bytes, 0);
            if (count <= 0) return false;
            input_.append(bytes, static_cast<std::size_t>(count));
            return true;
        }

        std::optional<std::string> read_to(std::string_view end) {
            while (input_.find(end) == std::string::npos)
                if (!read_more()) return std::nullopt;
            const auto at = input_.find(end);
            std::string text = input_.substr(0, at);
            input_.erase(0, at + end.size());
            return text;
        }

        static std::string address(const std::string& line) {
            const auto from = line.find('<') + 1;
            return line.substr(from, line.find('>') - from);
        }

        FakeSmtpServer& server_;
        int connection_;
        const SmtpScript& script_;
        std::string input_;
        Mail mail_;
        std::unique_ptr<SSL_CTX, FreeTls> context_;
        std::unique_ptr<SSL, FreeTls> tls_;
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
