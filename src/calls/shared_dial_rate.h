// The rate of new calls, kept by all instances together.
#pragma once

#include "async/blocking_pool.h"
#include "calls/dial_gate.h"
#include "storage/session_store.h"

namespace carevoice::calls {

/// One bucket of one token in the session store. While the store is away, nobody dials: take() is unavailable.
class SharedDialRate final : public DialRate {
public:
    /// `store` and `pool`, on which it is asked, outlive it.
    SharedDialRate(double calls_per_second, storage::SessionStore& store, async::BlockingPool& pool)
        : calls_per_second_(calls_per_second), store_(store), pool_(pool) {}

    async::Task<Result<bool>> take() override;

private:
    const double calls_per_second_;
    storage::SessionStore& store_;
    async::BlockingPool& pool_;
};

}  // namespace carevoice::calls
