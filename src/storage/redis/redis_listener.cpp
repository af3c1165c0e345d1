#include "storage/redis/redis_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace carevoice::storage::redis {

namespace {

constexpr milliseconds pause_between_connects{200};
/// A server that has been silent for so long is asked whether it is still there, and then left.
constexpr milliseconds silence_max{5'000};

std::string_view text_of(const redisReply& reply) {
    return {reply.str, reply.len};
}

}  // namespace

RedisListener::RedisListener(RedisTarget target, milliseconds patience, std::string channel_prefix, EventHub& hub)
    : target_(std::move(target)),
      patience_(patience),
      channel_prefix_(std::move(channel_prefix)),
      hub_(hub),
      end_signal_(::eventfd(0, EFD_CLOEXEC)) {
    if (end_signal_ < 0) throw std::runtime_error("no eventfd");
    thread_ = std::thread([this] { run(); });
}

RedisListener::~RedisListener() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
        changed_.notify_all();
    }
    ::eventfd_write(end_signal_, 1);
    thread_.join();
    ::close(end_signal_);
}

Result<> RedisListener::wait_until_listening() {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, patience_, [this] { return is_listening_; })) return {};
    return Error{.code = Errc::unavailable, .detail = "live events cannot be heard: Redis is away"};
}

void RedisListener::set_listening(bool listening) {
    const std::lock_guard lock(mutex_);
    is_listening_ = listening;
    changed_.notify_all();
}

bool RedisListener::pause(milliseconds span) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, span, [this] { return ends_; });
}

void RedisListener::run() {
    do {
        const Context context = begin();
        if (!context) continue;
        // Whatever was published while nobody listened is gone.
        hub_.note_gap();
        set_listening(true);
        hear(*context);
        set_listening(false);
    } while (pause(pause_between_connects));
}

Context RedisListener::begin() {
    auto connected = connect(target_, patience_);
    if (!connected) return nullptr;
    const auto heard = ask(connected->get(), {"PSUBSCRIBE", channel_prefix_ + "*"});
    return heard ? std::move(*connected) : nullptr;
}

bool RedisListener::take_replies(redisContext& context) {
    while (true) {
        void* next = nullptr;
        if (::redisGetReplyFromReader(&context, &next) != REDIS_OK) return false;
        const Reply reply(static_cast<redisReply*>(next));
        if (!reply) return true;
        // pmessage, pattern, channel, message
        const bool is_event = reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 &&
                              reply->element[2]->type == REDIS_REPLY_STRING &&
                              reply->element[3]->type == REDIS_REPLY_STRING;
        if (!is_event) continue;
        std::string_view topic = text_of(*reply->element[2]);
        if (!topic.starts_with(channel_prefix_)) continue;
        topic.remove_prefix(channel_prefix_.size());
        hub_.deliver(std::string(topic), std::string(text_of(*reply->element[3])));
    }
}

void RedisListener::hear(redisContext& context) {
    bool asked = false;
    while (take_replies(context)) {
        std::array<pollfd, 2> watched = {pollfd{.fd = context.fd, .events = POLLIN, .revents = 0},
                                         pollfd{.fd = end_signal_, .events = POLLIN, .revents = 0}};
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(silence_max.count()));
        if (watched[1].revents != 0) return;
        if (ready > 0) {
            asked = false;
            if (::redisBufferRead(&context) != REDIS_OK) return;
            continue;
        }
        if (asked) return;
        asked = true;
        int done = 0;
        if (::redisAppendCommand(&context, "PING") != REDIS_OK) return;
        while (done == 0)
            if (::redisBufferWrite(&context, &done) != REDIS_OK) return;
    }
}

}  // namespace carevoice::storage::redis
