// One event of one call, taken through the protocol. Lives for a single Dialogue::step.
//
// Most alerts come from the clinical reader. The dialogue raises a few of its own, all of type patient_concern and low
// unless said otherwise: C3 a call-back or a person was asked for; U1 two topics in a row were not understood; S1 the
// patient fell silent; T1 a teach-back was incomplete after its last try; U2 a bare "yes" to a closed question about
// a trouble; C2 a positive PHQ-2 (moderate); and those that a follow-up question names in its protocol (E8 head hit in
// a fall, critical; M2 cannot stand since a fall, high).
#pragma once

#include "domain/dialogue.h"
#include "domain/dialogue/protocol.h"
#include "domain/dialogue/speech.h"
#include "domain/understanding.h"

#include <optional>
#include <string>
#include <string_view>

namespace carevoice::domain::dialogue {

/// All that was loaded. `reader` outlives it.
struct ProtocolBook {
    Protocol followup;
    Protocol enrollment;
    Protocol education;
    WordingBook wording;
    const ClinicalReader* reader = nullptr;

    [[nodiscard]] const Protocol& of(CallType type) const;
};

/// Events after which a call ends whatever is said: a guard, far above what a real call needs.
inline constexpr int events_max = 150;

class Conversation {
public:
    Conversation(const ProtocolBook& book, DialogueState& state, const DialogueContext& context);

    /// Once only.
    DialogueStep take(const DialogueEvent& event);

private:
    // conversation.cpp: events, alerts, the end
    void take_words(const std::string& text);
    void take_key(const DialogueEvent& event);
    void take_silence();
    void run_out_of_time();
    void take_hang_up();
    void take_after_end(const DialogueEvent& event);
    void take_in_crisis(const Understanding& heard);
    [[nodiscard]] Understanding read(const std::string& text) const;
    void learn(const Understanding& heard);
    void raise(RaisedAlert alert);
    bool answer_emergency();
    void speak_emergency(const std::string& rule);
    void tell_about_alerts();
    void close();
    void end(CallOutcome outcome);

    // check.cpp: emergencies that only a second reader saw
    /// Asks the check question of `heard.to_check`. False when it was asked before in this call.
    bool begin_check(const Understanding& heard);
    /// The answer to it: anything but a clear no, or the thing itself denied, is an emergency. False when the words are
    /// one by themselves.
    bool take_check(const Understanding& heard);
    void take_second_thoughts(const std::string& text);

    // wishes.cpp: about the call itself
    /// True when the wish was the whole turn and `step_` is done.
    bool grant_wish(const Understanding& heard, const std::string& text);
    void repeat(bool slower);
    void stop_calling();
    void promise_nurse_call();
    void store_consents();

    // opening.cpp: until we know who it is
    void greet();
    void take_machine(std::string_view text);
    void wait_for_beep();
    void leave_voicemail();
    void take_opening(const Understanding& heard, const std::string& text);
    void verified(const Understanding& heard);
    void ask_identity(bool date_refused = false);
    [[nodiscard]] bool is_machine_greeting(const std::string& text) const;
    [[nodiscard]] bool is_wrong_number(const Understanding& heard, const std::string& text) const;

    // lesson.cpp: teach-back
    void take_lesson(const Topic& topic, const Understanding& heard, const std::string& text);
    void decline_lesson(const Topic& topic, const Topic& pending);
    /// Grades each key point by these words. True when they say or touch on any.
    bool grade_points(const Topic& topic, const std::string& padded);
    [[nodiscard]] std::vector<const KeyPoint*> points_to_explain(const Topic& topic) const;
    void explain_and_ask(const Topic& topic, const Topic& pending, const std::vector<const KeyPoint*>& missing);
    [[nodiscard]] int asked_in_lesson(const Topic& topic) const;

    // enrollment.cpp: the wishes of somebody who joins
    void read_back_wishes();
    /// Takes what was read back into the patient's record, unless these words say that something of it is wrong.
    void store_wishes(const std::string& text, bool corrected);
    void note_asides(const std::string& text);
    /// "That's right": enough of an answer where they were read back.
    [[nodiscard]] bool confirms_wishes(const Topic& topic, const std::string& text) const;
    /// True when the words correct something of what was read back.
    bool correct_wishes(const Topic& topic, const std::string& text, std::optional<bool> yes_no);

