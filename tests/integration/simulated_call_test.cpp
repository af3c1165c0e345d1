// Whole calls: real HTTP, real WebSocket, real audio, real Whisper.
#include "integration/simulated_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <string>

namespace carevoice::tests {
namespace {

using testing::IsEmpty;

std::string status_field(const simulator::ScenarioReport& report, const char* name) {
    const auto* const value = report.evidence.status.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
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
