#include "notify/mail.h"

#include "core/text.h"

#include <gmock/gmock.h>

#include <sstream>

namespace carevoice::notify {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Mail sample() {
    return {.from = "alerts@hospital.example",
            .from_name = "Riverside Hospital",
            .to = "nurse@ward.example",
            .subject = "Patient alert (high)",
            .text = "Hello \u2013 look.\n",
            .html = "<p>Hello</p>\n",
            .id = "alert-1.high.0.abc",
            .date = parse_rfc3339("2026-11-23T16:00:00Z").value()};
}

std::string decoded(std::string base64) {
    std::erase_if(base64, [](char c) { return c == '\r' || c == '\n'; });
    std::vector<std::uint8_t> bytes;
    EXPECT_TRUE(base64_decode(base64, bytes)) << base64;
    return {bytes.begin(), bytes.end()};
}

/// The decoded body of the part of that type.
std::string part(const std::string& mail, const std::string& type) {
    const auto head = mail.find("Content-Type: " + type);
    const auto body = mail.find("\r\n\r\n", head) + 4;
    return decoded(mail.substr(body, mail.find("--=_", body) - body));
}

std::string header(const std::string& mail) {
    return mail.substr(0, mail.find("\r\n\r\n") + 2);
}

TEST(Mail, HasTheHeadersOfAnAlert) {
    const auto mail = compose_mail(sample()).value();
    EXPECT_THAT(header(mail), HasSubstr("From: Riverside Hospital <alerts@hospital.example>\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("To: nurse@ward.example\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("Subject: Patient alert (high)\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("Date: Mon, 23 Nov 2026 16:00:00 +0000\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("Message-ID: <alert-1.high.0.abc@hospital.example>\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("Auto-Submitted: auto-generated\r\n"));
    EXPECT_THAT(header(mail), HasSubstr("MIME-Version: 1.0\r\n"));
}

TEST(Mail, IsTheSameInTextAndHtml) {
    const auto mail = compose_mail(sample()).value();
    EXPECT_THAT(header(mail), HasSubstr("Content-Type: multipart/alternative; boundary="));
    EXPECT_EQ(part(mail, "text/plain"), sample().text);
    EXPECT_EQ(part(mail, "text/html"), sample().html);
    EXPECT_LT(mail.find("text/plain"), mail.find("text/html"));
    EXPECT_TRUE(mail.ends_with("--\r\n"));
}

TEST(Mail, LinesAreShortAndEndAsSmtpWants) {
    Mail long_mail = sample();
    long_mail.text = std::string(20'000, 'x');
    std::istringstream lines(compose_mail(long_mail).value());
    for (std::string line; std::getline(lines, line);) {
        ASSERT_TRUE(line.ends_with('\r'));
        ASSERT_LE(line.size(), 79U);
        ASSERT_FALSE(line.starts_with('.'));
    }
}

TEST(Mail, HeadersWithOtherLettersAreEncoded) {
    Mail mail = sample();
    mail.from_name = "H\u00F4pital \"St. Mary's\", <x@y>";
    mail.subject = std::string(60, 'a') + " \u00E9\u00E8\U0001F600 and more text after that, to be folded";
    const auto head = header(compose_mail(mail).value());
    for (const char c : head) ASSERT_TRUE(static_cast<unsigned char>(c) < 0x80);
    EXPECT_THAT(head, HasSubstr("From: =?UTF-8?B?"));
    EXPECT_THAT(head, Not(HasSubstr("<x@y>")));
    // The encoded words together are the subject.
    const auto from = head.find("Subject: ") + 9;
    std::istringstream words(head.substr(from, head.find("\r\nAuto") - from));
    std::string subject;
    for (std::string word; words >> word;) {
        EXPECT_LE(word.size(), 75U);
        const std::string piece = decoded(word.substr(10, word.size() - 12));
        EXPECT_TRUE(is_valid_utf8(piece));
        subject += piece;
    }
    EXPECT_EQ(subject, mail.subject);
}

TEST(Mail, RefusesWhatWouldBreakAHeader) {
    const auto refusal = [](auto change) {
        Mail mail = sample();
        change(mail);
        const auto composed = compose_mail(mail);
        EXPECT_TRUE(composed.has_error());
        return composed.has_error() ? composed.error().field : "";
    };
    EXPECT_EQ(refusal([](Mail& mail) { mail.to = "a@b.example\r\nBcc: c@d.example"; }), "to");
    EXPECT_EQ(refusal([](Mail& mail) { mail.from = "a@b.example\n"; }), "from");
    EXPECT_EQ(refusal([](Mail& mail) { mail.subject = "x\r\nBcc: c@d.example"; }), "subject");
    EXPECT_EQ(refusal([](Mail& mail) { mail.subject = "\xFF"; }), "subject");
    EXPECT_EQ(refusal([](Mail& mail) { mail.subject = std::string(1'000, 'x'); }), "subject");
    EXPECT_EQ(refusal([](Mail& mail) { mail.from_name = "a\nb"; }), "from_name");
    EXPECT_EQ(refusal([](Mail& mail) { mail.id = "a>\r\nX: y"; }), "id");
    EXPECT_EQ(refusal([](Mail& mail) { mail.id = ""; }), "id");
    EXPECT_EQ(refusal([](Mail& mail) { mail.text = "\xC3\x28"; }), "text");
    Mail huge = sample();
    huge.html = std::string(2'000'000, 'x');
    EXPECT_EQ(compose_mail(huge).error().code, Errc::too_large);
}

TEST(Mail, ErrorsDoNotRepeatTheRecipient) {
    Mail mail = sample();
    mail.to = "secret name@x";
    EXPECT_THAT(compose_mail(mail).error().detail, Not(HasSubstr("secret")));
}

TEST(Mail, KnowsAnAddress) {
    for (const auto* const good : {"a@b", "nurse.o'hara+ward@mail.hospital.example", "A_b-c@x-y.example"})
        EXPECT_TRUE(is_mail_address(good)) << good;
    for (const auto* const bad :
         {"",      "@",      "a@",         "@b",        "a b@c", "a@b c", "a@b,c@d", "<a@b>",         "\"a\"@b",
          "a@b>",  "a..b@c", ".a@c",       "a.@c",      "a@.c",  "a@c.",  "a@b@c",   "a@[127.0.0.1]", "a@b\r\n",
          "a@b;c", "(x)a@b", "\xC3\xA9@b", "a@\xC3\xA9"})
        EXPECT_FALSE(is_mail_address(bad)) << bad;
    EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b"));
    EXPECT_FALSE(is_mail_address("a@" + std::string(300, 'b')));
    EXPECT_FALSE(is_mail_address(std::string_view("a\0b@c", 5)));
}

}  // namespace
}  // namespace carevoice::notify
