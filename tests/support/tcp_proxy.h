// A line between two programs that a test can slow, silence and cut: TCP in front, TCP or a Unix socket behind.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace carevoice::tests {

enum class LineState {
    clear,
    slow,    ///< each piece arrives `delay` later
    silent,  ///< half-open: connections stand and are made, and nothing comes through any more
    dead,    ///< connections are reset, new ones refused
};

/// Its port is its own from construction to destruction, whatever its state. Thread-safe.
class TcpProxy {
public:
    TcpProxy() {
        // The first socket holds the port while nobody listens on it.
        holder_ = make_socket();
        listen();
        wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    ~TcpProxy() {
        thread_.request_stop();
        wake();
        thread_.join();
        ::close(holder_);
        ::close(wake_);
    }
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// Where new connections lead. Before the first of these they are reset.
    void lead_to(std::uint16_t port) {
        const std::lock_guard lock(mutex_);
        target_port_ = port;
    }
    void lead_to_socket(std::string path) {
        const std::lock_guard lock(mutex_);
        target_path_ = std::move(path);
    }

    /// Comes back when it is so.
    void set(LineState state, std::chrono::milliseconds delay = std::chrono::milliseconds(500)) {
        {
            const std::lock_guard lock(mutex_);
            wanted_ = state;
            delay_ = delay;
        }
        wake();
        while (state_seen() != state) std::this_thread::yield();
    }

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Piece {
        std::string bytes;
        Time due;
    };
    struct Way {
        int from = -1;
        int to = -1;
        std::deque<Piece> pieces = {};
        std::size_t held = 0;
        bool ended = false;   ///< nothing more comes
        bool passed = false;  ///< and the other side knows
    };
    struct Pair {
        Way up;
        Way down;
        bool broken = false;
    };
    static constexpr std::size_t held_max = std::size_t{256} * 1024;

    int make_socket() {
        const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int yes = 1;
        ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        ::setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port_);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (made < 0 || ::bind(made, generic, size) != 0 || ::getsockname(made, generic, &size) != 0)
            throw std::runtime_error("a proxy cannot have its port");
        port_ = ntohs(address.sin_port);
        return made;
    }
    void listen() {
        listener_ = make_socket();
        if (::listen(listener_, 512) != 0) throw std::runtime_error("a proxy cannot listen");
    }
    void wake() const {
        const std::uint64_t one = 1;
        (void)!::write(wake_, &one, sizeof one);
    }
    LineState state_seen() {
        const std::lock_guard lock(mutex_);
        return state_;
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            change_state();
            wait();
            accept();
            if (state_ != LineState::silent)
                for (Pair& pair : pairs_) {
                    move(pair, pair.up);
                    move(pair, pair.down);
                }
            pairs_.remove_if([](Pair& pair) { return over(pair); });
        }
        for (Pair& pair : pairs_) hang_up(pair, false);
        if (listener_ >= 0) ::close(listener_);
    }

    void change_state() {
        const std::lock_guard lock(mutex_);
        slowed_by_ = delay_;
        if (wanted_ == state_) return;
        if (wanted_ == LineState::dead) {
            ::close(std::exchange(listener_, -1));
            for (Pair& pair : pairs_) hang_up(pair, true);
            pairs_.clear();
        } else if (listener_ < 0) {
            listen();
        }
        state_ = wanted_;
    }

    void wait() {
        std::vector<pollfd> polled{
            {.fd = wake_, .events = POLLIN, .revents = 0},
            {.fd = state_ == LineState::silent ? -1 : listener_, .events = POLLIN, .revents = 0}};
        auto until = Time::max();
        const auto now = std::chrono::steady_clock::now();
        if (state_ != LineState::silent)
            for (Pair& pair : pairs_)
                for (Way* way : {&pair.up, &pair.down}) {
                    if (!way->ended && way->held < held_max) polled.push_back({way->from, POLLIN, 0});
                    if (way->pieces.empty()) continue;
                    if (way->pieces.front().due <= now)
                        polled.push_back({way->to, POLLOUT, 0});
                    else
                        until = std::min(until, way->pieces.front().due);
                }
        int timeout = -1;
        if (until != Time::max())
            timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(until - now).count());
        ::poll(polled.data(), polled.size(), timeout);
        std::uint64_t ignored = 0;
        (void)!::read(wake_, &ignored, sizeof ignored);
    }

    void accept() {
        if (listener_ < 0 || state_ == LineState::silent) return;
        for (;;) {
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (client < 0) return;
            const int server = connect();
            if (server < 0) {
                reset(client);
                continue;
            }
            const int at_once = 1;
            ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
            ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
            pairs_.push_back({.up = {.from = client, .to = server}, .down = {.from = server, .to = client}});
        }
    }

    int connect() {
        const std::lock_guard lock(mutex_);
        sockaddr_un local{};
        sockaddr_in remote{};
        const bool is_local = !target_path_.empty();
        local.sun_family = AF_UNIX;
        std::strncpy(local.sun_path, target_path_.c_str(), sizeof local.sun_path - 1);
        remote.sin_family = AF_INET;
        remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        remote.sin_port = htons(target_port_);
        const int made = ::socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int failed = is_local ? ::connect(made, reinterpret_cast<sockaddr*>(&local), sizeof local)
                                    : ::connect(made, reinterpret_cast<sockaddr*>(&remote), sizeof remote);
        if (failed != 0) {
            ::close(made);
            return -1;
        }
        ::fcntl(made, F_SETFL, O_NONBLOCK);
        return made;
    }

    void move(Pair& pair, Way& way) {
        const auto now = std::chrono::steady_clock::now();
        const auto due = state_ == LineState::slow ? now + slowed_by_ : now;
        char bytes[16'384];
        while (!way.ended && way.held < held_max) {
            const auto count = ::recv(way.from, bytes, sizeof bytes, 0);
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
            if (count < 0) pair.broken = true;
            if (count <= 0) {
                way.ended = true;
                break;
            }
            way.pieces.push_back({std::string(bytes, static_cast<std::size_t>(count)), due});
            way.held += static_cast<std::size_t>(count);
        }
        while (!way.pieces.empty() && way.pieces.front().due <= now) {
            std::string& next = way.pieces.front().bytes;
            const auto count = ::send(way.to, next.data(), next.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN && errno != EINTR) pair.broken = true;
            if (count < 0) break;
            way.held -= static_cast<std::size_t>(count);
            next.erase(0, static_cast<std::size_t>(count));
            if (next.empty()) way.pieces.pop_front();
        }
        if (way.ended && way.pieces.empty() && !std::exchange(way.passed, true)) ::shutdown(way.to, SHUT_WR);
    }

    static bool over(Pair& pair) {
        if (!pair.broken && !(pair.up.passed && pair.down.passed)) return false;
        hang_up(pair, pair.broken);
        return true;
    }
    static void hang_up(const Pair& pair, bool hard) {
        for (const int end : {pair.up.from, pair.up.to}) {
            if (hard)
                reset(end);
            else
                ::close(end);
        }
    }
    static void reset(int connection) {
        const linger none{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        ::close(connection);
    }

    std::uint16_t port_ = 0;
    int holder_ = -1;
    int listener_ = -1;
    int wake_ = -1;
    std::mutex mutex_;
    std::uint16_t target_port_ = 0;
    std::string target_path_;
    LineState wanted_ = LineState::clear;
    LineState state_ = LineState::clear;  ///< changed by the proxy's own thread only
    std::chrono::milliseconds delay_{500};
    std::chrono::milliseconds slowed_by_{500};  ///< the thread's own copy
    std::list<Pair> pairs_;
    std::jthread thread_;
};

}  // namespace carevoice::tests
