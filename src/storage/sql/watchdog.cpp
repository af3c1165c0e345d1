#include "storage/sql/watchdog.h"

#include <sys/socket.h>

#include <algorithm>

namespace carevoice::storage::sql {

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Watchdog::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next = std::ranges::min_element(watched_, {}, &Watched::until);
        wakes_at_ = next == watched_.end() ? never : next->until;
        if (wakes_at_ == never) {
            changed_.wait(lock);
        } else if (std::chrono::steady_clock::now() < wakes_at_) {
            changed_.wait_until(lock, wakes_at_);
        } else {
            ::shutdown(next->socket, SHUT_RDWR);
            next->until = never;
        }
    }
}

Watchdog::Watch::Watch(Watchdog& dog, int socket, SteadyTime until) : dog_(dog) {
    const std::lock_guard lock(dog_.mutex_);
    place_ = dog_.watched_.insert(dog_.watched_.end(), {.socket = socket, .until = until});
    if (until < dog_.wakes_at_) dog_.changed_.notify_one();
}

Watchdog::Watch::~Watch() {
    const std::lock_guard lock(dog_.mutex_);
    dog_.watched_.erase(place_);
}

}  // namespace carevoice::storage::sql
