#include "notify/smtp_channel.h"

#include "notification_samples.h"
#include "support/fake_clock.h"
#include "support/fake_smtp_server.h"
#include "support/run_coroutine.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::SmtpScript;
using tests::SmtpStep;

struct MailHouse {
    explicit MailHouse(SmtpScript script = {}) : server(std::move(script)) {
        settings.host = "127.0.0.1";
        settings.port = server.port();
        settings.from = "alerts@hospital.example";
        settings.from_name = "Riverside Hospital";
    }

    Delivery deliver(domain::Notification notification = sample_notification(), milliseconds span = 10s) {
        SmtpChannel channel(settings, pool, clock);
        return tests::run(channel.deliver(sample_message(notification), Deadline::in(span)));
    }

    tests::FakeSmtpServer server;
    tests::FakeClock clock;
    async::BlockingPool pool{1, 4};
    SmtpSettings settings;
};

TEST(SmtpChannel, DeliversAMail) {
    MailHouse house;
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_value()) << delivery.receipt.error().detail;
    EXPECT_EQ(*delivery.receipt, "2.0.0 Ok: queued as 42");
    const auto mails = house.server.mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].from, "alerts@hospital.example");
    EXPECT_EQ(mails[0].to, "nurse@ward.example");
    EXPECT_THAT(mails[0].bytes, HasSubstr("Message-ID: <alert-1.high.0.abc@hospital.example>\r\n"));
    EXPECT_THAT(mails[0].bytes, HasSubstr("Subject: Patient alert (high)\r\n"));
    EXPECT_THAT(mails[0].bytes, HasSubstr("multipart/alternative"));
    const auto commands = house.server.commands();
    EXPECT_EQ(commands.front(), "EHLO hospital.example");
    EXPECT_THAT(commands, Not(Contains(StartsWith("AUTH"))));
}

TEST(SmtpChannel, NeverLogsInWithoutTls) {
    SmtpScript script;
    script.hello = "250-fake\r\n250 AUTH PLAIN LOGIN";
    MailHouse house(script);
    house.settings.user = "carevoice";
    house.settings.password = "secret";
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_error());
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable);
    EXPECT_THAT(delivery.receipt.error().detail, HasSubstr("TLS"));
    EXPECT_THAT(house.server.commands(), Not(Contains(StartsWith("AUTH"))));
    EXPECT_TRUE(house.server.mails().empty());
}

/// A server with STARTTLS and a login, and the file by which it may be trusted.
struct TlsHouse : MailHouse {
    TlsHouse() : MailHouse() {
        SmtpScript script;
        script.tls = &identity();
        server.set_usual(script);
        settings.user = "carevoice";
        settings.password = "secret";
        std::ofstream(ca_file) << identity().pem();
    }
    ~TlsHouse() { std::remove(ca_file.c_str()); }

    static const tests::SelfSigned& identity() {
        static const tests::SelfSigned made;
        return made;
    }
    std::string ca_file = testing::TempDir() + "carevoice-mail-ca-" + std::to_string(server.port()) + ".pem";
};

TEST(SmtpChannel, LogsInWithinTls) {
    TlsHouse house;
    house.settings.ca_file = house.ca_file;
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_value()) << delivery.receipt.error().detail;
    EXPECT_THAT(house.server.commands(), Contains(StartsWith("AUTH PLAIN")));
    EXPECT_EQ(house.server.mails().size(), 1U);
}

TEST(SmtpChannel, UsesTlsThatIsOfferedEvenWithoutALogin) {
    TlsHouse house;
    house.settings.ca_file = house.ca_file;
    house.settings.user.clear();
    EXPECT_TRUE(house.deliver().receipt.has_value());
    EXPECT_THAT(house.server.commands(), Contains("STARTTLS"));
    EXPECT_THAT(house.server.commands(), Not(Contains(StartsWith("AUTH"))));
}

TEST(SmtpChannel, TellsNoPasswordToAServerThatNobodyVouchesFor) {
    TlsHouse house;
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_error());
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable);
    EXPECT_THAT(delivery.receipt.error().detail, HasSubstr("certificate"));
    EXPECT_THAT(house.server.commands(), Not(Contains(StartsWith("AUTH"))));
    EXPECT_TRUE(house.server.mails().empty());
}

TEST(SmtpChannel, AWrongPasswordCanBeSetRight) {
    TlsHouse house;
    house.settings.ca_file = house.ca_file;
    SmtpScript script;
    script.tls = &TlsHouse::identity();
    script.login = "535 5.7.8 who are you";
    house.server.set_usual(script);
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_error());
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable) << delivery.receipt.error().detail;
    EXPECT_THAT(delivery.receipt.error().detail, Not(HasSubstr("secret")));
}

