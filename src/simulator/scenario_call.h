// One scenario: the patient is made known, called, listened to, and the call is judged.
#pragma once

#include "async/bounded_queue.h"
#include "simulator/conversation_printer.h"
#include "simulator/scenario_runner.h"

#include <memory>
#include <optional>
#include <string>

namespace carevoice::simulator {

struct ScenarioCallOptions {
    std::string call_session_id;
    std::string phone;
    std::string mode;
    std::uint64_t seed = 1;
    milliseconds call_limit{600'000};
    CheckOptions checks;
};

/// Runs in one coroutine; its observer and parties report through a queue.
class ScenarioCall {
public:
    ScenarioCall(std::shared_ptr<const Scenario> scenario, ScenarioCallOptions options, RunParts parts,
                 std::shared_ptr<ServiceClient> service, ConversationPrinter printer);

    async::Task<ScenarioReport> run();

private:
    /// What the line and the patient report, in order.
    struct Report {
        CallEvent event;
        std::string topic = {};     ///< of an answer that is about to be said
        std::string recorded = {};  ///< by a machine
        bool is_answer = false;
        bool is_recording = false;
    };
    using Reports = async::BoundedQueue<Report>;

    async::Task<Result<>> dial();
    async::Task<Result<SharedClip>> prepare_voice();
    async::Task<> follow();
    async::Task<> take_event(CallEvent event);
    async::Task<> print_patient();
    async::Task<> collect();
    void judge();
    [[nodiscard]] PhoneBook::Answer who_answers(SharedClip greeting);
    [[nodiscard]] milliseconds since_answer(SteadyTime at) const;
    [[nodiscard]] bool measures_latency() const;

    std::shared_ptr<const Scenario> scenario_;
    ScenarioCallOptions options_;
    RunParts parts_;
    std::shared_ptr<ServiceClient> service_;
    ConversationPrinter printer_;
    std::shared_ptr<Reports> reports_ = std::make_shared<Reports>(4096);
    ScenarioReport report_;
    SteadyTime answered_at_{};
    std::optional<SteadyTime> answer_sent_at_;
    std::string topic_;  ///< of the answer being said
    std::string greeting_text_;
    std::optional<SpokenPiece> unprinted_;  ///< by the patient: waits for what was heard of it
    std::size_t turns_printed_ = 0;
    bool over_ = false;
};

}  // namespace carevoice::simulator
