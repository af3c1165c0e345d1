#include "net/retry_budget.h"

#include <gtest/gtest.h>

namespace carevoice::net {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{std::chrono::hours(1)};

TEST(RetryBudget, AllowsAFewRetriesWithoutAnyTraffic) {
    RetryBudget budget;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(start));
    EXPECT_FALSE(budget.take(start));
}

TEST(RetryBudget, GrowsWithTheRequestsOfTheLastSeconds) {
    RetryBudget budget;
    for (int i = 0; i < 100; ++i) budget.count_request(start + i * 50ms);
    int retries = 0;
    while (budget.take(start + 5s)) ++retries;
    EXPECT_EQ(retries, 13);
}

TEST(RetryBudget, ForgetsAfterTenSeconds) {
    RetryBudget budget;
    while (budget.take(start)) {
    }
    EXPECT_FALSE(budget.take(start + 9s));
    EXPECT_TRUE(budget.take(start + 10s));
}

}  // namespace
}  // namespace carevoice::net
