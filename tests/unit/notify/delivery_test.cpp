// The whole way of an alert: stored with a turn in a real database, carried by real channels, climbed by the escalator.
#include "notification_samples.h"
#include "notify/dispatcher.h"
#include "notify/escalator.h"
#include "notify/in_app_channel.h"
#include "notify/sms_channel.h"
#include "notify/smtp_channel.h"
#include "support/counting_metrics.h"
#include "support/fake_smtp_server.h"
#include "support/fake_telephony.h"
#include "support/virtual_clock.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <map>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;
namespace asio = async::asio;
using domain::Severity;
using storage::DeliveryState;
using testing::HasSubstr;
using tests::SmtpScript;
using tests::SmtpStep;

SmtpSettings mail_settings(const tests::FakeSmtpServer& server) {
    SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = server.port();
    settings.from = "alerts@hospital.example";
    return settings;
}

/// One thread: each step runs to its end.
struct Ward {
    Ward() {
        domain::Patient patient;
        patient.patient_id = PatientId("patient-7");
        patient.first_name = "Ruth";
        patient.last_name = "Albrecht";
        patient.date_of_birth = parse_date("1957-03-14").value();
        patient.phone = "+14155550101";
        patient.time_zone = "America/Chicago";
        (void)database->patients().insert(patient).value();
        domain::Call call;
        call.call_session_id = CallSessionId("call-1");
        call.patient_id = patient.patient_id;
        call.created_at = clock.wall_now();
        (void)database->calls().insert(call).value();
    }
    ~Ward() { (void)run(stop_all()); }

    async::Task<int> stop_all() {
        co_await dispatcher.stop();
        co_await escalator.stop();
        co_return 0;
    }

    template <class T>
    T run(async::Task<T> work) {
        auto done = asio::co_spawn(context, std::move(work), asio::use_future);
        context.restart();
        context.run();
        return done.get();
    }

