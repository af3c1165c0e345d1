// A patient (or a stranger) who listens to the voice and answers aloud.
#pragma once

#include "async/bounded_queue.h"
#include "core/random.h"
#include "simulator/answer_book.h"
#include "simulator/party.h"
#include "simulator/voice_cache.h"

#include <functional>
#include <memory>
#include <string>

namespace carevoice::simulator {

/// How the patient knows what was asked. A person understands the words; this one asks the service.
class TopicSource {
public:
    virtual ~TopicSource() = default;
    /// Empty when nothing is being asked.
    virtual async::Task<Result<std::string>> current_topic() = 0;
};

/// How a persona sounds.
struct Manner {
    double speed = 1;
    double volume = 1;
};
Manner manner_of(const Scenario& scenario);

struct PatientParts {
    std::shared_ptr<const Scenario> scenario;
    std::shared_ptr<TopicSource> topics;
    VoiceCache& voices;                                                       ///< outlives the patient
    std::function<void(std::string topic, std::string text)> on_answer = {};  ///< about to be said; may be empty
};

/// Answers 300 to 600 ms after the voice fell silent, once per turn of the voice; barges in, stays silent or hangs up
/// when the scenario says so.
class Patient final : public Party {
public:
    Patient(PatientParts parts, std::uint64_t seed);

    Pickup on_ring() override;
    async::Task<> live(Line& line) override;
    void voice_begins(std::string text, SteadyTime ends_at) override;
    void voice_ends(bool cut_off) override;
    void close() override { ears_.close(); }

private:
    struct Heard {
        bool begins = false;
        SteadyTime at{};
        SteadyTime ends_at{};
    };

    void take_in(const Heard& heard);
    async::Task<bool> react(Line& line);
    async::Task<std::string> find_topic();
    [[nodiscard]] SteadyTime after_a_moment(SteadyTime from);

    PatientParts parts_;
    SeededRandom random_;
    AnswerBook answers_;
    Manner manner_;
    async::BoundedQueue<Heard> ears_{256};
    bool owes_answer_ = false;  ///< the voice said something that was not answered yet
    bool leaving_ = false;      ///< hangs up instead of answering the next turn
    SteadyTime reply_at_ = SteadyTime::max();
    SteadyTime speaking_until_{};
};

/// A machine: greets, beeps, and records what is said from then on.
class AnsweringMachine final : public Party {
public:
    /// `on_recorded` gets each piece that the voice began to say after the beep.
    AnsweringMachine(SharedClip greeting, std::string greeting_text, milliseconds beep_after,
                     std::function<void(std::string)> on_recorded);

    Pickup on_ring() override { return Pickup::answers; }
    [[nodiscard]] Verdict verdict() const override;
    async::Task<> live(Line& line) override;
    void voice_begins(std::string text, SteadyTime ends_at) override;
    void voice_ends(bool) override {}
    void close() override { ears_.close(); }

private:
    SharedClip greeting_;
    std::string greeting_text_;
    milliseconds beep_after_;
    std::function<void(std::string)> on_recorded_;
    async::BoundedQueue<std::string> ears_{64};
    bool recording_ = false;
};

/// A telephone that nobody picks up.
class DeadPhone final : public Party {
public:
    explicit DeadPhone(Pickup pickup) : pickup_(pickup) {}
    Pickup on_ring() override { return pickup_; }
    async::Task<> live(Line&) override { co_return; }
    void voice_begins(std::string, SteadyTime) override {}
    void voice_ends(bool) override {}
    void close() override {}

private:
    Pickup pickup_;
};

}  // namespace carevoice::simulator
