// Asking models over real sockets, with calls that block.
#pragma once

#include "ai/chat_model.h"
#include "support/fake_chat_server.h"
#include "unit/net/test_client.h"

#include <chrono>
#include <memory>
#include <string>

namespace carevoice::ai {

using namespace std::chrono_literals;

class ChatTest : public testing::Test {
protected:
    using Asked = Result<std::unique_ptr<ChatReply>>;
    static constexpr std::string_view answer =
        R"({"speak":"That sounds painful. Where is it?","findings":[{"kind":"pain"}]})";

    static ChatPrompt prompt(std::string said = "It hurts.") {
        ChatPrompt prompt;
        prompt.system = "Be kind.";
        prompt.schema = R"({"type":"object","properties":{"speak":{"type":"string"}},"required":["speak"]})";
        prompt.messages = {{ChatMessage::Role::user, std::move(said)}};
        return prompt;
    }

    Asked ask(ChatModel& model, milliseconds span = 10s, ChatPrompt what = prompt()) {
        return begin_to_ask(model, span, std::move(what)).get();
    }
    std::future<Asked> begin_to_ask(ChatModel& model, milliseconds span = 10s, ChatPrompt what = prompt()) {
        auto work = model.ask(std::move(what), Deadline::in(span));
        return net::asio::co_spawn(net::asio::make_strand(client_.context()), std::move(work), net::asio::use_future);
    }
    Result<ChatAnswer> finish(ChatReply& reply, milliseconds span = 10s) {
        auto work = reply.finish(Deadline::in(span));
        return net::asio::co_spawn(net::asio::make_strand(client_.context()), std::move(work), net::asio::use_future)
            .get();
    }
    /// How asking, or what comes after, ends: "ok", or the name of an error.
    std::string outcome(ChatModel& model, milliseconds span = 10s) {
        const auto reply = ask(model, span);
        if (reply.has_error()) return std::string(to_string(reply.error().code));
        const auto whole = finish(**reply, span);
        return whole.has_error() ? "then " + std::string(to_string(whole.error().code)) : "ok";
    }
    /// Until the server has seen all of its connections end.
    static void wait_for_closed_connections(const tests::FakeChatServer& server) {
        const auto patience = std::chrono::steady_clock::now() + 10s;
        while (server.open_connections() > 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
        EXPECT_EQ(server.open_connections(), 0U);
    }

    net::TestClient client_;
};

}  // namespace carevoice::ai
