// Whole calls: real HTTP, real WebSocket, real audio, real Whisper.
#include "integration/simulated_call.h"

#include "core/text.h"
#include "support/fake_smtp_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

namespace carevoice::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string status_field(const simulator::ScenarioReport& report, const char* name) {
    const auto* const value = report.evidence.status.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// What a reader of the mail sees: its base64 parts as text.
std::string decoded_parts(const std::string& mail) {
    constexpr std::string_view begin = "base64\r\n\r\n";
    std::string text;
    for (auto at = mail.find(begin); at != std::string::npos; at = mail.find(begin, at)) {
        at += begin.size();
        std::string lines = mail.substr(at, mail.find("\r\n--", at) - at);
        std::erase_if(lines, [](char c) { return c == '\r' || c == '\n'; });
        std::vector<std::uint8_t> bytes;
        EXPECT_TRUE(base64_decode(lines, bytes));
        text.append(bytes.begin(), bytes.end());
    }
    return text;
}

std::size_t turns_of(const simulator::ScenarioReport& report, std::string_view speaker) {
    std::size_t count = 0;
    for (const auto& turn : report.evidence.transcript.at("turns").as_array())
        count += turn.at("speaker").as_string() == speaker ? 1 : 0;
    return count;
}

TEST(SimulatedCall, AHighPainIsHeardReadBackAndAlerted) {
    SimulatedHouse house;
    const auto report = house.play("sc-02");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    EXPECT_EQ(status_field(report, "status"), "completed");
}

TEST(SimulatedCall, AHighPainReachesTheCareTeamWithoutAWordOfIt) {
    FakeSmtpServer mail_server;
    SimulatedHouse house({.adjust = [&](app::Settings& settings) {
        settings.smtp_host = "127.0.0.1";
        settings.smtp_port = mail_server.port();
        settings.alert_from_email = "alerts@example.org";
        settings.care_team_emails = {"ward@example.org"};
    }});
    const auto report = house.play("sc-02");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    // The call took longer than the mail may, and nothing here waits for it.
    const auto mails = mail_server.mails();
    ASSERT_FALSE(mails.empty());
    for (const auto& mail : mails) {
        EXPECT_EQ(mail.to, "ward@example.org");
        const auto readable = mail.bytes + decoded_parts(mail.bytes);
        EXPECT_THAT(readable, HasSubstr("/alerts/alert-"));
        for (const auto* secret : {"Darnell", "Pickett", "pain", "eight"})
            EXPECT_THAT(readable, Not(HasSubstr(secret)));
    }
}

TEST(SimulatedCall, AWrongPersonHearsNothingAboutHealth) {
    SimulatedHouse house;
    EXPECT_THAT(house.play("sc-07").broken, IsEmpty()) << house.conversation;
}

TEST(SimulatedCall, AVoicemailGetsAMessageWithoutHealthWords) {
    SimulatedHouse house;
    EXPECT_THAT(house.play("sc-08").broken, IsEmpty()) << house.conversation;
}

TEST(SimulatedCall, GatherModeGetsThroughTheWholeProtocol) {
    SimulatedHouse house;
    EXPECT_THAT(house.play("sc-03", "gather").broken, IsEmpty()) << house.conversation;
}

TEST(SimulatedCall, WithoutModelsTheServiceStartsSaysSoAndGathers) {
    HouseOptions options;
    options.models_dir = "/nonexistent";
    SimulatedHouse house(options);
    ASSERT_FALSE(house.service->missing_parts().empty());
    EXPECT_NE(house.service->missing_parts()[0].find("./dev setup"), std::string::npos);
    EXPECT_THAT(house.play("sc-01").broken, IsEmpty()) << house.conversation;
}

TEST(SimulatedCall, AStreamThatCannotOpenFallsBackToGather) {
    SimulatedHouse house;
    simulator::Faults faults;
    faults.stream_refused = 1;
    house.twilio->set_faults(faults);
    const auto report = house.play("sc-02");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
}

TEST(SimulatedCall, AStreamThatDiesIsReplacedAndTheCallGoesOn) {
    SimulatedHouse house;
    simulator::Faults faults;
    faults.stream_lost = 1;
    faults.stream_lost_after = std::chrono::seconds(4);
    house.twilio->set_faults(faults);
    const auto report = house.play("sc-02");
    EXPECT_EQ(status_field(report, "status"), "completed") << house.conversation;
    EXPECT_EQ(status_field(report, "outcome"), "completed") << house.conversation;
}

TEST(SimulatedCall, CallbacksDoubledLateAndReorderedAreHarmless) {
    SimulatedHouse house;
    simulator::Faults faults;
    faults.callback_doubled = 0.7;
    faults.callback_late = 0.5;
    faults.callback_reordered = 0.5;
    house.twilio->set_faults(faults);
    const auto report = house.play("sc-07");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    EXPECT_EQ(status_field(report, "status"), "completed");
}

TEST(SimulatedCall, ACreateThatNeverAnswersIsAdoptedAndNotDialledTwice) {
    SimulatedHouse house;
    simulator::Faults faults;
    faults.create_never_answers = 1;
    faults.creates_left = 1;
    house.twilio->set_faults(faults);
    const auto report = house.play("sc-07");
    EXPECT_EQ(status_field(report, "status"), "completed") << house.conversation;
}

TEST(SimulatedCall, AHangUpInMidCallKeepsWhatWasSaid) {
    SimulatedHouse house;
    const auto report = house.play("sc-10");
    EXPECT_THAT(report.broken, IsEmpty()) << house.conversation;
    EXPECT_GE(turns_of(report, "patient"), 2U);
    EXPECT_NE(status_field(report, "outcome"), "");
}

}  // namespace
}  // namespace carevoice::tests
