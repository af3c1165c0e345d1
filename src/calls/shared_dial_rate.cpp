#include "calls/shared_dial_rate.h"

namespace carevoice::calls {

async::Task<Result<bool>> SharedDialRate::take() {
    auto question = [&store = store_, rate = calls_per_second_]() { return store.take("dial", rate, 1); };
    const auto answer = co_await pool_.run(std::move(question));
    if (answer.has_error()) co_return answer.error();
    co_return answer->granted;
}

}  // namespace carevoice::calls
