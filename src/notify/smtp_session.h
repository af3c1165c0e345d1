// One mail through libcurl, blocking. Internal to notify.
#pragma once

#include "core/error.h"
#include "core/time.h"
#include "notify/smtp_channel.h"

#include <string>

namespace carevoice::notify {

/// Before the first session, from any thread.
void prepare_curl();

/// The server's last words about the mail ("2.0.0 Ok: queued as 12345"), or why not; `mail` of compose_mail(). Ends by
/// `deadline`. Errors as SmtpChannel has them.
Result<std::string> send_blocking(const SmtpSettings& settings, const std::string& to, const std::string& mail,
                                  Deadline deadline);

}  // namespace carevoice::notify
