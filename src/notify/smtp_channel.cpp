#include "notify/smtp_channel.h"

#include "notify/mail.h"
#include "notify/smtp_session.h"

#include <utility>

namespace carevoice::notify {

SmtpChannel::SmtpChannel(SmtpSettings settings, async::BlockingPool& pool, const Clock& clock)
    : settings_(std::move(settings)), pool_(pool), clock_(clock) {
    prepare_curl();
}

async::Task<Delivery> SmtpChannel::deliver(Message message, Deadline deadline) {
    Mail mail{.from = settings_.from,
              .from_name = settings_.from_name,
              .to = message.notification.recipient,
              .subject = std::move(message.subject),
              .text = std::move(message.text),
              .html = std::move(message.html),
              .id = message.notification.id.str(),
              .date = clock_.wall_now()};
    auto composed = compose_mail(mail);
    Delivery delivery;
    if (composed.has_error()) {
        delivery.receipt = composed.error();
        co_return delivery;
    }
    auto job = [settings = settings_, to = std::move(mail.to), bytes = std::move(*composed), deadline] {
        return send_blocking(settings, to, bytes, deadline);
    };
    delivery.receipt = co_await pool_.run(std::move(job));
    co_return delivery;
}

}  // namespace carevoice::notify
