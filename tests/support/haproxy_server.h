// A real HAProxy for tests, with deploy/haproxy/haproxy.cfg: only its addresses are the test's own.
#pragma once

#include "support/child_server.h"
#include "support/tcp_proxy.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace carevoice::tests {

/// The configuration with these servers in both backends, listening at sockets in `folder`, one for each frontend.
inline std::string haproxy_configuration(const std::filesystem::path& folder,
                                         const std::vector<std::uint16_t>& servers) {
    std::ifstream file(std::string(CAREVOICE_SOURCE_DIR) + "/deploy/haproxy/haproxy.cfg");
    if (!file) throw std::runtime_error("deploy/haproxy/haproxy.cfg is missing");
    std::ostringstream out;
    std::string frontend;
    bool servers_written = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("frontend ")) frontend = line.substr(9);
        if (line.starts_with("backend ")) servers_written = false;
        if (line.starts_with("    bind ")) {
            out << "    bind unix@" << (folder / (frontend + ".sock")).string() << '\n';
        } else if (!line.starts_with("    server ")) {
            out << line << '\n';
        } else if (!servers_written) {
            servers_written = true;
            for (std::size_t i = 0; i < servers.size(); ++i)
                out << "    server carevoice-" << i + 1 << " 127.0.0.1:" << servers[i] << '\n';
        }
    }
    return out.str();
}

/// Its addresses stand before it runs, for the servers have to know them. Start it on a thread that outlives it.
class HaproxyServer {
public:
    HaproxyServer() {
        public_.lead_to_socket(folder_.path() / "public.sock");
        inside_.lead_to_socket(folder_.path() / "inside.sock");
    }

    /// Comes back when it listens. It takes all servers for up until it finds otherwise, so they should be.
    void start(const std::vector<std::uint16_t>& servers) {
        const auto configuration = folder_.path() / "haproxy.cfg";
        std::ofstream(configuration) << haproxy_configuration(folder_.path(), servers);
        process_ =
            start_program({"/usr/sbin/haproxy", "-db", "-f", configuration.string()}, user_, log_file(), SIGKILL);
        wait_until_ready();
    }
    ~HaproxyServer() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        wait_for_end(process_);
    }
    HaproxyServer(const HaproxyServer&) = delete;
    HaproxyServer& operator=(const HaproxyServer&) = delete;

    /// What Twilio reaches: "http://127.0.0.1:PORT".
    [[nodiscard]] std::string public_origin() const { return public_.origin(); }
    /// What the hospital's network reaches.
    [[nodiscard]] std::string inside_origin() const { return inside_.origin(); }
    [[nodiscard]] std::string log() const {
        std::ifstream file(log_file());
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    [[nodiscard]] std::filesystem::path log_file() const { return folder_.path() / "log"; }

    void wait_until_ready() {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        const auto socket = folder_.path() / "inside.sock";
        while (!std::filesystem::exists(socket)) {
            const bool alive = ::waitpid(process_, nullptr, WNOHANG) == 0;
            if (!alive || std::chrono::steady_clock::now() > give_up)
                throw std::runtime_error("HAProxy does not start: " + log());
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    UnprivilegedUser user_ = UnprivilegedUser::find();
    ServerFolder folder_{user_};
    TcpProxy public_;
    TcpProxy inside_;
    pid_t process_ = -1;
};

}  // namespace carevoice::tests
