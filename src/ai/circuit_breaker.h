// Stops asking a model that keeps failing, and finds out now and then whether it is well again.
#pragma once

#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace carevoice::ai {

struct BreakerOptions {
    std::size_t failures_max =
        5;  ///< opens at that many failures within `window`, if at least half of the calls failed
    milliseconds window{30'000};
    milliseconds open_first{5'000};  ///< doubles with each probe that fails; a quarter more or less by chance, so that
                                     ///< several machines do not probe at once
    milliseconds open_longest{60'000};
};

/// Closed: all may call. Open: nobody may. Half-open, after a while: one caller may, and its verdict decides.
/// Thread-safe. Sets carevoice_chat_breaker_open{model} (0 or 1) and counts carevoice_chat_breaker_opened_total{model}.
class CircuitBreaker {
public:
    /// The rest outlives the breaker.
    CircuitBreaker(std::string model, BreakerOptions options, const Clock& clock, Random& random, Metrics& metrics);
    CircuitBreaker(const CircuitBreaker&) = delete;
    CircuitBreaker& operator=(const CircuitBreaker&) = delete;

    /// Leave to call once. Say how it went; saying nothing (the call was cancelled) judges nobody. The breaker outlives
    /// it.
    class Permit {
    public:
        explicit Permit(CircuitBreaker& breaker, bool is_probe) : breaker_(&breaker), is_probe_(is_probe) {}
        Permit(Permit&& other) noexcept;
        Permit& operator=(Permit&&) = delete;
        ~Permit();
        void succeed();
        void fail();

    private:
        CircuitBreaker* breaker_;  ///< nullptr once the verdict is there
        bool is_probe_;
    };
    /// nullopt: not now.
    std::optional<Permit> enter();
    [[nodiscard]] bool is_open() const;

private:
    struct Call {
        SteadyTime at;
        bool failed;
    };
    void judge(bool is_probe, bool failed);
    void forget_probe();
    [[nodiscard]] bool is_too_much() const;
    void open(SteadyTime now);

    const std::string model_;
    const BreakerOptions options_;
    const Clock& clock_;
    Random& random_;
    Metrics& metrics_;

    mutable std::mutex mutex_;
    std::deque<Call> calls_;  ///< within the window, oldest first, a bounded number
    bool is_open_ = false;
    bool is_probing_ = false;
    SteadyTime open_until_{};
    milliseconds open_for_;  ///< next time
};

}  // namespace carevoice::ai
