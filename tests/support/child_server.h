// A server program that a test starts and stops: as a user without rights, in a folder of its own, never outliving us.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::tests {

/// Whom a server runs as when we are root, which database servers refuse: the first of these that exists.
struct UnprivilegedUser {
    uid_t uid = 0;
    gid_t gid = 0;

    static UnprivilegedUser find() {
        if (::geteuid() != 0) return {.uid = ::geteuid(), .gid = ::getegid()};
        for (const char* name : {"postgres", "nobody"}) {
            const passwd* entry = ::getpwnam(name);
            if (entry != nullptr) return {.uid = entry->pw_uid, .gid = entry->pw_gid};
        }
        throw std::runtime_error("there is no user to run a server as");
    }
};

/// A folder under /tmp, whose path is short enough for a Unix socket; gone with this object.
class ServerFolder {
public:
    explicit ServerFolder(const UnprivilegedUser& owner) {
        std::string pattern = "/tmp/carevoice-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
        if (::geteuid() == 0 && ::chown(pattern.c_str(), owner.uid, owner.gid) != 0)
            throw std::runtime_error("the temporary folder cannot be given away");
    }
    ~ServerFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ServerFolder(const ServerFolder&) = delete;
    ServerFolder& operator=(const ServerFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Starts `arguments` as `user` with its output in `log`. `on_our_death` is the signal it gets when we are gone.
inline pid_t start_program(std::vector<std::string> arguments, const UnprivilegedUser& user,
                           const std::filesystem::path& log, int on_our_death) {
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot start a program");
    if (child > 0) return child;
    // Only what is safe between fork and exec in a program with threads.
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ready = out >= 0 && in >= 0 && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(out, 2) >= 0;
    if (::geteuid() == 0)
        ready = ready && ::setgroups(0, nullptr) == 0 && ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0;
    ::prctl(PR_SET_PDEATHSIG, on_our_death);
    ready = ready && ::getppid() == parent;
    if (ready) ::execv(argv[0], argv.data());
    ::_exit(127);
}

inline void wait_for_end(pid_t program) {
    while (::waitpid(program, nullptr, 0) < 0 && errno == EINTR) {
    }
}

/// Runs a program to its end; throws unless it exits with 0.
inline void run_program(std::vector<std::string> arguments, const UnprivilegedUser& user,
                        const std::filesystem::path& log) {
    const std::string name = arguments.front();
    const pid_t child = start_program(std::move(arguments), user, log, SIGKILL);
    int status = -1;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(name + " failed");
}

}  // namespace carevoice::tests
