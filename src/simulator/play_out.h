// Twilio's play-out buffer of a two-way stream: sound and marks in order, played in real time.
#pragma once

#include "core/time.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace carevoice::simulator {

/// Not thread-safe: lives on its stream's strand.
class PlayOut {
public:
    /// `bytes` of mu-law arrived.
    void add(std::size_t bytes, SteadyTime now);
    void mark(std::string name);
    /// Forgets what was not played; all pending marks come back at once.
    std::vector<std::string> clear();
    /// The marks whose sound is over at `now`.
    std::vector<std::string> due(SteadyTime now);
    [[nodiscard]] bool playing(SteadyTime now) const noexcept { return now < ends_at_; }

private:
    struct Mark {
        SteadyTime due;
        std::string name;
    };
    SteadyTime ends_at_{};
    std::deque<Mark> marks_;
};

}  // namespace carevoice::simulator
