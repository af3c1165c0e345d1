// Randomness as an interface, so that a test or a seeded simulation can repeat itself exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>
#include <string>

namespace carevoice {

/// Thread-safe.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next_u64() = 0;

    /// Uniform in [0, 1).
    double next_unit();
    /// `bytes` of randomness as lower-case hex: 16 bytes make a token of 32 characters.
    std::string hex(std::size_t bytes);
};

/// From the kernel: fit for tokens and ids.
class SystemRandom final : public Random {
public:
    std::uint64_t next_u64() override;
};

/// Repeats itself for the same seed: for tests and the simulator, never for tokens of a real service.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next_u64() override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace carevoice
