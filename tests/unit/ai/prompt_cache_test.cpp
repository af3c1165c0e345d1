#include "ai/prompt_cache.h"

#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

class PromptCacheTest : public testing::Test {
protected:
    std::string get(const std::string& system, const std::string& schema = "{}", int tokens = 256,
                    const std::string& said = "hello") {
        ChatPrompt prompt;
        prompt.system = system;
        prompt.schema = schema;
        prompt.max_output_tokens = tokens;
        prompt.messages = {{ChatMessage::Role::user, said}};
        const auto got = cache_.get(prompt);
        return got.has_value() ? **got : "error";
    }

    int built_ = 0;
    PromptCache cache_{[this](const ChatPrompt& prompt) -> Result<std::string> {
                           ++built_;
                           if (prompt.schema.empty()) return Error{Errc::invalid_input, "no schema"};
                           return prompt.system + prompt.schema + std::to_string(prompt.max_output_tokens);
                       },
                       2};
};

TEST_F(PromptCacheTest, BuildsWhatIsTheSameOnce) {
    EXPECT_EQ(get("rules"), "rules{}256");
    EXPECT_EQ(get("rules", "{}", 256, "other words"), "rules{}256");
    EXPECT_EQ(built_, 1);
    EXPECT_EQ(get("rules", "[]"), "rules[]256");
    EXPECT_EQ(get("rules", "{}", 64), "rules{}64");
    EXPECT_EQ(built_, 3);
}

TEST_F(PromptCacheTest, ForgetsWhatWasUsedLongestAgo) {
    get("a");
    get("b");
    get("a");
    get("c");
    EXPECT_EQ(built_, 3);
    get("a");
    EXPECT_EQ(built_, 3);
    get("b");
    EXPECT_EQ(built_, 4);
}

TEST_F(PromptCacheTest, KeepsNoErrors) {
    EXPECT_EQ(get("a", ""), "error");
    EXPECT_EQ(get("a", ""), "error");
    EXPECT_EQ(built_, 2);
}

}  // namespace
}  // namespace carevoice::ai
