// A limit on trying again, so that a sick server is not beaten by all who want it well. Internal to net.
#pragma once

#include "core/time.h"

#include <array>
#include <cstdint>
#include <mutex>

namespace carevoice::net {

/// Retries are a tenth of the requests of the last 10 s at most, and three more. Thread-safe.
class RetryBudget {
public:
    void count_request(SteadyTime now);
    /// True, and counted, when one more retry fits.
    bool take(SteadyTime now);

private:
    static constexpr std::size_t seconds = 10;
    struct Second {
        std::int64_t number = -1;  ///< on the steady clock
        int requests = 0;
        int retries = 0;
    };
    Second& at(SteadyTime now);

    std::mutex mutex_;
    std::array<Second, seconds> window_{};
};

}  // namespace carevoice::net