    void raise(Severity severity) {
        storage::TurnRecord record{.call_session_id = CallSessionId("call-1"), .now = clock.wall_now()};
        record.alerts = {{.type = domain::AlertType::wound_problem,
                          .severity = severity,
                          .evidence = {.text = "there's pus", .audio_ms = 12'000, .rule = "W1"}}};
        record.plan = [this](const domain::Alert& alert) {
            return domain::plan_alert(alert, sample_ladder(), record_time, record_time);
        };
        record_time = clock.wall_now();
        (void)database->conversations().record(record, [] { return AlertId("alert-1"); }).value();
    }
    /// Rounds until nothing is due, letting `span` pass in steps.
    void let_pass(milliseconds span) {
        for (const WallTime end = clock.wall_now() + span; clock.wall_now() <= end; clock.advance(span / 20)) {
            (void)run(escalator.escalate_due()).value();
            while (run(dispatcher.deliver_due()).value() > 0) {
            }
        }
    }
    std::map<std::string, DeliveryState> states() {
        std::map<std::string, DeliveryState> states;
        const auto page = database->outbox().list({}, {.limit = 100, .cursor = {}}).value();
        for (const auto& item : page.items)
            states[std::string(to_string(item.notification.channel)) + " " + std::to_string(item.notification.level)] =
                item.state;
        return states;
    }

    tests::VirtualClock clock;
    WallTime record_time{};
    SeededRandom random{3};
    tests::CountingMetrics metrics;
    std::unique_ptr<storage::Database> database = storage::open_database("sqlite::memory:", 1).value();
    asio::io_context context;
    async::BlockingPool pool{1, 64};
    tests::FakeSmtpServer mail_server;
    tests::FakeTelephony telephony;
    std::vector<AlertId> seen;
    AsyncOutbox outbox{database->outbox(), database->alerts(),
                       [](const domain::Alert&) -> Result<domain::CareLadder> { return sample_ladder(); }, pool};
    InAppChannel wall{[this](const AlertId& id) { seen.push_back(id); }};
    SmtpChannel email{mail_settings(mail_server), pool, clock};
    SmsChannel sms{telephony, "+12125550100"};
    Dispatcher dispatcher{{.executor = context.get_executor(),
                           .outbox = outbox,
                           .channels = {&wall, &email, &sms},
                           .clock = clock,
                           .random = random,
                           .metrics = metrics},
                          {.worker = "worker-1", .wording = sample_wording()}};
    Escalator escalator{{.executor = context.get_executor(),
                         .outbox = outbox,
                         .clock = clock,
                         .metrics = metrics,
                         .on_queued = [this] { dispatcher.nudge(); }},
                        {}};
};

TEST(Delivery, AnAlertReachesTheNurseEveryWay) {
    Ward ward;
    ward.raise(Severity::high);
    ward.let_pass(1s);
    EXPECT_EQ(ward.seen, std::vector{AlertId("alert-1")});
    ASSERT_EQ(ward.mail_server.mails().size(), 1U);
    EXPECT_EQ(ward.mail_server.mails()[0].to, "nurse@ward.example");
    ASSERT_EQ(ward.telephony.messages.size(), 1U);
    EXPECT_THAT(ward.telephony.messages[0].body, HasSubstr("https://voice.example.org/alerts/alert-1"));
    for (const auto& [name, state] : ward.states()) EXPECT_EQ(state, DeliveryState::delivered) << name;
}

TEST(Delivery, AMailServerThatIsDownIsStoodInForAndFoundBack) {
    Ward ward;
    ward.mail_server.set_usual({.drops_at = SmtpStep::greeting});
    ward.raise(Severity::moderate);
    ward.let_pass(40s);
    ASSERT_EQ(ward.telephony.messages.size(), 1U) << "the backup";
    EXPECT_EQ(ward.telephony.messages[0].to, "+14155550111");
    EXPECT_EQ(ward.states()["email 0"], DeliveryState::queued);
    ward.mail_server.set_usual({});
    ward.let_pass(10min);
    EXPECT_EQ(ward.states()["email 0"], DeliveryState::delivered);
    EXPECT_EQ(ward.mail_server.mails().size(), 1U);
    EXPECT_EQ(ward.telephony.messages.size(), 1U);
}

TEST(Delivery, ARefusedAddressIsADeadLetterAndStoodInForAtOnce) {
    Ward ward;
    SmtpScript refuses;
    refuses.recipient = "550 5.1.1 no such user";
    ward.mail_server.set_usual(refuses);
    ward.raise(Severity::moderate);
    ward.let_pass(20ms);
    EXPECT_EQ(ward.telephony.messages.size(), 1U);
    EXPECT_EQ(ward.mail_server.sessions(), 1);
    const auto dead = ward.database->outbox().list({.state = DeliveryState::dead}, {.limit = 10, .cursor = {}});
    ASSERT_EQ(dead->items.size(), 1U);
    EXPECT_EQ(dead->items[0].last_error, "the mail server refused the recipient (550)");
}

TEST(Delivery, AMailTakenByAServerThatThenFellSilentKeepsItsId) {
    Ward ward;
    ward.mail_server.next({.drops_at = SmtpStep::mail});
    ward.raise(Severity::moderate);
    ward.let_pass(10s);
    const auto mails = ward.mail_server.mails();
    ASSERT_EQ(mails.size(), 2U);
    const auto id = [](const std::string& mail) {
        const auto at = mail.find("Message-ID: ");
        return mail.substr(at, mail.find("\r\n", at) - at);
    };
    EXPECT_EQ(id(mails[0].bytes), id(mails[1].bytes));
    EXPECT_EQ(ward.states()["email 0"], DeliveryState::delivered);
}

TEST(Delivery, NobodyAnswersSoTheSurgeonIsTold) {
    Ward ward;
    ward.raise(Severity::high);
    ward.let_pass(1s);
    ward.clock.advance(4h);
    ward.let_pass(1s);
    const auto mails = ward.mail_server.mails();
    ASSERT_EQ(mails.size(), 2U);
    EXPECT_EQ(mails[1].to, "surgeon@ward.example");
    EXPECT_THAT(mails[1].bytes, HasSubstr("still unanswered"));
    EXPECT_EQ(ward.telephony.messages.size(), 2U);
    EXPECT_EQ(ward.states()["email 1"], DeliveryState::delivered);
}

TEST(Delivery, AcknowledgingStopsTheEscalation) {
    Ward ward;
    ward.raise(Severity::high);
    ward.let_pass(1s);
    (void)ward.database->alerts()
        .set_status(AlertId("alert-1"), domain::AlertStatus::acknowledged, ward.clock.wall_now(), "nurse")
        .value();
    ward.clock.advance(24h);
    ward.let_pass(1s);
    EXPECT_EQ(ward.mail_server.mails().size(), 1U);
    EXPECT_EQ(ward.telephony.messages.size(), 1U);
}

}  // namespace
}  // namespace carevoice::notify
