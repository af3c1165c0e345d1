// The service as a process of its own, as it runs in production: to be killed, stopped, and started again.
#pragma once

#include "support/child_server.h"

#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace carevoice::tests {

using ServeSettings = std::map<std::string, std::string>;

/// Start it on a thread that outlives it. Its log is `folder`/`name`.log.
class CarevoiceProcess {
public:
    /// Comes back when it listens, at a port that the kernel chose; throws with the log's end when it does not.
    /// `launcher` is a program that gets the command as its last arguments and becomes it.
    CarevoiceProcess(const std::filesystem::path& folder, const std::string& name, ServeSettings settings,
                     std::vector<std::string> launcher = {})
        : log_(folder / (name + ".log")) {
        settings.try_emplace("LISTEN", "127.0.0.1:0");
        settings.try_emplace("DATA_DIR", (folder / name).string());
        const auto file = folder / (name + ".env");
        {
            std::ofstream out(file, std::ios::trunc);
            for (const auto& [key, value] : settings) out << key << '=' << value << '\n';
        }
        std::error_code ignored;
        log_begins_ = std::filesystem::exists(log_) ? std::filesystem::file_size(log_, ignored) : 0;
        // Nothing of our own environment: a developer's .env and keys stay out.
        const char* const sanitizer = std::getenv("ASAN_OPTIONS");
        launcher.insert(launcher.end(), {"/usr/bin/env", "-i", "PATH=/usr/bin:/bin",
                                         std::string("ASAN_OPTIONS=") + (sanitizer != nullptr ? sanitizer : ""),
                                         CAREVOICE_PROGRAM, "serve", "--env-file", file.string()});
        process_ = start_program(std::move(launcher), {.uid = ::geteuid(), .gid = ::getegid()}, log_, SIGKILL);
        port_ = wait_until_it_listens();
    }
    ~CarevoiceProcess() {
        if (process_ > 0) kill();
    }
    CarevoiceProcess(const CarevoiceProcess&) = delete;
    CarevoiceProcess& operator=(const CarevoiceProcess&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t id() const { return process_; }

    /// As in a crash of the machine's power supply, as far as the process can tell.
    void kill() {
        ::kill(process_, SIGKILL);
        wait_for_end(std::exchange(process_, -1));
    }
    /// Asks it to end. wait() tells how it did.
    void terminate() const { ::kill(process_, SIGTERM); }
    /// Its exit code; nullopt when a signal ended it.
    std::optional<int> wait() {
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = -1;
        return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
    }
    [[nodiscard]] bool is_running() const { return process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == 0; }
    /// As on a machine that hangs; resume() lets it go on.
    void pause() const { ::kill(process_, SIGSTOP); }
    void resume() const { ::kill(process_, SIGCONT); }

    /// What this process wrote.
    [[nodiscard]] std::string log() const {
        std::ifstream file(log_);
        file.seekg(static_cast<std::streamoff>(log_begins_));
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    std::uint16_t wait_until_it_listens() {
        const std::string sign = "carevoice listens at http://127.0.0.1:";
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (;;) {
            const std::string text = log();
            const auto at = text.find(sign);
            const auto end = at == std::string::npos ? at : text.find('\n', at);
            if (end != std::string::npos) return static_cast<std::uint16_t>(std::stoi(text.substr(at + sign.size())));
            const bool alive = ::waitpid(process_, nullptr, WNOHANG) == 0;
            if (!alive || std::chrono::steady_clock::now() > give_up) {
                if (alive) kill();
                process_ = -1;
                throw std::runtime_error("carevoice does not start: " + text);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    std::filesystem::path log_;
    std::uintmax_t log_begins_ = 0;
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace carevoice::tests
