// The rate of new calls, kept by all instances together.
#pragma once

#include "async/blocking_pool.h"
#include "calls/dial_gate.h"
#include "core/metrics.h"
#include "storage/session_store.h"

#include <functional>

namespace carevoice::calls {

/// All outlive the rate.
struct SharedDialRateDeps {
    storage::SessionStore& store;
    async::BlockingPool& pool;  ///< on which the store is asked
    const Clock& clock;
    Metrics& metrics;
    /// How many share the rate, as far as is known: at least 1. Any thread.
    std::function<std::size_t()> instances;
};

/// One bucket of one token in the session store. While the store is away each instance keeps to its share of the rate,
/// so that all together stay within it, give or take one call at the change. take() never fails.
class SharedDialRate final : public DialRate {
public:
    SharedDialRate(double calls_per_second, SharedDialRateDeps deps);
    async::Task<Result<bool>> take() override;

private:
    bool is_too_soon(std::size_t instances);
    bool take_share();

    const std::chrono::duration<double> apart_;  ///< calls of all instances
    SharedDialRateDeps deps_;
    std::mutex mutex_;
    std::optional<SteadyTime> last_;  ///< granted here
};

}  // namespace carevoice::calls
