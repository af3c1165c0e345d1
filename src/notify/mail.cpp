#include "notify/mail.h"

#include "core/text.h"

#include <algorithm>
#include <span>

namespace carevoice::notify {

namespace {

constexpr std::size_t address_max = 254;
constexpr std::size_t local_part_max = 64;
constexpr std::size_t id_max = 100;
constexpr std::size_t body_max = 1024UL * 1024;
constexpr std::size_t header_text_max = 500;
constexpr std::size_t base64_line = 76;
/// '=' and '_' together never occur in base64, so no part can hold it.
constexpr std::string_view boundary = "=_carevoice_alternative";

bool is_alphanumeric(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// dot-atom of RFC 5322, section 3.2.3.
bool is_dot_atom(std::string_view text, std::string_view marks) noexcept {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::ranges::all_of(
        text, [&](char c) { return c == '.' || is_alphanumeric(c) || marks.find(c) != std::string_view::npos; });
}

std::string base64_of(std::string_view text) {
    return base64_encode(std::as_bytes(std::span(text)));
}

std::string base64_lines(std::string_view text) {
    const std::string encoded = base64_of(text);
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += base64_line)
        lines.append(encoded, at, base64_line).append("\r\n");
    return lines;
}

/// RFC 2047: words of at most 75 characters, cut between characters.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t bytes_in_word = 45;
    std::string words;
    while (!text.empty()) {
        std::size_t length = std::min(bytes_in_word, text.size());
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
        if (!words.empty()) words += "\r\n ";
        words += "=?UTF-8?B?" + base64_of(text.substr(0, length)) + "?=";
        text.remove_prefix(length);
    }
    return words;
}

std::string subject_text(const std::string& text) {
    const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    return is_plain && text.find("=?") == std::string::npos ? text : encoded_words(text);
}

/// A name that is more than plain words is encoded: quoting has more rules to break.
std::string mailbox(const std::string& name, const std::string& address) {
    if (name.empty()) return address;
    const bool is_plain = std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == ' '; });
    return is_plain ? name + " <" + address + ">" : encoded_words(name) + "\r\n <" + address + ">";
}

bool is_header_text(std::string_view text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    return text.size() <= header_text_max && is_valid_utf8(text) && std::ranges::none_of(text, is_control);
}

bool is_mail_id(std::string_view id) {
    return id.size() <= id_max && is_dot_atom(id, "-");
}

Error wrong(std::string detail, std::string field) {
    return Error{Errc::invalid_input, std::move(detail), std::move(field)};
}

Result<> check(const Mail& mail) {
    if (!is_mail_address(mail.from)) return wrong("the sender is not an e-mail address", "from");
    if (!is_mail_address(mail.to)) return wrong("the recipient is not an e-mail address", "to");
    if (!is_header_text(mail.from_name)) return wrong("the sender's name cannot stand in a header", "from_name");
    if (!is_header_text(mail.subject)) return wrong("the subject cannot stand in a header", "subject");
    if (!is_mail_id(mail.id)) return wrong("the id cannot be a Message-ID", "id");
    if (mail.text.size() > body_max || mail.html.size() > body_max)
        return Error{Errc::too_large, "an e-mail of more than a megabyte"};
    if (!is_valid_utf8(mail.text)) return wrong("the text is not UTF-8", "text");
    if (!is_valid_utf8(mail.html)) return wrong("the page is not UTF-8", "html");
    return {};
}

std::string part(std::string_view type, std::string_view body) {
    return "--" + std::string(boundary) + "\r\nContent-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(body);
}

}  // namespace

bool is_mail_address(std::string_view text) noexcept {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at > local_part_max || text.size() > address_max) return false;
    return is_dot_atom(text.substr(0, at), "!#$%&'*+/=?^_`{|}~-") && is_dot_atom(text.substr(at + 1), "-");
}

Result<std::string> compose_mail(const Mail& mail) {
    if (const auto checked = check(mail); checked.has_error()) return checked.error();
    const std::string host = mail.from.substr(mail.from.find('@') + 1);
    std::string bytes = "Date: " + format_rfc2822(mail.date) + "\r\n";
    bytes += "From: " + mailbox(mail.from_name, mail.from) + "\r\n";
    bytes += "To: " + mail.to + "\r\n";
    bytes += "Message-ID: <" + mail.id + "@" + host + ">\r\n";
    bytes += "Subject: " + subject_text(mail.subject) + "\r\n";
    bytes += "Auto-Submitted: auto-generated\r\n";
    bytes += "MIME-Version: 1.0\r\n";
    bytes += "Content-Type: multipart/alternative; boundary=\"" + std::string(boundary) + "\"\r\n\r\n";
    // The last alternative is the one that readers prefer.
    bytes += part("text/plain", mail.text) + part("text/html", mail.html);
    return bytes + "--" + std::string(boundary) + "--\r\n";
}

}  // namespace carevoice::notify
