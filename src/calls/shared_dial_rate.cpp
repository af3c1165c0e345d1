#include "calls/shared_dial_rate.h"

#include <algorithm>

namespace carevoice::calls {

SharedDialRate::SharedDialRate(double calls_per_second, SharedDialRateDeps deps)
    : apart_(1.0 / calls_per_second), deps_(std::move(deps)) {}

bool SharedDialRate::is_too_soon(std::size_t instances) {
    const std::chrono::duration<double> wait = apart_ * static_cast<double>(std::max<std::size_t>(1, instances));
    return last_ && deps_.clock.steady_now() - *last_ < wait;
}

bool SharedDialRate::take_share() {
    const std::lock_guard lock(mutex_);
    if (is_too_soon(deps_.instances())) return false;
    last_ = deps_.clock.steady_now();
    return true;
}

async::Task<Result<bool>> SharedDialRate::take() {
    {
        // What one instance alone would exceed need not be asked; and a store that comes back with a full bucket does
        // not know of the call that was dialled a moment ago.
        const std::lock_guard lock(mutex_);
        if (is_too_soon(1)) co_return false;
    }
    auto question = [&store = deps_.store, rate = 1.0 / apart_.count()]() { return store.take("dial", rate, 1); };
    const auto answer = co_await deps_.pool.run(std::move(question));
    if (answer.has_error()) {
        deps_.metrics.add("carevoice_dial_rate_alone_total");
        co_return take_share();
    }
    if (!answer->granted) co_return false;
    const std::lock_guard lock(mutex_);
    last_ = deps_.clock.steady_now();
    co_return true;
}

}  // namespace carevoice::calls
