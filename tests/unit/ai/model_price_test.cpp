#include "ai/model_price.h"

#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

TEST(ModelPrice, CountsWhatWasUsed) {
    const ModelPrice price{.input = 0.30, .cached_input = 0.03, .output = 2.50};
    EXPECT_DOUBLE_EQ(price.usd({.input_tokens = 1'000'000, .cached_input_tokens = 0, .output_tokens = 0}), 0.30);
    EXPECT_DOUBLE_EQ(price.usd({.input_tokens = 1'000'000, .cached_input_tokens = 1'000'000, .output_tokens = 0}),
                     0.03);
    EXPECT_DOUBLE_EQ(price.usd({.input_tokens = 1'000, .cached_input_tokens = 0, .output_tokens = 100}), 0.00055);
    EXPECT_DOUBLE_EQ(price.usd({.input_tokens = 10, .cached_input_tokens = 99, .output_tokens = 0}), 10 * 0.03 / 1e6);
}

TEST(ModelPrice, KnowsTheModelsThatWeSuggest) {
    EXPECT_GT(ModelPrice::of("gemini-3.5-flash-lite").output, 0);
    EXPECT_GT(ModelPrice::of("gemini-3.6-flash").input, ModelPrice::of("gemini-3.5-flash-lite").input);
    EXPECT_EQ(ModelPrice::of("local-7b").output, 0);
}

}  // namespace
}  // namespace carevoice::ai
