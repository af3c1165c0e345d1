#include "simulator/patient.h"

#include "async/task_group.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>

namespace carevoice::simulator {
namespace {

class FixedTopic final : public TopicSource {
public:
    async::Task<Result<std::string>> current_topic() override {
        if (down) co_return Error{Errc::unavailable, "down"};
        co_return topic;
    }
    std::string topic = "pain_score";
    bool down = false;
};

class RecordingLine final : public Line {
public:
    SteadyTime speak(SharedClip clip, std::string text, double) override {
        said.push_back(std::move(text));
        at.push_back(std::chrono::steady_clock::now());
        return at.back() + clip->length();
    }
    void press(char) override {}
    void hang_up() override { hung_up = true; }
    std::vector<std::string> said;
    std::vector<SteadyTime> at;
    bool hung_up = false;
};

class PatientTest : public ::testing::Test {
protected:
    PatientTest() {
        scenario->answers["pain_score"] = {"A four."};
        scenario->answers["consent"] = {"Yes."};
        scenario->default_answers = {"What?"};
    }

    /// Lets `script` run against a living party, then closes it.
    void converse(Party& party, std::function<async::Task<>()> script) {
        bool finished = false;
        group.spawn(io.get_executor(), party.live(line));
        auto conduct = [&]() -> async::Task<> {
            co_await script();
            party.close();
            co_await group.stop();
            finished = true;
        };
        boost::asio::co_spawn(io, conduct(), [](const std::exception_ptr&) {});
        io.run_for(std::chrono::seconds(20));
        ASSERT_TRUE(finished);
    }
    async::Task<> until(std::function<bool()> holds) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!holds() && std::chrono::steady_clock::now() < give_up) co_await async::sleep_for(milliseconds{2});
        EXPECT_TRUE(holds());
    }
    std::shared_ptr<Patient> patient() {
        return std::make_shared<Patient>(PatientParts{scenario, topics, voices, {}}, 5);
    }
    static SteadyTime soon() { return std::chrono::steady_clock::now() + milliseconds{10}; }

    boost::asio::io_context io{1};
    std::shared_ptr<Scenario> scenario = std::make_shared<Scenario>();
    std::shared_ptr<FixedTopic> topics = std::make_shared<FixedTopic>();
    VoiceCache voices{nullptr, {}};
    RecordingLine line;
    async::TaskGroup group{"test"};
};

TEST_F(PatientTest, AnswersAMomentAfterTheVoice) {
    const auto one = patient();
    SteadyTime ended;
    converse(*one, [&]() -> async::Task<> {
        one->voice_begins("How bad is the pain?", soon());
        ended = std::chrono::steady_clock::now();
        one->voice_ends(false);
        co_await until([&] { return line.said.size() == 1; });
    });
    EXPECT_EQ(line.said, std::vector<std::string>{"A four."});
    EXPECT_GE(line.at[0] - ended, milliseconds{290});
    EXPECT_LE(line.at[0] - ended, milliseconds{800});
}

TEST_F(PatientTest, WaitsForTheSecondSentence) {
    const auto one = patient();
    SteadyTime ended;
    converse(*one, [&]() -> async::Task<> {
        one->voice_begins("I see.", soon());
        one->voice_ends(false);
        co_await async::sleep_for(milliseconds{100});
        one->voice_begins("How bad is the pain?", soon());
        co_await async::sleep_for(milliseconds{700});
        EXPECT_TRUE(line.said.empty());
        ended = std::chrono::steady_clock::now();
        one->voice_ends(false);
        co_await until([&] { return line.said.size() == 1; });
    });
    EXPECT_GE(line.at[0] - ended, milliseconds{290});
}

TEST_F(PatientTest, BargesIntoTheVoiceAndAnswersOnce) {
    scenario->behaviour.barge_in = true;
    const auto one = patient();
    converse(*one, [&]() -> async::Task<> {
        const auto begun = std::chrono::steady_clock::now();
        one->voice_begins("A long sentence", begun + milliseconds{300});
        co_await until([&] { return line.said.size() == 1; });
        EXPECT_LT(line.at[0] - begun, milliseconds{290});
        one->voice_ends(true);
        co_await async::sleep_for(milliseconds{1200});
        EXPECT_EQ(line.said.size(), 1U);
    });
}

