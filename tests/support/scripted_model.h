// A chat model that says what a test tells it to.
#pragma once

#include "ai/chat_model.h"
#include "async/task.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace carevoice::tests {

/// Answers with what a test tells it to, or not at all.
class ScriptedModel final : public ai::ChatModel {
public:
    class Reply final : public ai::ChatReply {
    public:
        Reply(std::string speak, std::string body) : speak_(std::move(speak)), body_(std::move(body)) {}
        [[nodiscard]] const std::string& speak() const noexcept override { return speak_; }
        async::Task<Result<ai::ChatAnswer>> finish(Deadline) override {
            if (body_.empty()) co_return Error{Errc::timed_out, "the rest did not come"};
            ai::ChatAnswer answer;
            answer.text = body_;
            co_return answer;
        }

    private:
        std::string speak_;
        std::string body_;
    };

    async::Task<Result<std::unique_ptr<ai::ChatReply>>> ask(ai::ChatPrompt prompt, Deadline) override {
        ++asked;
        last = std::move(prompt);
        if (on_ask) on_ask();
        if (hangs) {
            auto waiting = async::sleep_for(std::chrono::hours(1));
            (void)co_await std::move(waiting);
        }
        if (failure) co_return *failure;
        co_return std::unique_ptr<ai::ChatReply>(std::make_unique<Reply>(speak, body));
    }
    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] SteadyTime not_before() const noexcept override { return {}; }

    std::string speak = "Okay, a four. How does your incision look?";
    std::string body;
    std::optional<Error> failure;
    bool hangs = false;
    std::function<void()> on_ask;  ///< empty: nothing more happens
    int asked = 0;
    ai::ChatPrompt last;

private:
    std::string name_ = "scripted";
};

}  // namespace carevoice::tests
