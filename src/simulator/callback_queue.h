// The callbacks of one call, in order, unless the faults say otherwise.
#pragma once

#include "async/bounded_queue.h"
#include "async/task.h"
#include "simulator/faults.h"
#include "simulator/webhook_client.h"

#include <functional>
#include <optional>
#include <string>

namespace carevoice::simulator {

/// Thread-safe but for run(). `client` and `faults` outlive it.
class CallbackQueue {
public:
    /// `on_refusal` hears of callbacks that the service answered with an error (15003) or not at all (11205).
    CallbackQueue(WebhookClient& client, FaultBox& faults, std::function<void(int code, std::string text)> on_refusal);

    void push(std::string url, net::FormFields fields);
    /// Sends until close() was called and nothing is left.
    async::Task<> run();
    void close() { queue_.close(); }

private:
    async::Task<> deliver(Posting posting);
    async::Task<> post(Posting posting);

    WebhookClient& client_;
    FaultBox& faults_;
    std::function<void(int, std::string)> on_refusal_;
    async::BoundedQueue<Posting> queue_{64};
};

}  // namespace carevoice::simulator
