#include "simulator/callback_queue.h"

#include <utility>

namespace carevoice::simulator {

namespace {

constexpr milliseconds callback_timeout{5'000};
constexpr milliseconds overtaking_wait{1'500};

}  // namespace

CallbackQueue::CallbackQueue(WebhookClient& client, FaultBox& faults, std::function<void(int, std::string)> on_refusal)
    : client_(client), faults_(faults), on_refusal_(std::move(on_refusal)) {}

void CallbackQueue::push(std::string url, net::FormFields fields) {
    if (url.empty()) return;
    queue_.try_push(client_.make(std::move(url), "POST", std::move(fields)));
}

async::Task<> CallbackQueue::run() {
    std::optional<Posting> held;
    for (;;) {
        const Deadline patience = held ? Deadline::in(overtaking_wait) : Deadline(SteadyTime::max());
        auto next = co_await queue_.pop(patience);
        if (next && !held && faults_.draw(&Faults::callback_reordered)) {
            held = std::move(*next);
            continue;
        }
        const bool over = !next && next.error().code == Errc::cancelled;
        if (next) co_await deliver(std::move(*next));
        if (held) {
            auto overtaken = std::move(*held);
            held.reset();
            co_await deliver(std::move(overtaken));
        }
        if (over) co_return;
    }
}

async::Task<> CallbackQueue::deliver(Posting posting) {
    if (faults_.draw(&Faults::callback_dropped)) co_return;
    const auto delay = faults_.draw_callback_delay();
    if (delay.count() > 0) co_await async::sleep_for(delay);
    if (faults_.draw(&Faults::callback_doubled)) co_await post(posting);
    co_await post(std::move(posting));
}

async::Task<> CallbackQueue::post(Posting posting) {
    const auto answer = co_await client_.send(std::move(posting), Deadline::in(callback_timeout));
    if (!answer && answer.error().code != Errc::cancelled) on_refusal_(11205, "a callback got no answer");
    if (answer && answer->status >= 400)
        on_refusal_(15003, "a callback was answered with " + std::to_string(answer->status));
}

}  // namespace carevoice::simulator
