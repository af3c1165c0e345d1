// Counts what this test program allocates, so that a test can hold a hot path to nothing.
#pragma once

#include <cstddef>

namespace carevoice::twilio::tests {

/// Calls of any operator new so far, by all threads.
std::size_t allocation_count();

}  // namespace carevoice::twilio::tests