TEST(SmtpChannel, ARefusalForNowIsTriedAgain) {
    for (const auto member :
         {&SmtpScript::greeting, &SmtpScript::sender, &SmtpScript::recipient, &SmtpScript::data, &SmtpScript::mail}) {
        SmtpScript script;
        script.*member = "451 4.3.0 try again later";
        const auto delivery = MailHouse(script).deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable) << delivery.receipt.error().detail;
    }
}

TEST(SmtpChannel, ARefusalOfTheRecipientOrTheMailIsFinal) {
    for (const auto member : {&SmtpScript::recipient, &SmtpScript::data, &SmtpScript::mail}) {
        SmtpScript script;
        script.*member = "550 5.1.1 nurse@ward.example: no such user";
        const auto delivery = MailHouse(script).deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::rejected) << delivery.receipt.error().detail;
        EXPECT_EQ(delivery.receipt.error().provider_code, 550);
        EXPECT_THAT(delivery.receipt.error().detail, Not(HasSubstr("nurse")));
    }
}

TEST(SmtpChannel, ARefusalOfUsCanBeSetRight) {
    for (const auto member : {&SmtpScript::greeting, &SmtpScript::hello, &SmtpScript::sender}) {
        SmtpScript script;
        script.*member = "554 5.7.1 not you";
        const auto delivery = MailHouse(script).deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable) << delivery.receipt.error().detail;
    }
}

TEST(SmtpChannel, AServerThatHangsIsLeftAtTheDeadline) {
    for (const auto step :
         {SmtpStep::greeting, SmtpStep::hello, SmtpStep::sender, SmtpStep::recipient, SmtpStep::data, SmtpStep::mail}) {
        MailHouse house(SmtpScript{.hangs_at = step});
        const auto began = std::chrono::steady_clock::now();
        const auto delivery = house.deliver(sample_notification(), 400ms);
        EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
        ASSERT_TRUE(delivery.receipt.has_error());
        // Once the whole mail is there nobody knows.
        const auto expected = step == SmtpStep::mail ? Errc::timed_out : Errc::unavailable;
        EXPECT_EQ(delivery.receipt.error().code, expected) << static_cast<int>(step);
    }
}

TEST(SmtpChannel, AConnectionThatBreaksIsTriedAgain) {
    for (const auto step :
         {SmtpStep::greeting, SmtpStep::hello, SmtpStep::sender, SmtpStep::recipient, SmtpStep::data, SmtpStep::mail}) {
        MailHouse house(SmtpScript{.drops_at = step});
        const auto delivery = house.deliver();
        ASSERT_TRUE(delivery.receipt.has_error());
        const auto expected = step == SmtpStep::mail ? Errc::timed_out : Errc::unavailable;
        EXPECT_EQ(delivery.receipt.error().code, expected)
            << static_cast<int>(step) << " " << delivery.receipt.error().detail;
    }
}

TEST(SmtpChannel, WorksAgainWhenTheServerIsBack) {
    MailHouse house;
    house.server.next({.drops_at = SmtpStep::greeting});
    EXPECT_TRUE(house.deliver().receipt.has_error());
    EXPECT_TRUE(house.deliver().receipt.has_value());
}

TEST(SmtpChannel, NobodyListens) {
    MailHouse house;
    {
        tests::FakeSmtpServer gone;
        house.settings.port = gone.port();
    }
    const auto delivery = house.deliver();
    ASSERT_TRUE(delivery.receipt.has_error());
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable);
}

TEST(SmtpChannel, HostileRecipientsReachNoServer) {
    MailHouse house;
    for (const auto* const hostile : {"", "a@b.example>\r\nRCPT TO:<c@d.example", "a@b.example\r\nBcc: c@d.example",
                                      "<a@b.example>", "a@b.example,c@d.example", "\xFF@b.example"}) {
        const auto delivery = house.deliver(sample_notification(domain::Channel::email, hostile));
        ASSERT_TRUE(delivery.receipt.has_error());
        EXPECT_EQ(delivery.receipt.error().code, Errc::invalid_input);
    }
    const auto huge = house.deliver(sample_notification(domain::Channel::email, std::string(1'000'000, 'a') + "@b"));
    EXPECT_EQ(huge.receipt.error().code, Errc::invalid_input);
    EXPECT_EQ(house.server.sessions(), 0);
}

TEST(SmtpChannel, AFullPoolIsTriedAgain) {
    MailHouse house;
    async::BlockingPool none(0, 0);
    SmtpChannel channel(house.settings, none, house.clock);
    const auto delivery = tests::run(channel.deliver(sample_message(), Deadline::in(5s)));
    EXPECT_EQ(delivery.receipt.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace carevoice::notify