TEST_F(PatientTest, HangsUpOneTurnAfterTheTopic) {
    scenario->behaviour.hangs_up_after = "consent";
    topics->topic = "consent";
    const auto one = patient();
    converse(*one, [&]() -> async::Task<> {
        one->voice_begins("May we record?", soon());
        one->voice_ends(false);
        co_await until([&] { return line.said.size() == 1; });
        EXPECT_FALSE(line.hung_up);
        one->voice_begins("Thank you.", soon());
        one->voice_ends(false);
        co_await until([&] { return line.hung_up; });
    });
    EXPECT_EQ(line.said.size(), 1U);
}

TEST_F(PatientTest, IsSilentWhenNothingIsAskedOrTheTopicIsMetWithSilence) {
    scenario->behaviour.silent_on = {"pain_score"};
    const auto one = patient();
    converse(*one, [&]() -> async::Task<> {
        one->voice_begins("How bad is the pain?", soon());
        one->voice_ends(false);
        co_await async::sleep_for(milliseconds{900});
        topics->topic.clear();
        one->voice_begins("Goodbye.", soon());
        one->voice_ends(false);
        co_await async::sleep_for(milliseconds{900});
    });
    EXPECT_TRUE(line.said.empty());
}

TEST_F(PatientTest, FallsBackToTheDefaultWhenTheServiceIsDown) {
    topics->down = true;
    const auto one = patient();
    converse(*one, [&]() -> async::Task<> {
        one->voice_begins("How bad is the pain?", soon());
        one->voice_ends(false);
        co_await until([&] { return line.said.size() == 1; });
    });
    EXPECT_EQ(line.said, std::vector<std::string>{"What?"});
}

TEST_F(PatientTest, MachineRecordsAfterItsBeepOnly) {
    std::vector<std::string> recorded;
    AnsweringMachine machine(make_babble(milliseconds{100}), "Leave a message.", milliseconds{300},
                             [&](std::string text) { recorded.push_back(std::move(text)); });
    EXPECT_TRUE(machine.verdict().machine);
    converse(machine, [&]() -> async::Task<> {
        machine.voice_begins("Too early.", soon());
        co_await async::sleep_for(machine.verdict().greeting_ends + milliseconds{100});
        machine.voice_begins("Please call us back.", soon());
        co_await until([&] { return recorded.size() == 1; });
    });
    EXPECT_EQ(line.said, (std::vector<std::string>{"Leave a message.", "(beep)"}));
    EXPECT_EQ(recorded, std::vector<std::string>{"Please call us back."});
}

TEST(VoiceCache, KnowsWhatCanBeSpoken) {
    EXPECT_TRUE(is_speakable("mm"));
    EXPECT_FALSE(is_speakable(""));
    EXPECT_FALSE(is_speakable("..."));
    EXPECT_FALSE(is_speakable("[BLANK_AUDIO]"));
}

TEST(VoiceCache, CutsSilenceAndSetsTheLoudness) {
    speech::SpokenAudio audio{std::vector<float>(8000, 0.0F), 8000};
    for (std::size_t i = 2000; i < 4000; ++i) audio.samples[i] = i % 2 == 0 ? 0.9F : -0.9F;
    const auto clip = make_clip(audio, 1);
    // The sound, and 100 ms around it in which a consonant may hide.
    EXPECT_NEAR(static_cast<double>(clip->mulaw.size()), 2800.0, 40.0);
    EXPECT_TRUE(make_clip(speech::SpokenAudio{std::vector<float>(800, 0.0F), 8000}, 1)->mulaw.empty());
}

TEST(MannerOf, FollowsThePersona) {
    Scenario scenario;
    scenario.persona.voice = "elderly, soft, pauses";
    EXPECT_LT(manner_of(scenario).speed, 1);
    EXPECT_LT(manner_of(scenario).volume, 1);
}

}  // namespace
}  // namespace carevoice::simulator
