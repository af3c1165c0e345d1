// The session stores that the contract is held against.
#pragma once

#include "storage/session_store.h"

#include "support/counting_metrics.h"
#include "support/redis_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

namespace carevoice::storage::testing {

/// Steady time moves only by hand.
class ManualClock final : public Clock {
public:
    [[nodiscard]] WallTime wall_now() const override { return WallTime(milliseconds(passed_ms.load())); }
    [[nodiscard]] SteadyTime steady_now() const override { return SteadyTime(milliseconds(passed_ms.load())); }

    std::atomic<std::int64_t> passed_ms{1'000'000};
};

enum class Kind { memory, redis };
inline std::ostream& operator<<(std::ostream& out, Kind kind) {
    return out << (kind == Kind::memory ? "Memory" : "Redis");
}

/// Opens a store with nothing in it.
class SessionsTest : public ::testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        sessions_ = open_store();
        ASSERT_TRUE(sessions_);
    }

    /// Of Redis: another view of the same. Of the memory, of which there is one in a process: another one.
    std::unique_ptr<SessionStore> open_store() {
        const bool in_redis = GetParam() == Kind::redis;
        if (in_redis) tests::RedisServer::shared();
        auto opened = open_sessions(in_redis ? tests::RedisServer::shared().url() : "", options_, clock_, metrics_);
        EXPECT_TRUE(opened) << opened.error().detail;
        return opened ? std::move(*opened) : nullptr;
    }

    /// Lets time pass: for the memory by hand, for Redis in earnest.
    void pass(milliseconds span) {
        clock_.passed_ms += span.count();
        if (GetParam() == Kind::redis) std::this_thread::sleep_for(span);
    }

    static std::string unique_prefix() {
        static std::atomic<int> next{1};
        return "test-" + std::to_string(next++);
    }

    ManualClock clock_;
    tests::CountingMetrics metrics_;
    SessionOptions options_{.connections = 4, .patience = milliseconds(2'000), .prefix = unique_prefix()};
    std::unique_ptr<SessionStore> sessions_;
};

template <class T>
Errc code_of(const Result<T>& result) {
    if (result.has_value()) {
        ADD_FAILURE() << "expected an error";
        return Errc::internal;
    }
    return result.error().code;
}

}  // namespace carevoice::storage::testing
