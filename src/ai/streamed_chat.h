// Asking a chat server over HTTP and reading its answer while it comes: what the models have in common.
#pragma once

#include "ai/answer_reader.h"
#include "ai/chat_model.h"
#include "net/client.h"

#include <atomic>
#include <memory>

namespace carevoice::ai {

/// Until when a server wants to be left alone. Thread-safe.
class Pause {
public:
    void extend_to(SteadyTime until) noexcept;
    [[nodiscard]] SteadyTime end() const noexcept { return end_.load(std::memory_order_relaxed); }

private:
    std::atomic<SteadyTime> end_{SteadyTime{}};
};

/// Sends `request` and reads until there is something to speak. Errors and the reply as of ChatModel::ask(). `http` and
/// `pause`, which is extended when the server asks for it, outlive the task; `http` outlives the reply.
async::Task<Result<std::unique_ptr<ChatReply>>> ask_server(net::HttpClient& http, Pause& pause, net::Url origin,
                                                           net::HttpRequest request, ReadChunk read_chunk,
                                                           Deadline deadline);

}  // namespace carevoice::ai
