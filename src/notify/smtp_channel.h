// Alerts as e-mail through an SMTP server.
#pragma once

#include "async/blocking_pool.h"
#include "notify/channel.h"

#include <cstdint>
#include <string>

namespace carevoice::notify {

struct SmtpSettings {
    std::string host;
    std::uint16_t port = 587;  ///< 465: TLS from the first byte; others: STARTTLS
    std::string user;          ///< empty: no login, and STARTTLS only when the server offers it
    std::string password;
    std::string from;       ///< address; its host also ends the Message-ID
    std::string from_name;  ///< may be empty
    std::string ca_file;    ///< PEM file of the authorities to trust; empty: the system's
    milliseconds connect_timeout{5'000};
};

/// One connection per mail, on a pool's thread. A 5xx about the recipient or the mail is rejected; a 5xx about us
/// (login, sender, greeting) is unavailable, for a person can set it right. A time-out or a connection lost after the
/// last byte of the mail is timed_out: the server may have taken it; the Message-ID stays the same when it is sent
/// again, which lets the receiving side know it.
class SmtpChannel final : public Channel {
public:
    /// `pool` and `clock` outlive the channel; the pool's threads bound the mails at once.
    SmtpChannel(SmtpSettings settings, async::BlockingPool& pool, const Clock& clock);

    [[nodiscard]] domain::Channel kind() const noexcept override { return domain::Channel::email; }
    async::Task<Delivery> deliver(Message message, Deadline deadline) override;

private:
    SmtpSettings settings_;
    async::BlockingPool& pool_;
    const Clock& clock_;
};

}  // namespace carevoice::notify
