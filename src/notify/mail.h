// An e-mail as the bytes that an SMTP server takes (RFC 5322, MIME). Pure functions.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <string>
#include <string_view>

namespace carevoice::notify {

struct Mail {
    std::string from;       ///< address
    std::string from_name;  ///< UTF-8; may be empty
    std::string to;         ///< address
    std::string subject;    ///< UTF-8
    std::string text;
    std::string html;
    std::string id;  ///< the left half of the Message-ID: letters, digits, '-' and '.', at most 100 characters
    WallTime date{};
};

/// "name@host" of printable ASCII, at most 254 characters, without anything that SMTP or a header could take for
/// something else: no quotes, brackets, commas, spaces, comments.
bool is_mail_address(std::string_view text) noexcept;

/// The mail with CRLF line ends: text/plain and text/html as alternatives, Message-ID <id@host of from>,
/// Auto-Submitted: auto-generated (RFC 3834). invalid_input, naming the field, for an address that is none, a header
/// with a control character, text that is not UTF-8, or an id that breaks its rule; too_large over a megabyte.
Result<std::string> compose_mail(const Mail& mail);

}  // namespace carevoice::notify