    // caller.cpp: who speaks, the patient or somebody for them
    /// Takes the identifiers in these words into the state.
    void hear_who(const std::string& text);
    [[nodiscard]] bool caregiver_may_answer() const;
    void take_other_person(bool absent);
    /// "Hold on, I'll get her." True when all there is to do is to wait.
    bool wait_for_patient(std::string_view padded);
    /// Somebody else took the phone in the middle of the call. True when the turn is done: they must give it back.
    bool take_over_by_other(const std::string& text);

    // mood.cpp: what somebody makes little of, and low mood
    void note_state_of_mind(const std::string& text);
    void add_probe(const Topic& after);
    void add_mood_questions(const Topic& after);
    /// The score of a PHQ-2 question, and of both. False when the answer is none of the four.
    bool take_mood_answer(const Topic& topic, const std::string& text);
    /// Pending, behind the one of that name. Not for a topic that this call has had.
    bool add_topic_after(std::string_view place, std::string_view topic);
    [[nodiscard]] std::string troubles_in_words() const;

    // trends.cpp: beside earlier calls
    void note_trend();
    void note_new_wound_signs();

    // topics.cpp: the questions
    void take_answer(const Understanding& heard, const std::string& text);
    void take_consent(const Topic& topic, const Understanding& heard);
    void take_read_back(const Topic& topic, const Understanding& heard);
    bool begin_read_back(const Topic& topic);
    bool apply_closed_answer(const Topic& topic, const Understanding& heard);
    bool answer_emergency_of_topic();
    void acknowledge(const Topic& topic, const Understanding& heard);
    /// "A six, so a bit more than last time."
    void acknowledge_score(int score);
    bool apply_plain_answer(const Topic& topic, const Understanding& heard, const std::string& text);
    void answered(const Topic& topic);
    void ask_again(const Topic& topic);
    [[nodiscard]] bool may_ask(const Topic& topic);
    void give_up(const Topic& topic);
    void add_follow_ups(const Topic& topic);
    void ask_next();
    void ask(const Topic& topic);
    void set_state(std::string_view topic, TopicState state);
    [[nodiscard]] bool holds(const Condition& condition) const;
    [[nodiscard]] bool is_known(const Topic& topic) const;
    [[nodiscard]] const Topic* current() const { return protocol_.find(state_.topic); }
    [[nodiscard]] std::optional<int> pain_score() const;
    void put(const std::string& fact, FactValue value);
    [[nodiscard]] bool all_important_known() const;

    /// Fills the move from what was said and the pending topic.
    void finish_move();

    const ProtocolBook& book_;
    const Protocol& protocol_;
    DialogueState& state_;
    const DialogueContext& context_;
    DialogueStep step_;
    Speech speech_;
    std::string words_;  ///< of this event, for evidence
    std::optional<std::int64_t> audio_ms_;
    std::vector<ConceptFinding> findings_;  ///< of other readers, in the words of this event
    bool overheard_ = false;                ///< these words began before the pending question could be heard
    bool fresh_low_concern_ = false;        ///< a low concern was raised by this event
    bool nurse_just_promised_ = false;      ///< in this very turn
    std::optional<milliseconds> patience_;  ///< another one than the pending question's
    bool exact_words_ = false;              ///< our words hold more than the question: nobody may word them anew
    bool repeating_ = false;                ///< our words hold the last ones again: keep those to repeat
};

/// The planned topics of a call, in order, all pending.
std::vector<TopicProgress> plan(const Protocol& protocol, const DialogueContext& context);

std::optional<double> number_fact(const Facts& facts, const std::string& name);
std::optional<bool> flag_fact(const Facts& facts, const std::string& name);
std::optional<std::string> text_fact(const Facts& facts, const std::string& name);

}  // namespace carevoice::domain::dialogue
