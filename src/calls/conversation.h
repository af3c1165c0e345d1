// Understanding: one event of the call in, the next move out, everything learned stored in between.
#pragma once

#include "ai/reply_writer.h"
#include "ai/summary_writer.h"
#include "async/blocking_pool.h"
#include "async/task.h"
#include "calls/async_store.h"
#include "calls/call_watcher.h"
#include "calls/earlier_calls.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/time.h"
#include "domain/concepts.h"
#include "domain/dialogue.h"
#include "storage/repositories.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::calls {

/// When and how surely the patient said it.
struct PatientSpeech {
    std::string text;
    double confidence = 1;
    milliseconds duration{0};
    milliseconds ended_ago{0};  ///< from its last syllable to now
    std::optional<std::int64_t> audio_ms;
    bool interrupted = false;
};

/// What the conversation needs from the house; all outlive it.
struct ConversationDeps {
    const domain::Dialogue& dialogue;
    AsyncStore& store;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    const domain::SecondReader* second_reader = nullptr;  ///< nullptr: the rules read alone
    async::BlockingPool* reading_pool = nullptr;          ///< where it reads; set together with it
    ai::ReplyWriter* reply_writer = nullptr;              ///< nullptr: our own wording, always
    ai::SummaryWriter* summary_writer = nullptr;          ///< nullptr: our own summary, always
    /// Who is told of an alert; empty: only the wall. Pure, thread-safe.
    std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> plan_alert = {};
    /// Notifications were stored. Any thread.
    std::function<void()> on_notifications = {};
    CallWatcher* watcher = nullptr;  ///< nullptr: nobody looks
};

/// The dialogue of one call with its memory. Not thread-safe, and one take() at a time: the call's strand and mutex.
class Conversation {
public:
    /// Goes on from `call.dialogue_state` when there is one. Pain scores that came with the call's request count more
    /// than those of `earlier`.
    static Result<Conversation> open(ConversationDeps deps, const domain::Call& call, domain::Patient patient,
                                     std::string organisation, std::string callback_number, EarlierCalls earlier = {});

    /// Steps the dialogue and stores the turn (words, facts, alerts, state) before it returns the move, so that nothing
    /// is spoken that is not kept. Where the dialogue leaves the wording open a chat model may find better words, for
    /// at most 1.2 s, after the patient's own words and all alerts are stored. When the database is away the call goes
    /// on and the record waits its turn, in order. With `may_speak` false the move's words are not written down: nobody
    /// will hear them.
    async::Task<domain::Move> take(domain::DialogueEvent event, std::optional<PatientSpeech> speech,
                                   bool may_speak = true);

    /// Tries to store what still waits. Errc::unavailable when some could not be written by the deadline.
    async::Task<Result<>> flush(Deadline deadline);

    [[nodiscard]] const domain::DialogueState& state() const noexcept { return state_; }
    [[nodiscard]] const domain::Move& last_move() const noexcept { return last_move_; }
    [[nodiscard]] const domain::Patient& patient() const noexcept { return *patient_; }
    [[nodiscard]] bool begun() const noexcept { return begun_; }
    /// Another instance follows this call by now: nothing that happens here is stored any more, nor may it be spoken.
    [[nodiscard]] bool taken_over() const noexcept { return taken_over_; }

    /// The nurse's summary over the alerts stored so far.
    async::Task<std::string> summary();
    /// The same statements as a chat model arranges them; nullopt when none is there, or none does it well in time.
    async::Task<std::optional<std::string>> polished(std::string summary);

private:
    Conversation(ConversationDeps deps, CallSessionId id, std::unique_ptr<domain::Patient> patient,
                 domain::DialogueContext context);

    /// What a second reader finds, or nothing when there is none, it is overloaded, or it takes too long.
    async::Task<std::vector<domain::ConceptFinding>> read_again(std::string words, std::string question);
    domain::DialogueStep step(const domain::DialogueEvent& event);
    void count_topics() const;  ///< at the end of the call
    async::Task<> keep(storage::TurnRecord record);
    /// Lets a chat model word `move`, and takes what it found. The move that counts then.
    async::Task<domain::Move> word(domain::Move move, domain::DialogueEvent event, std::string topic_before,
                                   std::vector<std::uint32_t> heard_before);
    void remember(domain::Speaker speaker, const std::string& text);

    storage::TurnRecord make_record(const domain::DialogueStep& step);
    static void add_patient_turn(storage::TurnRecord& record, const PatientSpeech& speech, std::string topic);
    void add_assistant_turn(storage::TurnRecord& record, const domain::Move& move, domain::Wording wording);
    async::Task<Result<>> write_front();
    void tell_watcher(storage::TurnRecord record, const storage::TurnStored& stored) const;

    ConversationDeps deps_;
    CallSessionId id_;
    std::unique_ptr<domain::Patient> patient_;  ///< on the heap: the context points at it and conversations move
    domain::DialogueContext context_;
    domain::DialogueState state_;
    domain::Move last_move_;
    bool begun_ = false;
    bool taken_over_ = false;
    std::int64_t owner_epoch_ = 0;
    std::int64_t records_ = 0;                   ///< made so far, to name the next one
    std::vector<ai::RecentTurn> recent_;         ///< since identity was verified, the last few, for a chat model
    std::deque<storage::TurnRecord> unwritten_;  ///< at most unwritten_max; then the oldest is dropped and counted
};

}  // namespace carevoice::calls
