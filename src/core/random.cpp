#include "core/random.h"

#include <sys/random.h>

#include <cstdio>
#include <cstdlib>

namespace carevoice {

double Random::next_unit() {
    return static_cast<double>(next_u64() >> 11U) * 0x1.0p-53;
}

std::string Random::hex(std::size_t bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes * 2);
    std::uint64_t pool = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        if (i % 8 == 0) pool = next_u64();
        text += digits[(pool >> 4U) & 0xFU];
        text += digits[pool & 0xFU];
        pool >>= 8U;
    }
    return text;
}

std::uint64_t SystemRandom::next_u64() {
    std::uint64_t value = 0;
    // Up to 256 bytes getrandom never returns short once the pool is ready; anything else means no safe tokens: stop.
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) std::abort();
    return value;
}

std::uint64_t SeededRandom::next_u64() {
    const std::lock_guard lock(mutex_);
    return engine_();
}

}  // namespace carevoice
