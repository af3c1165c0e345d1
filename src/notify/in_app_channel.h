// Alerts on the wall: those who look at it now see them at once; others find them in the list of alerts.
#pragma once

#include "notify/channel.h"

#include <functional>
#include <utility>

namespace carevoice::notify {

/// `publish` tells live events of the alert. It is quick, thread-safe, and cannot fail: nobody may be looking.
class InAppChannel final : public Channel {
public:
    using Publish = std::function<void(const AlertId&)>;
    explicit InAppChannel(Publish publish) : publish_(std::move(publish)) {}

    [[nodiscard]] domain::Channel kind() const noexcept override { return domain::Channel::in_app; }
    async::Task<Delivery> deliver(Message message, Deadline) override {
        publish_(message.notification.alert_id);
        Delivery delivery{.receipt = std::string()};
        co_return delivery;
    }

private:
    Publish publish_;
};

}  // namespace carevoice::notify
