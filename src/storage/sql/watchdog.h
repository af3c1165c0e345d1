// Closes sockets on which nobody has answered for too long. A database library that blocks cannot give up by itself
// when the server is stopped, or the network swallows its answers.
#pragma once

#include "core/time.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace carevoice::storage::sql {

/// Thread-safe; one thread of its own. Outlives its watches.
class Watchdog {
    struct Watched {
        int socket;
        SteadyTime until;
    };

public:
    Watchdog() : thread_([this] { run(); }) {}
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// While it lives, `socket` must be open; at `until` it is shut down, so that whoever waits on it fails.
    class Watch {
    public:
        Watch(Watchdog& dog, int socket, SteadyTime until);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Watchdog& dog_;
        std::list<Watched>::iterator place_;
    };

private:
    static constexpr SteadyTime never = SteadyTime::max();

    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Watched> watched_;
    SteadyTime wakes_at_ = never;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace carevoice::storage::sql
